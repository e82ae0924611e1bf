"""Proofs of an address: what is sent, what is stored of it, and when an answer to it counts. Pure.

Kept true: a proof is used once; a link counts only in the browser that asked for it, unless an operator made it; a code
counts in any browser, and at most `MOST_TRIES` of them are looked at. Secrets are stored as hashes only. A code has too
few digits for a plain hash, so its hash needs the service's key and the id of its proof.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.profiles.limits import digest
from shared.tokens import hash_token

HOLDS = timedelta(minutes=15)
OPERATORS_LINK_HOLDS = timedelta(days=1)
SESSION_HOLDS = timedelta(days=30)
"""Without use; `find_token` in queries.sql moves the end on."""

Proof = dict[str, Any]
"""A row of the table of proofs."""

MOST_TRIES = 5
DIGITS = 6
LATER = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 80))
"""When another attempt to send an e-mail is due."""


def key_of(secret: str) -> bytes:
    """The key of digests, from the secret that all our processes share."""
    return hmac.digest(secret.encode(), b"warmpath sign-in", "sha256")


def new_link() -> str:
    """A link's secret."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def code_hash(key: bytes, proof_id: UUID, code: str) -> str:
    """How a code is stored."""
    return digest(key, "code", str(proof_id), code)


def right_browser(proof: Proof, browser: str) -> bool:
    """Whether a link may be used in this browser."""
    if proof["purpose"] == "operator":
        return True
    return hmac.compare_digest(proof["browser_hash"] or "", hash_token(browser))


def right_code(proof: Proof, key: bytes, code: str) -> bool:
    """Whether this is the proof's code, spaces or not, and not too many were tried before."""
    expected = proof["code_hash"] or ""  # not sent yet: no code is right
    equal = hmac.compare_digest(expected, code_hash(key, proof["proof_id"], "".join(code.split())))
    return equal and proof["tries"] < MOST_TRIES


def first_name_of(email: str) -> str:
    """What a new member is called until they say it: `dana.okafor+jobs@…` is Dana Okafor."""
    local = email.partition("@")[0].partition("+")[0]
    words = "".join(char if char.isalnum() else " " for char in local).split()
    return " ".join(word.capitalize() for word in words)[:100] or "New member"
