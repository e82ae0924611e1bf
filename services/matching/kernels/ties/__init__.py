"""What a tie is worth: evidence, both arcs derived from it, and mutual contacts."""
