"""The e-mails of organisations: a code that proves a web domain, and links to who is invited.

Kept true: subjects are fixed sentences; the only words of somebody's own are the organisation's name, in the invitation
alone, which only an organisation that is vouched for can send. They are no link, and stand in one line.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.postings.organisations import SQL
from shared.mail.email import Mailer, Rendered
from shared.mail.layout import templates
from shared.mail.proofs import DueMail, MailLoop, again_after, code_hash, in_halves, new_code, new_link
from shared.storage.pool import Pool
from shared.text import clean, unlinked
from shared.tokens import hash_token

CODE_HOLDS: Final = timedelta(hours=1)
INVITATION_HOLDS: Final = timedelta(days=7)
LINK_PATH = "/invitations?token="
SUBJECTS = {
    "domain": "Confirm your organisation's web domain for Warmpath",
    "invitation": "You are invited to an organisation on Warmpath",
}
MAY = {
    "owner": "own it: post openings, invite people, and keep its keys",
    "recruiter": "post openings and change them",
    "viewer": "see its openings and about how many people they reach",
}
"""What each role may do, as an invitation says it."""

_TEMPLATES = templates(Path(__file__).with_name("templates"))


class ProofSender(MailLoop):
    """Sends what is due in the table of proofs."""

    def __init__(self, pool: Pool, mailer: Mailer, key: bytes, console: str | None) -> None:
        """`console`: where links lead to; nobody can be invited without one."""
        super().__init__(mailer)
        self._pool, self._key, self._console = pool, key, console

    async def take(self) -> DueMail | None:
        """An e-mail that is due."""
        async with self._pool.acquire() as conn, conn.transaction():
            proof = await conn.fetchrow(SQL["lock_due_proof"])
            if proof is None:
                return None
            link, code = (new_link(), None) if proof["purpose"] == "invitation" else (None, new_code())
            await conn.execute(
                SQL["store_secrets"],
                proof["proof_id"],
                hash_token(link) if link else None,
                code_hash(self._key, proof["proof_id"], code) if code else None,
                self.lease,
            )
        return DueMail(
            proof["proof_id"], proof["email"], self._render(proof, link, code), again_after(proof["attempts"])
        )

    async def ended(self, proof_id: UUID, again_after: timedelta | None) -> None:
        """Another attempt, or none."""
        await self._pool.execute(SQL["sending_ended"], proof_id, again_after)

    async def next_in(self) -> timedelta | None:
        """Until the next one is due."""
        due: timedelta | None = await self._pool.fetchval(SQL["next_proof_in"])
        return due

    def _render(self, proof: Any, link: str | None, code: str | None) -> Rendered:
        purpose = proof["purpose"]
        context = {
            "subject": SUBJECTS[purpose],
            "organisation": unlinked(clean(proof["name"], 100)),
            "domain": unlinked(proof["email"].rpartition("@")[2] if code else proof["domain"] or ""),
            "may": MAY.get(proof["role"], ""),
            "code": in_halves(code) if code else None,
            "link": f"{self._console}{LINK_PATH}{link}" if link else None,
        }
        return Rendered(
            subject=SUBJECTS[purpose],
            text=_TEMPLATES.get_template(f"{purpose}.txt.jinja").render(context).strip() + "\n",
            html=_TEMPLATES.get_template(f"{purpose}.html.jinja").render(context).strip() + "\n",
        )
