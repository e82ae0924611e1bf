"""How tokens are stored: as hashes only."""

import hashlib


def hash_token(token: str) -> str:
    """How a token is stored: SHA-256 in hex. Tokens are long and random, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
