"""`warmpath demo`: an example network and one person's story on the real stack, or your own contacts."""
