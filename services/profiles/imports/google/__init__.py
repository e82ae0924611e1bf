"""Google Contacts as CSV."""

from services.profiles.imports.google.contacts import FORMAT

__all__ = ["FORMAT"]
