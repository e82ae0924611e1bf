"""LinkedIn's exports: the list of connections, and the whole archive."""

from services.profiles.imports.linkedin.reader import FORMAT, parse

__all__ = ["FORMAT", "parse"]
