"""The tables of introductions: a seeker's case is read under locks, and what changed is stored with its records.

Locks are taken in one order: the seeker's row, then those of the people who may be asked, by id. So no two processes
count the same room at once, and none waits for another in a circle.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path as FilePath
from uuid import uuid4

import asyncpg

from services.introductions import rows
from services.introductions.domain import Case
from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.limits import WINDOW, Approach, Limits, Person, Waiting, lets_through
from services.introductions.transitions import ENDED, OPENING_CLOSED_FOR, Who
from shared.messaging.publish import outbox
from shared.messaging.topics.catalogue import INTRODUCTIONS
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

SQL = load(FilePath(__file__).with_name("queries.sql"))
SOURCE = "introductions"
HEARD_FOR = timedelta(seconds=10)
"""How exactly the heartbeat is kept: not every round writes."""

Paths = Mapping[tuple[str, str], Path]
"""A seeker's live paths, by the key of an opening and the introducer."""


@dataclass(frozen=True, slots=True)
class About:
    """Which of a seeker's introductions a command is about, besides those that are open."""

    introduction_id: str = ""
    introducers: tuple[str, ...] = ()


NOTHING = About()


# --- a seeker's case ------------------------------------------------------------------------------------------------


async def open_case(conn: Connection, seeker_id: str, now: datetime, paths: Paths, about: About = NOTHING) -> Case:
    """Lock a seeker and everybody whose room may be counted, and read all that decides about their introductions."""
    await lock_seeker(conn, seeker_id)
    mine = await _of_seeker(conn, seeker_id, _introducers(about, paths), about.introduction_id)
    asked = {name for one in mine if one.is_open for name in (one.path.introducer_id, one.path.insider_id)}
    asked |= {name for path in paths.values() for name in (path.introducer_id, path.insider_id)}
    people = await _people(conn, asked, now)
    postings = [one.opening.posting_id for one in mine if one.is_open and one.opening.posting_id]
    closed = await conn.fetch(SQL["find_closed_openings"], postings)
    everybody = [seeker_id, *asked]
    unwilling = await conn.fetch(SQL["find_unwilling"], everybody)
    blocks = await conn.fetch(SQL["find_blocks"], everybody)
    return Case(
        now=now,
        seeker_id=seeker_id,
        new_id=lambda: str(uuid4()),
        introductions={one.id: one for one in mine},
        people=people,
        paths=paths,
        closed_at={row["posting_id"]: row["closed_at"] for row in closed},
        unwilling=frozenset(row["person_id"] for row in unwilling),
        blocked=frozenset(_pair(row["person_id"], row["contact_id"]) for row in blocks),
        delivered=await conn.fetchval(SQL["count_delivered"], seeker_id, now - WINDOW),
    )


def _introducers(about: About, paths: Paths) -> set[str]:
    return {*about.introducers, *(introducer for _, introducer in paths)}


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


async def lock_seeker(conn: Connection, seeker_id: str) -> None:
    """One writer a seeker at a time, until the transaction ends."""
    await conn.execute(SQL["add_seeker"], seeker_id)
    await conn.execute(SQL["lock_seeker"], seeker_id)


async def _of_seeker(
    conn: Connection, seeker_id: str, introducers: Iterable[str], introduction_id: str
) -> list[Introduction]:
    found = await conn.fetch(SQL["find_of_seeker"], seeker_id, list(introducers), introduction_id)
    return [rows.introduction(row) for row in found]


async def _people(conn: Connection, asked: Collection[str], now: datetime) -> dict[str, Person]:
    """What these people allow, when requests reached them and what waits for them; their rows stay locked."""
    ids = sorted(asked)
    await conn.execute(SQL["add_limits"], ids)
    people = {row["person_id"]: Person(rows.limits(row)) for row in await conn.fetch(SQL["lock_limits"], ids)}
    for row in await conn.fetch(SQL["find_reached"], ids, now - WINDOW):
        people[row["person_id"]].reached.append(row["at"])
    for row in await conn.fetch(SQL["find_waiting"], ids, now - WINDOW):
        person = people[row["waits_for"]]
        if lets_through(person.limits, _approach(row)):
            person.waiting = (*person.waiting, _waiting(row))
    return people


