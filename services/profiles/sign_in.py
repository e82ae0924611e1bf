"""Sign-in: asking for an e-mail, finishing by its link or code, and the session that follows.

Kept true: asking reads nothing of members, so that no answer, time or e-mail tells who has an account. Only a verified
address opens an account. Nobody but its owner can have verified it; an address that somebody merely claims would let
whoever claimed it first keep a way into the account of its owner. A proof is used up in a transaction of its own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg

from services.profiles import network, proofs, store
from services.profiles.domain import Member
from services.profiles.proofs import Proof
from services.profiles.settings import Settings
from services.profiles.store import SIGN_IN, SQL
from shared.mail.proofs import key_of, new_link
from shared.storage.pool import Connection, Pool
from shared.tokens import hash_token
from shared.web import audit
from shared.web.identity import new_token
from shared.web.problems import Problem, not_found
from shared.web.rate_limits import Limit

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


def failed() -> Problem:
    """403, for whatever is wrong with a link or a code: the answer does not tell what."""
    return Problem(403, "Sign-in failed", "this link or code is not valid, or not any more; ask for a new one")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun. `new`: with an account that was not there before."""

    token: str
    member_id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The secret of digests, and how often what may be done."""

    key: bytes
    per_source: Limit
    per_address: Limit
    mails: Limit
    first: Limit
    again: Limit
    codes: Limit
    imports: Limit

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """As configured."""
        return cls(
            key_of(settings.service_token.get_secret_value(), "sign-in"),
            Limit("source", settings.sign_ins_per_source, QUARTER),
            Limit("address", settings.sign_ins_per_address, QUARTER),
            Limit("mails", settings.sign_in_mails_per_address, HOUR),
            Limit("first", 1, HOUR),
            Limit("again", max(1, settings.sign_in_mails_per_address // 2), HOUR),
            Limit("codes", settings.codes_per_address, DAY),
            Limit("imports", settings.imports_a_day, DAY),
        )

    async def may_send(self, conn: Connection, source: str, email: str) -> bool:
        """Whether an e-mail that `source` asked for is sent to the address. 429 where `source` asks too often.

        Only half of an hour's e-mails are for who asks again, so that few who do it without end do not use them up.
        """
        await self.per_source.demand(conn, self.key, source)
        await self.per_address.demand(conn, self.key, source, email)
        may_ask = await self.first.use(conn, self.key, source, email) or await self.again.use(conn, self.key, email)
        return may_ask and await self.mails.use(conn, self.key, email)


async def ask(pool: Pool, rules: Rules, email: str, browser: str, source: str) -> UUID:
    """Begin a sign-in; its e-mail is due. 429 for one who asks too often.

    The e-mails to an address are limited whoever asks, and silently: how many are left would tell strangers whether
    somebody has just signed in by it.
    """
    proof_id = uuid4()
    async with pool.acquire() as conn, conn.transaction():
        sent = await rules.may_send(conn, source, email)
        begun = (proof_id, "sign_in", email, None, hash_token(browser), None, sent, proofs.HOLDS)
        await conn.execute(SIGN_IN["add_proof"], *begun)
    return proof_id


async def ask_for_new_address(pool: Pool, rules: Rules, member_id: str, email: str) -> None:
    """Begin to prove another address of a member; its e-mail is due. What they had begun before ends."""
    async with pool.acquire() as conn, conn.transaction():
        if await store.find_member(conn, member_id, "lock_member") is None:
            raise not_found("member")
        sent = await rules.may_send(conn, member_id, email)
        await conn.execute(SIGN_IN["delete_new_address"], member_id)
        begun = (uuid4(), "address", email, member_id, None, None, sent, proofs.HOLDS)
        await conn.execute(SIGN_IN["add_proof"], *begun)


async def operators_link(conn: Connection, member_id: str) -> str | None:
    """A link that lets whoever opens it first act as the member; None where there is no such member."""
    if await store.find_member(conn, member_id) is None:
        return None
    link = new_link()
    made = (uuid4(), "operator", None, member_id, None, hash_token(link), False, proofs.OPERATORS_LINK_HOLDS)
    await conn.execute(SIGN_IN["add_proof"], *made)
    return link


async def ask_provider(pool: Pool, rules: Rules, browser: str, source: str) -> str:
    """Begin a sign-in through another provider. Returns its `state`. 429 for one who asks too often."""
    state = new_link()
    async with pool.acquire() as conn, conn.transaction():
        await rules.per_source.demand(conn, rules.key, source)
        begun = (uuid4(), "provider", None, None, hash_token(browser), hash_token(state), False, proofs.HOLDS)
        await conn.execute(SIGN_IN["add_proof"], *begun)
    return state


async def finish_by_link(pool: Pool, link: str, browser: str, *, provider: bool = False) -> Proof:
    """Use up the proof of a link, or of a provider's `state`. 403 where it does not hold.

    A browser that did not ask for it leaves it as it was.
    """
    async with pool.acquire() as conn, conn.transaction():
        proof = _proof(await conn.fetchrow(SIGN_IN["lock_proof_by_link"], hash_token(link), provider))
        if proof is None or not proofs.right_browser(proof, browser):
            raise failed()
        await conn.execute(SIGN_IN["delete_proof"], proof["proof_id"])
    return proof


async def finish_by_code(pool: Pool, rules: Rules, code: str, query: str, of: UUID | str) -> Proof:
    """Use up the proof that `query` finds by `of`. A wrong code is counted. 403 where it does not hold."""
    async with pool.acquire() as conn, conn.transaction():
        proof = _proof(await conn.fetchrow(SIGN_IN[query], of))
        if proof is None:
            raise failed()
        allowed = await rules.codes.use(conn, rules.key, proof["email"])
        right = proofs.right_code(proof, rules.key, code) and allowed
        await conn.execute(SIGN_IN["delete_proof" if right else "count_try"], proof["proof_id"])
    if not right:
        raise failed()
    return proof


def _proof(row: asyncpg.Record | None) -> Proof | None:
    return None if row is None else dict(row)


async def begin_session(pool: Pool, proof: Proof, today: date, about: str | None) -> SignedIn:
    """A session of whom a proof, which is used up by now, lets in; with a new account where there is none.

    `about` is what the member's list of sessions calls the browser. 403 where the member was erased meanwhile.
    """
    token, token_hash = new_token("member")
    async with pool.acquire() as conn, conn.transaction():
        member_id, new = proof["member_id"], False
        if proof["purpose"] == "sign_in":
            member_id, new = await _owner(conn, proof["email"], today)
        begun = await conn.fetchval(SIGN_IN["add_session"], token_hash, member_id, about, proofs.SESSION_HOLDS)
        if begun is None:
            raise failed()
        await audit.note(conn, "session.begun", audit.person(member_id))
    return SignedIn(token, member_id, new)


async def _owner(conn: Connection, email: str, today: date) -> tuple[str, bool]:
    """Who has this address verified, and whether they are new."""
    found = await conn.fetchval(SIGN_IN["find_verified"], email)
    if found is None:
        await conn.execute(SQL["lock_network"])
        found = await conn.fetchval(SIGN_IN["find_verified"], email)  # another sign-in may have been quicker
    if found is not None:
        return str(found), False
    member = Member(str(uuid4()), proofs.first_name_of(email), email, email_verified=True)
    await network.add_member(conn, member, today)
    await audit.note(conn, "member.added", audit.person(member.member_id))
    return member.member_id, True
