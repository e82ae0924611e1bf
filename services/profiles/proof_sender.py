"""Sends the e-mails that prove an address, one after another.

Kept true: the secrets of an e-mail are made right before it is sent, and only their hashes are stored. So no queue
holds a link or a code, and another attempt has other ones. Nothing in these e-mails comes from anybody but us, and they
are the same whether or not there is an account.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.profiles import proofs
from services.profiles.store import SIGN_IN
from shared.mail.email import BadAddress, Mailer, Outcome, Rendered, Result, compose
from shared.observability.logs import get_logger
from shared.observability.metric_list import EMAILS
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool
from shared.tokens import hash_token

log = get_logger(__name__)

IDLE_S = 5.0
LINK_PATH = "/sign-in/link?token="
SUBJECTS = {"sign_in": "Sign in to Warmpath", "address": "Confirm your e-mail address for Warmpath"}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class _Mail:
    """What one e-mail holds."""

    proof_id: UUID
    email: str
    rendered: Rendered
    again_after: timedelta
    """When another attempt is due if this one comes to nothing."""


class ProofSender:
    """A loop over proofs whose e-mail is due; several processes may each run one."""

    def __init__(self, pool: Pool, mailer: Mailer, key: bytes, console: str | None) -> None:
        """`console`: where links lead to; without one there is a code only."""
        self._pool, self._mailer, self._key, self._console = pool, mailer, key, console
        self._lease = timedelta(seconds=2 * mailer.longest_s)
        self.loop = Loop("proof_sender", self._round, every_s=IDLE_S, finish_s=IDLE_S)

    def wake(self) -> None:
        """Note that an e-mail is due."""
        self.loop.wake()

    async def _round(self) -> float | None:
        while not self.loop.stopping and await self.send_one():
            self.loop.moved()
        due = await self._pool.fetchval(SIGN_IN["next_proof_in"])
        return None if due is None else min(IDLE_S, max(0.05, due.total_seconds()))

    async def send_one(self) -> bool:
        """Try to send one e-mail that is due; False when none is."""
        mail = await self._write()
        if mail is None:
            return False
        try:
            message = compose(
                mail.rendered, sender=self._mailer.sender, name=None, address=mail.email,
                delivery_id=mail.proof_id, now=datetime.now(UTC),
            )  # fmt: skip
            result = await self._mailer.send(message, mail.email)
        except BadAddress:
            result = Result(Outcome.REFUSED, "BadAddress")
        EMAILS.labels(result.outcome.value).inc()
        (log.info if result.outcome is Outcome.SENT else log.warning)(
            "proof_attempted", outcome=result.outcome.value, reason=result.error
        )
        again = mail.again_after if result.outcome is Outcome.LATER else None
        await self._pool.execute(SIGN_IN["sending_ended"], mail.proof_id, again)
        return True

    async def _write(self) -> _Mail | None:
        """Make the secrets of an e-mail that is due, and store their hashes."""
        async with self._pool.acquire() as conn, conn.transaction():
            proof = await conn.fetchrow(SIGN_IN["lock_due_proof"])
            if proof is None:
                return None
            link = proofs.new_link() if proof["purpose"] == "sign_in" and self._console else None
            code = proofs.new_code()
            await conn.execute(
                SIGN_IN["store_secrets"],
                proof["proof_id"],
                hash_token(link) if link else None,
                proofs.code_hash(self._key, proof["proof_id"], code),
                self._lease,
            )
        again_after = proofs.LATER[min(proof["attempts"], len(proofs.LATER) - 1)]
        return _Mail(proof["proof_id"], proof["email"], self._render(proof, link, code), again_after)

    def _render(self, proof: Any, link: str | None, code: str) -> Rendered:
        subject = SUBJECTS[proof["purpose"]]
        half = len(code) // 2
        context = {
            "subject": subject,
            "purpose": proof["purpose"],
            "code": f"{code[:half]} {code[half:]}",
            "link": f"{self._console}{LINK_PATH}{link}" if link else None,
            "minutes": int(proofs.HOLDS.total_seconds() // 60),
        }
        return Rendered(
            subject=subject,
            text=_TEMPLATES.get_template("proof.txt.jinja").render(context).strip() + "\n",
            html=_TEMPLATES.get_template("proof.html.jinja").render(context).strip() + "\n",
        )
