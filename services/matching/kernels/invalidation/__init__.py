"""Whom a change can concern."""
