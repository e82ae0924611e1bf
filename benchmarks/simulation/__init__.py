"""A year of asking for introductions, simulated under three policies: `make simulate`."""
