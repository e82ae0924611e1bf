"""Links by which somebody answers without an account: who holds one, what it opens, and what an answer by it does.

Kept true: looking changes nothing; a link is for one part of one introduction and opens nothing else; what was answered
quietly is nobody else's to see, so that until the deadline such a link looks as if nobody had answered.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from services.introductions import commands, domain, store, working
from services.introductions.dependencies import Dependencies
from services.introductions.domain import Case
from services.introductions.introduction import Answer, Introduction
from services.introductions.store import About
from services.introductions.transitions import Who
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load
from shared.tokens import hash_token
from shared.web.problems import conflict, not_found

SQL = load(Path(__file__).with_name("links.sql"))
PATH: Final = "/answer/"
"""Of the console's page, followed by the link's token."""

MOST_LINKS: Final = 20
"""Links that can be made for one part of one introduction."""

Standing = Literal["open", "used", "over"]
"""Whether it can be answered by, yes was said, or its time is over; nobody is told whether a no came before that."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link. `mailed_to`: the member to whose verified address we sent it; None where its writer sends it."""

    who: Who
    mailed_to: str | None

    @property
    def counts(self) -> bool:
        """Whether an answer by it is known to be the answerer's own: the writer of a link holds it, too."""
        return self.mailed_to is not None


async def make(conn: Connection, one: Introduction, who: Who, mailed_to: str | None = None) -> str:
    """The token of a new link for a part of an introduction; it is stored nowhere.

    Raises:
        Problem: 409, there are too many.
    """
    if await conn.fetchval(SQL["count_links"], one.id, who.value, mailed_to) >= MOST_LINKS:
        raise conflict(f"{MOST_LINKS} links were made for this already, the most there may be: use one of them")
    token = secrets.token_urlsafe(32)
    await conn.execute(SQL["add_link"], hash_token(token), one.id, who.value, mailed_to)
    return token


async def find(deps: Dependencies, token: str, source: str | None) -> tuple[Link, Introduction]:
    """The link with this token, and its introduction.

    Raises:
        Problem: 404 for an unknown link, 429 after too many of them.
    """
    deps.guesses.check(source)
    row = await deps.pool.fetchrow(SQL["find_link"], hash_token(token))
    one = None if row is None else await store.find(deps.pool, row["introduction_id"])
    if row is None or one is None:
        deps.guesses.note(source)
        raise not_found("link")
    return Link(Who(row["role"]), row["mailed_to"]), one


def standing(link: Link, one: Introduction, now: datetime) -> Standing:
    """How a link stands, for whoever holds it, the writer too: a no looks like silence, before its end and after."""
    if one.answers.get(link.who) == "yes":
        return "used"
    return "open" if can_answer(replace(one, sealed=()), link.who, now) else "over"


def can_answer(one: Introduction, who: Who, now: datetime) -> bool:
    """Whether somebody is asked and has not said yes."""
    in_time = one.due_at is not None and now < one.due_at
    return in_time and "yes" in commands.possible(one, who, now)


async def is_member(pool: Pool, person_id: str) -> bool:
    """Whether somebody is a member."""
    return await pool.fetchval(SQL["is_member"], person_id) is not None


async def is_theirs(deps: Dependencies, link: Link, one: Introduction, member_id: str) -> bool:
    """Whether a member is who was to answer by a link: by their id, or by an address that its writer holds for them.

    Raises:
        Problem: 503 when profiles does not answer.
    """
    if one.person(link.who) == member_id:
        return True
    if one.answers.get(link.who) != "yes" or one.roles_of(member_id):
        return False
    writer = one.seeker_id if link.who == Who.INTRODUCER else one.path.introducer_id
    return await deps.profiles.has_answered(one.person(link.who), writer, member_id)


def form_token(deps: Dependencies, token: str) -> str:
    """What the form of an opened link holds: nobody answers who has not opened it."""
    key = deps.settings.service_token.get_secret_value().encode()
    return hmac.digest(key, b"answer by link:" + token.encode(), "sha256").hex()


def right_form_token(deps: Dependencies, token: str, given: str) -> bool:
    """Whether it is the one that the opened form holds."""
    return hmac.compare_digest(form_token(deps, token).encode(), given.encode())


async def answer(
    deps: Dependencies, link: Link, one: Introduction, said: Answer, *, quietly: bool, contact: str | None
) -> None:
    """Answer by a link. Repeating an answer changes nothing; another one takes the place of a quiet one.

    For the writer may hold the link as well: were the second answer refused, it would tell them of the first.

    Raises:
        Problem: 409 where this link was used, or cannot be answered by any more.
    """
    paths = await working.paths_of(deps, one.seeker_id)

    def step(case: Case) -> Introduction:
        return commands.answer(
            case, one.id, link.who, said, quietly=quietly, contact=contact, counts=link.counts, anew=True
        )

    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await working.run(conn, deps, one.seeker_id, paths, step, About(one.id))
    except domain.NotPossibleError as error:
        raise conflict("this link was used, or its time is over") from error
    except domain.UnknownError as error:
        raise not_found("link") from error


async def delete_old(pool: Pool, before: datetime) -> None:
    """Delete the links of introductions that ended before a moment."""
    await pool.execute(SQL["delete_old_links"], before)
