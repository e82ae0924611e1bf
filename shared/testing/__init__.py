"""Real parts for tests: a broker and a database, picked once and shared."""
