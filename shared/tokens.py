"""How tokens and other secrets are stored: as hashes only."""

import hashlib
import hmac


def hash_token(token: str) -> str:
    """How a token is stored: SHA-256 in hex. Tokens are long and random, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def person_digest(person_id: str) -> str:
    """How a member or contact appears where no id of theirs may stand: 32 hex digits. Ids are random."""
    return "person:" + hashlib.sha256(person_id.encode()).hexdigest()[:32]


def keyed_digest(key: bytes, *parts: str) -> str:
    """A digest that nobody can make or test without the key. Parts cannot be mistaken for one another."""
    text = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hmac.digest(key, text, "sha256").hex()
