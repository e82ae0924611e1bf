"""Proofs of an address: when an answer to one counts. Pure; their secrets are made in `shared/mail/proofs.py`.

Kept true: a proof is used once; a link counts only in the browser that asked for it, unless an operator made it; a code
counts in any browser, and only a few of them are looked at.
"""

import hmac
from datetime import timedelta
from typing import Any

from shared.mail import proofs
from shared.tokens import hash_token

HOLDS = timedelta(minutes=15)
OPERATORS_LINK_HOLDS = timedelta(days=1)
SESSION_HOLDS = timedelta(days=30)
"""Without use; `find_token` in queries.sql moves the end on."""

Proof = dict[str, Any]
"""A row of the table of proofs."""


def right_browser(proof: Proof, browser: str) -> bool:
    """Whether a link may be used in this browser."""
    if proof["purpose"] == "operator":
        return True
    return hmac.compare_digest(proof["browser_hash"] or "", hash_token(browser))


def right_code(proof: Proof, key: bytes, code: str) -> bool:
    """Whether this is the proof's code, and not too many were tried before."""
    return proofs.right_code(key, proof["proof_id"], proof["code_hash"], proof["tries"], code)


def first_name_of(email: str) -> str:
    """What a new member is called until they say it: `dana.okafor+jobs@…` is Dana Okafor."""
    local = email.partition("@")[0].partition("+")[0]
    words = "".join(char if char.isalnum() else " " for char in local).split()
    return " ".join(word.capitalize() for word in words)[:100] or "New member"
