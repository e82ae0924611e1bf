"""The e-mails that prove an address: a link and a code to sign in with, or a code for another address.

Nothing in these e-mails comes from anybody but us, and they are the same whether or not there is an account.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.profiles import proofs
from services.profiles.store import SIGN_IN
from shared.mail.email import Mailer, Rendered
from shared.mail.layout import templates
from shared.mail.proofs import DueMail, MailLoop, again_after, code_hash, in_halves, new_code, new_link
from shared.storage.pool import Pool
from shared.tokens import hash_token

LINK_PATH = "/sign-in/link?token="
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
        super().__init__(mailer)
        self._pool, self._key, self._console = pool, key, console

    async def take(self) -> DueMail | None:
        """An e-mail that is due."""
        async with self._pool.acquire() as conn, conn.transaction():
            proof = await conn.fetchrow(SIGN_IN["lock_due_proof"])
            if proof is None:
                return None
            link = new_link() if proof["purpose"] == "sign_in" and self._console else None
            code = new_code()
            await conn.execute(
                SIGN_IN["store_secrets"],
                proof["proof_id"],
                hash_token(link) if link else None,
                code_hash(self._key, proof["proof_id"], code),
                self.lease,
            )
        return DueMail(
            proof["proof_id"], proof["email"], self._render(proof, link, code), again_after(proof["attempts"])
        )

    async def ended(self, proof_id: UUID, again_after: timedelta | None) -> None:
        """Another attempt, or none."""
        await self._pool.execute(SIGN_IN["sending_ended"], proof_id, again_after)

    async def next_in(self) -> timedelta | None:
        """Until the next one is due."""
        due: timedelta | None = await self._pool.fetchval(SIGN_IN["next_proof_in"])
        return due

    def _render(self, proof: Any, link: str | None, code: str) -> Rendered:
        subject = SUBJECTS[proof["purpose"]]
        context = {
            "subject": subject,
            "purpose": proof["purpose"],
            "code": in_halves(code),
            "link": f"{self._console}{LINK_PATH}{link}" if link else None,
            "minutes": int(proofs.HOLDS.total_seconds() // 60),
        }
        return Rendered(
            subject=subject,
            text=_TEMPLATES.get_template("proof.txt.jinja").render(context).strip() + "\n",
            html=_TEMPLATES.get_template("proof.html.jinja").render(context).strip() + "\n",
        )