def _waiting(row: asyncpg.Record) -> Waiting:
    return Waiting(row["introduction_id"], row["value"], row["delivered"], row["begun_at"])


def _approach(row: asyncpg.Record) -> Approach:
    """As `Introduction.approach`, of a row of others' introductions."""
    direct = row["introducer_id"] == row["insider_id"]
    if row["agreed_at"] is None:
        return Approach(frozenset({row["seeker_id"]}), row["company_key"], row["firmness"], direct)
    senders = frozenset({row["seeker_id"], row["introducer_id"]})
    return Approach(senders, row["company_key"], row["target_firmness"], direct=False)


async def save_case(conn: Connection, case: Case) -> None:
    """Store what changed, those first that ended: of the ones that may be there once, one goes before another comes."""
    changed = [case.introductions[key] for key in case.changed]
    for one in sorted(changed, key=lambda one: one.state not in ENDED):
        case.introductions[one.id] = await save(conn, one)


async def save(
    conn: Connection, one: Introduction, *, again: bool = False, republish_after: timedelta | None = None
) -> Introduction:
    """Store an introduction and, where that changed, its record. The caller holds the seeker's lock.

    `again`: write the record in any case; `republish_after`: once more after that time, when somebody was erased.
    Returns it with its version.
    """
    row = await conn.fetchrow(SQL["find_introduction"], one.id)
    before = None if row is None else rows.introduction(row)
    is_news = again or before is None or rows.record(before, 0) != rows.record(one, 0)
    version = outbox.next_version(one.version) if is_news else one.version
    stored = replace(one, version=version)
    await conn.execute(SQL["save_introduction"], rows.columns(stored))
    if before is not None and before.sealed not in {(), stored.sealed}:
        await conn.execute(SQL["delete_sealed"], one.id)
    for quiet in stored.sealed:
        await conn.execute(SQL["add_sealed"], one.id, quiet.who.value, quiet.answer, quiet.at)
    if is_news and version is not None:
        record = rows.record(stored, version)
        await outbox.enqueue(
            conn, INTRODUCTIONS, one.id, record, version, source=SOURCE, republish_after=republish_after
        )
    return stored


# --- reading --------------------------------------------------------------------------------------------------------


async def find(conn: Connection | Pool, introduction_id: str) -> Introduction | None:
    """One introduction, with its quiet answers."""
    row = await conn.fetchrow(SQL["find_introduction"], introduction_id)
    return None if row is None else rows.introduction(row)


async def page(
    conn: Connection | Pool, person_id: str, who: Who, *, is_open: bool | None,
    after: tuple[datetime, str] | None, limit: int,
) -> list[Introduction]:  # fmt: skip
    """At most `limit` introductions that somebody takes part in and may know of, newest first."""
    found = await conn.fetch(SQL[f"list_of_{who.value}"], person_id, is_open, *(after or (None, None)), limit)
    return [rows.introduction(row) for row in found]


async def all_page(
    pool: Pool, state: str | None, now: datetime, *, overdue: bool, after: tuple[datetime, str] | None, limit: int
) -> list[asyncpg.Record]:
    """At most `limit` introductions of everybody, newest first, as ids, states and times."""
    found: list[asyncpg.Record] = await pool.fetch(
        SQL["list_all"], state, overdue, now, *(after or (None, None)), limit
    )
    return found


async def could_introduce(pool: Pool, member_id: str, people: Iterable[str]) -> set[str]:
    """Which of these people are introducers in a live suggestion of a member."""
    return {row["person_id"] for row in await pool.fetch(SQL["find_could_introduce"], member_id, list(people))}


async def asks(conn: Connection | Pool, seeker_id: str, most: int) -> list[Introduction]:
    """A seeker's last asks that their record is made from."""
    return [rows.introduction(row) for row in await conn.fetch(SQL["find_asks"], seeker_id, most)]


