"""Openings, the organisations that post them, and the day."""
