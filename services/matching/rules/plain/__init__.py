"""The plain engine: keeps suggestions up to date by the rules themselves, and caches only what it must."""
