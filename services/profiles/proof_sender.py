"""The e-mails that prove an address: a link and a code to sign in with or be forgotten, or a code for another address.

Nothing in these e-mails comes from anybody but us, and they are the same whether or not there is an account.
"""

from pathlib import Path

import asyncpg

from services.profiles import proofs
from services.profiles.store import SIGN_IN
from shared.mail.email import Mailer, Rendered
from shared.mail.layout import rendered, templates
from shared.mail.proofs import MailLoop, Secrets, in_halves, new_code, new_link
from shared.storage.pool import Pool

LINK_PATH = "/sign-in/link?token="
_LINK_PATHS = {"sign_in": LINK_PATH, "forget": "/forget-me/link?token="}
SUBJECTS = {
    "sign_in": "Sign in to Warmpath",
    "address": "Confirm your e-mail address for Warmpath",
    "forget": "Be forgotten by Warmpath",
}

_TEMPLATES = templates(Path(__file__).with_name("templates"))


class ProofSender(MailLoop):
    """Sends what is due in the table of proofs."""

    def __init__(self, pool: Pool, mailer: Mailer, key: bytes, console: str | None) -> None:
        """`console`: where links lead to; without one there is a code only."""
        super().__init__(pool, mailer, key, SIGN_IN)
        self._console = console

    def secrets_of(self, proof: asyncpg.Record) -> Secrets:
        """A code, and a link as well, but for another address."""
        by_link = proof["purpose"] in _LINK_PATHS and self._console
        return Secrets(new_link() if by_link else None, new_code())

    def render(self, proof: asyncpg.Record, made: Secrets) -> Rendered:
        """The same whether or not there is an account."""
        link, code = made.link, made.code
        context = {
            "purpose": proof["purpose"],
            "code": in_halves(code or ""),
            "link": f"{self._console}{_LINK_PATHS[proof['purpose']]}{link}" if link else None,
            "minutes": int(proofs.HOLDS.total_seconds() // 60),
        }
        return rendered(_TEMPLATES, "proof", SUBJECTS[proof["purpose"]], context)
