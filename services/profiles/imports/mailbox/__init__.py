"""Mailboxes as files (mbox), such as Google Takeout gives."""

from services.profiles.imports.mailbox.people import FORMAT

__all__ = ["FORMAT"]
