"""How a token is kept: never itself."""

import hashlib


def hash_token(token: str) -> str:
    """What is stored: SHA-256 in hex. The tokens are random and long, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
