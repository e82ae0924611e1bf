"""`warmpath demo`: an example network, one person's story on the real stack, or your own file alone."""
