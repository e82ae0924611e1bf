"""The matcher's state as columns: who owns which arrays, and how they are kept up."""