async def given(conn: Connection | Pool, a: str, b: str) -> int:
    """The introductions that a made for b."""
    count: int = await conn.fetchval(SQL["count_given"], a, b)
    return count


async def offers_sent(conn: Connection, introducer_id: str, after: datetime) -> list[datetime]:
    """When somebody sent offers after a moment. The caller holds the lock of their limits (`open_case`)."""
    return [row["begun_at"] for row in await conn.fetch(SQL["find_offers_sent"], introducer_id, after)]


async def waiting_for_answer(conn: Connection | Pool, introducer_id: str, most: int) -> list[Introduction]:
    """Asks that wait for an introducer's answer, nearest deadline first."""
    found = await conn.fetch(SQL["find_unanswered"], introducer_id, most)
    return [rows.introduction(row) for row in found]


async def helpable(
    conn: Connection | Pool, pairs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], asyncpg.Record]:
    """Of pairs (seeker, opening) those whose seeker looks openly and whose opening is open, with the latter."""
    found = await conn.fetch(SQL["find_helpable"], [seeker for seeker, _ in pairs], [posting for _, posting in pairs])
    return {(row["seeker_id"], row["posting_id"]): row for row in found}


async def helpers(conn: Connection | Pool, seeker_id: str, most: int) -> list[asyncpg.Record]:
    """(person_id, made) of people who look openly and made introductions for somebody, most first."""
    found: list[asyncpg.Record] = await conn.fetch(SQL["find_helpers"], seeker_id, most)
    return found


async def introduces(conn: Connection | Pool, person_id: str) -> bool:
    """Whether a member agrees to introduce."""
    found: bool | None = await conn.fetchval(SQL["find_introduces"], person_id)
    return bool(found)


async def limits_of(conn: Connection | Pool, person_id: str) -> tuple[Limits, tuple[str, ...]]:
    """What somebody allows, and the companies they never want to be asked about, in their words."""
    row = await conn.fetchrow(SQL["find_limits"], [person_id])
    return (Limits(), ()) if row is None else (rows.limits(row), tuple(row["never_companies"]))


async def put_limits(conn: Connection, person_id: str, allowed: Limits, companies: Mapping[str, str]) -> None:
    """Replace what somebody allows; `companies`: the keys of those they named, by name."""
    await conn.execute(
        SQL["put_limits"],
        person_id,
        allowed.asks_a_month,
        allowed.quiet_until,
        list(companies),
        sorted(set(companies.values())),
        sorted(allowed.never_members),
        allowed.asked_from,
    )


# --- keeping in touch -----------------------------------------------------------------------------------------------


async def losses(conn: Connection | Pool, member_id: str, but: Collection[str]) -> dict[str, tuple[float, int]]:
    """By introducer of a member's live suggestions but these: fit times score, and how many; the largest first."""
    found = await conn.fetch(SQL["find_losses"], member_id, list(but))
    return {row["person_id"]: (row["loss"], row["openings"]) for row in found}


async def people_of_week(conn: Connection, member_id: str, week: date) -> list[str]:
    """Whom a member was shown in a week."""
    return list(await conn.fetchval(SQL["find_week"], member_id, week) or ())


async def put_week(conn: Connection, member_id: str, week: date, people: list[str]) -> None:
    """Keep whom a member is shown in a week."""
    await conn.execute(SQL["put_week"], member_id, week, people)


async def put_touch(conn: Connection, member_id: str, person_id: str, until: datetime | None) -> None:
    """Keep until when somebody is not to be named again; None: never."""
    await conn.execute(SQL["put_touch"], member_id, person_id, until)


async def put_off(conn: Connection, member_id: str, now: datetime) -> set[str]:
    """People who are not to be named to a member now."""
    return {row["person_id"] for row in await conn.fetch(SQL["find_put_off"], member_id, now)}


async def introduced_lately(pool: Pool, member_id: str, after: datetime) -> set[str]:
    """With whom a member took part in an introduction after a moment."""
    return {row["person_id"] for row in await pool.fetch(SQL["find_introduced_lately"], member_id, after)}


# --- what is due ----------------------------------------------------------------------------------------------------


