"""Builds our tables from open data: `make vocabulary`. What was taken from where is in `docs/vocabulary.md`."""
