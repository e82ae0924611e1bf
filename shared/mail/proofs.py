"""E-mails that prove an address: their secrets, and a loop that sends one after another.

Kept true: the secrets of an e-mail are made right before it is sent, and only their hashes are stored. So no queue
holds a link or a code, and another attempt has other ones. Codes have too few digits for a plain hash, so their hash
needs a key of the service and the id of the proof, and only `MOST_TRIES` of them are looked at.
"""

import hmac
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from shared.mail.email import BadAddress, Mailer, Outcome, Rendered, Result, compose
from shared.observability.logs import get_logger
from shared.observability.metric_list import EMAILS
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool
from shared.tokens import hash_token, keyed_digest

log = get_logger(__name__)

MOST_TRIES = 5
DIGITS = 6
IDLE_S = 5.0
LATER = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 80))
"""When another attempt to send an e-mail is due."""


def key_of(secret: str, purpose: str) -> bytes:
    """The key of digests for one purpose, from the secret that all our processes share."""
    return hmac.digest(secret.encode(), f"warmpath {purpose}".encode(), "sha256")


def new_link() -> str:
    """A link's secret."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def in_halves(code: str) -> str:
    """The code as people read it: `123 456`."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"


def code_hash(key: bytes, proof_id: UUID, code: str) -> str:
    """How a code is stored."""
    return keyed_digest(key, "code", str(proof_id), code)


def right_code(key: bytes, proof_id: UUID, stored: str | None, tries: int, code: str) -> bool:
    """Whether this is the proof's code, spaces or not, and not too many were tried before.

    `stored`: its hash; None where it was not sent yet, so that no code is right.
    """
    equal = hmac.compare_digest(stored or "", code_hash(key, proof_id, "".join(code.split())))
    return equal and tries < MOST_TRIES


def again_after(attempts: int) -> timedelta:
    """When another attempt is due after so many."""
    return LATER[min(attempts, len(LATER) - 1)]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an e-mail proves an address by: a link, a code, or both."""

    link: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class DueMail:
    """What one e-mail holds. `again_after`: when another attempt is due if this one comes to nothing."""

    proof_id: UUID
    address: str
    rendered: Rendered
    again_after: timedelta


class MailLoop(ABC):
    """Sends what is due in a service's table of proofs; several processes may each run one.

    `sql`: the service's queries `lock_due_proof`, `store_secrets`, `sending_ended` and `next_proof_in`.
    """

    def __init__(self, pool: Pool, mailer: Mailer, key: bytes, sql: Mapping[str, str]) -> None:
        self._pool, self._mailer, self._key, self._sql = pool, mailer, key, sql
        self.lease = timedelta(seconds=2 * mailer.longest_s)
        """For how long an e-mail that was taken is nobody else's."""
        self.loop = Loop("proof_sender", self._round, every_s=IDLE_S, finish_s=IDLE_S)

    @abstractmethod
    def secrets_of(self, proof: asyncpg.Record) -> Secrets:
        """New secrets for a proof, right before its e-mail is sent."""

    @abstractmethod
    def render(self, proof: asyncpg.Record, made: Secrets) -> Rendered:
        """The e-mail of a proof."""

    async def take(self) -> DueMail | None:
        """Take an e-mail that is due, for `lease`: make its secrets and store their hashes. None when none is."""
        async with self._pool.acquire() as conn, conn.transaction():
            proof = await conn.fetchrow(self._sql["lock_due_proof"])
            if proof is None:
                return None
            proof_id, made = proof["proof_id"], self.secrets_of(proof)
            hashed_link = hash_token(made.link) if made.link else None
            hashed_code = code_hash(self._key, proof_id, made.code) if made.code else None
            await conn.execute(self._sql["store_secrets"], proof_id, hashed_link, hashed_code, self.lease)
        return DueMail(proof_id, proof["email"], self.render(proof, made), again_after(proof["attempts"]))

    async def _ended(self, proof_id: UUID, due_after: timedelta | None) -> None:
        """An attempt has ended; another is due after that time, or never."""
        await self._pool.execute(self._sql["sending_ended"], proof_id, due_after)

    async def _next_in(self) -> timedelta | None:
        """How long until an e-mail is due; None when none waits."""
        due: timedelta | None = await self._pool.fetchval(self._sql["next_proof_in"])
        return due

    def wake(self) -> None:
        """Note that an e-mail is due."""
        self.loop.wake()

    async def _round(self) -> float | None:
        while not self.loop.stopping and await self.send_one():
            self.loop.moved()
        due = await self._next_in()
        return None if due is None else min(IDLE_S, max(0.05, due.total_seconds()))

    async def send_one(self) -> bool:
        """Try to send one e-mail that is due; False when none is."""
        mail = await self.take()
        if mail is None:
            return False
        try:
            message = compose(
                mail.rendered, sender=self._mailer.sender, name=None, address=mail.address,
                delivery_id=mail.proof_id, now=datetime.now(UTC),
            )  # fmt: skip
            result = await self._mailer.send(message, mail.address)
        except BadAddress:
            result = Result(Outcome.REFUSED, "BadAddress")
        EMAILS.labels(result.outcome.value).inc()
        (log.info if result.outcome is Outcome.SENT else log.warning)(
            "proof_attempted", outcome=result.outcome.value, reason=result.error
        )
        await self._ended(mail.proof_id, mail.again_after if result.outcome is Outcome.LATER else None)
        return True