async def due(pool: Pool, now: datetime, but: Iterable[str]) -> list[str]:
    """Seekers of whom something is due."""
    return [row["seeker_id"] for row in await pool.fetch(SQL["find_due"], now, list(but), OPENING_CLOSED_FOR)]


async def try_lock_seeker(conn: Connection, seeker_id: str) -> bool:
    """Lock a seeker, unless somebody else holds them."""
    await conn.execute(SQL["add_seeker"], seeker_id)
    return await conn.fetchval(SQL["try_lock_seeker"], seeker_id) is not None


async def beat(conn: Connection, silence: timedelta) -> bool:
    """Note that the service is there; returns whether it had been silent for longer than that."""
    if await conn.fetchval(SQL["heard_lately"], HEARD_FOR):
        return False
    await conn.execute(SQL["add_heartbeat"])
    was_silent: bool = await conn.fetchval(SQL["lock_heartbeat"], silence)
    await conn.execute(SQL["set_heartbeat"])
    return was_silent


async def due_before(conn: Connection, moment: datetime) -> list[str]:
    """Seekers of whom something ends by itself before a moment."""
    return [row["seeker_id"] for row in await conn.fetch(SQL["find_due_before"], moment)]


async def next_in_turn(pool: Pool, now: datetime) -> list[str]:
    """Seekers whose requests have their turn now, each once. Nothing is locked: it is decided again under locks."""
    ids = [row["person_id"] for row in await pool.fetch(SQL["find_waiting_with_room"], now, now - WINDOW)]
    if not ids:
        return []
    allowed = {row["person_id"]: rows.limits(row) for row in await pool.fetch(SQL["find_limits"], ids)}
    reached: dict[str, list[datetime]] = {}
    for row in await pool.fetch(SQL["find_reached"], ids, now - WINDOW):
        reached.setdefault(row["person_id"], []).append(row["at"])
    waiting: dict[str, list[tuple[Waiting, str]]] = {}
    for row in await pool.fetch(SQL["find_waiting"], ids, now - WINDOW):
        if lets_through(allowed.get(row["waits_for"], Limits()), _approach(row)):
            waiting.setdefault(row["waits_for"], []).append((_waiting(row), row["seeker_id"]))
    seekers: dict[str, None] = {}
    for person_id, theirs in waiting.items():
        free = Person(allowed.get(person_id, Limits()), reached.get(person_id, [])).room(now)
        for _, seeker_id in sorted(theirs, key=lambda each: each[0].turn)[:free]:
            seekers[seeker_id] = None
    return list(seekers)


async def postpone(conn: Connection, seeker_id: str, until: datetime) -> None:
    """Nothing of a seeker's ends by itself before `until`."""
    await lock_seeker(conn, seeker_id)
    for one in await _of_seeker(conn, seeker_id, (), ""):
        if one.due_at is not None and one.due_at < until:
            await save(conn, replace(one, due_at=until))


async def delete_old_notes(pool: Pool, before: datetime) -> None:
    """Delete the notes of what ended before a moment."""
    await pool.execute(SQL["delete_old_notes"], before)


async def states(pool: Pool, now: datetime) -> list[tuple[str, int, int, int]]:
    """(state, how many, how many of them overdue, how many wait for room)."""
    return [tuple(row) for row in await pool.fetch(SQL["count_by_state"], now)]


# --- facts of the seeker's paths ------------------------------------------------------------------------------------


async def suggestion(conn: Connection | Pool, seeker_id: str, suggestion_id: str) -> asyncpg.Record | None:
    """A live suggestion of a seeker: fit, paths, and its opening."""
    return await conn.fetchrow(SQL["find_suggestion"], seeker_id, suggestion_id)


async def to_be_delivered(conn: Connection | Pool, seeker_id: str) -> list[tuple[Opening, tuple[str, ...]]]:
    """What of a seeker's may be delivered or asked next: the opening, and the introducers."""
    found = await conn.fetch(SQL["find_to_be_delivered"], seeker_id)
    return [(rows.opening(row), (row["introducer_id"], *row["next_introducers"])) for row in found]
