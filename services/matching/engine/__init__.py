"""The fast engine: columns that hold the state, and the steps that keep the live suggestions up to date."""
