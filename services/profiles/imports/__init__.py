"""Readers of address books and résumés in other people's formats: bytes in, a report out, nothing else touched."""
