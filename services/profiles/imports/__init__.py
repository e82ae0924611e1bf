"""Readers of address books in other people's formats: bytes in, records and a report out, nothing else touched."""
