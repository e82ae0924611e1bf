"""One file a peer: what one could pick instead of an engine of our own."""
