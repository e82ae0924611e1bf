"""vCard 2.1, 3.0 and 4.0."""

from services.profiles.imports.vcard.cards import FORMAT

__all__ = ["FORMAT"]
