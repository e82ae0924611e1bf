"""What is kept of others' topics: the least that introductions need, and never anything older than what is there."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from services.introductions import mirror
from services.introductions.handlers import HANDLERS, IGNORED
from shared.events.base import Contract
from shared.events.envelope import seal, unseal
from shared.events.people import PersonV1, Seeking
from shared.events.postings import Company, PostingV1
from shared.events.suggestions import PathV1, SuggestionV1
from shared.events.ties import Blocked, Closeness, TieV1
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import TracedRecord

CLOSED = datetime(2026, 3, 5, tzinfo=UTC)
LATER = datetime(2026, 3, 7, tzinfo=UTC)
COUNT = itertools.count(1)


def record(topic: str, key: str, value: Contract | None, version: int | None = None, at: datetime = CLOSED) -> Record:
    """A record or tombstone, newer than all before it unless a version is given. `at`: when it was written."""
    number = version or next(COUNT)
    kept = value and value.model_copy(update={"version": number})
    return Record(topic, 0, 0, key, kept, number, unseal(seal(topic, key, number, "test", now=at)), 0)


async def hear(world, *records: Record) -> None:
    """Handle records as the consumer does with batches of one topic."""
    for topic, group in itertools.groupby(records, key=lambda each: each.topic):
        ignored = IGNORED.get(topic, lambda _: False)
        taken = [TracedRecord(each, None) for each in group if not ignored(each)]
        async with world.pool.acquire() as connection, connection.transaction():
            if taken:
                await HANDLERS[topic].handle(connection, taken)  # type: ignore[attr-defined]  # all take batches


async def kept(world, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await world.pool.fetch(query)]


def opening(status: str = "open", title: str = "Engineer", **more: Any) -> PostingV1:
    return PostingV1(
        posting_id="o", version=0, status=status, title=title, company=Company(name="Initech"), workplace="remote",
        posted_at=CLOSED, **more,
    )  # fmt: skip


def member(person: str, **more: Any) -> PersonV1:
    return PersonV1(person_id=person, version=0, member=True, **more)


def suggestion(*introducers: str, fit: int = 80) -> SuggestionV1:
    paths = tuple(
        PathV1(introducer_id=each, insider_id="ida", score=0.2, label="warm", ask="app") for each in introducers
    )
    return SuggestionV1(suggestion_id="s", seeker_id="amara", posting_id="o", version=0, fit=fit, paths=paths)


def tie(*evidence: Any) -> TieV1:
    return TieV1(person_id="mei", contact_id="amara", version=0, evidence=evidence)


async def test_an_opening_is_closed_since_the_record_that_said_so_first(world):
    since = "SELECT closed_at, title FROM openings"
    await hear(world, record("postings.v1", "o", opening()))
    assert await kept(world, since) == [(None, "Engineer")]
    await hear(world, record("postings.v1", "o", opening("closed")))
    await hear(world, record("postings.v1", "o", opening("closed", "Senior Engineer"), at=LATER))
    assert await kept(world, since) == [(CLOSED, "Senior Engineer")]
    await hear(world, record("postings.v1", "o", opening()))
    await hear(world, record("postings.v1", "o", opening("closed"), version=1))
    assert await kept(world, since) == [(None, "Engineer")]
    await hear(world, record("postings.v1", "o", None, at=LATER))
    assert await kept(world, since) == [(LATER, "Engineer")]


async def test_of_members_consents_are_kept_and_of_contacts_and_searches_nothing(world):
    openly = Seeking(titles=("Engineer",), openly=True, blocked_companies=("Globex",))
    await hear(
        world,
        record("people.v1", "mei", member("mei", introduces=True, seeking=openly)),
        record("people.v1", "kai", member("kai", seeking=Seeking(titles=("Engineer",)))),
        record("people.v1", "con", PersonV1(person_id="con", version=0, member=False, imported_by="mei")),
    )
    rows = await kept(world, "SELECT person_id, introduces, looks_openly, people::text FROM people ORDER BY 1")
    assert [row[:3] for row in rows] == [("kai", False, False), ("mei", True, True)]
    assert not any("Engineer" in row[3] or "Globex" in row[3] for row in rows)


async def test_an_older_record_changes_nothing_and_who_was_erased_stays_so(world):
    await hear(world, record("people.v1", "mei", member("mei", introduces=True), version=20))
    await hear(world, record("people.v1", "mei", member("mei"), version=19))
    assert await kept(world, "SELECT introduces FROM people") == [(True,)]
    await hear(
        world, record("people.v1", "mei", None, version=21), record("people.v1", "mei", member("mei"), version=20)
    )
    assert await kept(world, "SELECT * FROM people") == []
    assert await kept(world, "SELECT person_id, version FROM erased") == [("mei", 21)]
    await hear(world, record("people.v1", "mei", member("mei"), version=22))
    assert await kept(world, "SELECT person_id FROM people") == [("mei",)]
    assert await kept(world, "SELECT * FROM erased") == []


async def test_a_contact_s_tombstone_erases_nobody(world):
    await hear(world, record("people.v1", "con", None))
    assert await kept(world, "SELECT * FROM erased") == await kept(world, "SELECT * FROM departures") == []


async def test_suggestions_are_kept_by_ids_and_numbers_and_withdrawn(world):
    await hear(world, record("suggestions.v1", "s", suggestion("mei", "kai"), version=5))
    found = await world.pool.fetchrow("SELECT * FROM suggestions")
    assert (found["seeker_id"], found["posting_id"], found["fit"]) == ("amara", "o", 80)
    assert found["introducers"] == ["kai", "mei"]
    assert found["paths"][0] == {"introducer_id": "mei", "insider_id": "ida", "score": 0.2, "ask": "app"}
    await hear(world, record("suggestions.v1", "s", None, version=6))
    await hear(world, record("suggestions.v1", "s", suggestion("mei"), version=4))
    assert await kept(world, "SELECT version, seeker_id, paths FROM suggestions") == [(6, None, None)]
    await hear(world, record("suggestions.v1", "s", suggestion("mei"), version=7))
    assert await kept(world, "SELECT version, introducers FROM suggestions") == [(7, ["mei"])]


async def test_a_seeker_who_is_erased_has_no_suggestions_and_no_blocks_left(world):
    await hear(world, record("people.v1", "amara", member("amara")))
    await hear(world, record("suggestions.v1", "s", suggestion("mei")))
    await hear(world, record("ties.v1", "mei:amara", tie(Blocked())))
    await hear(world, record("people.v1", "amara", None))
    assert await kept(world, "SELECT seeker_id FROM suggestions") == [(None,)]
    assert await kept(world, "SELECT * FROM blocks") == []


@pytest.mark.parametrize("lifted", [tie(Closeness(value=3)), tie(), None], ids=["a rating", "nothing", "a tombstone"])
async def test_blocks_come_and_go_and_other_ties_leave_no_row(world, lifted):
    blocks = "SELECT person_id, contact_id, blocked FROM blocks"
    await hear(world, record("ties.v1", "mei:amara", tie(Closeness(value=1))))
    assert await kept(world, blocks) == []
    await hear(world, record("ties.v1", "mei:amara", tie(Closeness(value=1), Blocked()), version=50))
    assert await kept(world, blocks) == [("mei", "amara", True)]
    await hear(world, record("ties.v1", "mei:amara", lifted, version=49))
    assert await kept(world, blocks) == [("mei", "amara", True)]
    await hear(world, record("ties.v1", "mei:amara", lifted, version=51))
    assert await kept(world, blocks) == [("mei", "amara", False)]
    await hear(world, record("ties.v1", "mei:amara", tie(Blocked()), version=50))
    assert await kept(world, blocks) == [("mei", "amara", False)]


async def test_versions_are_forgotten_after_a_while_and_openings_once_nothing_is_about_them(world):
    await hear(world, record("postings.v1", "o", opening("closed")), record("suggestions.v1", "s", suggestion("mei")))
    await hear(world, record("people.v1", "kai", member("kai")))
    await hear(world, record("people.v1", "kai", None))
    await hear(world, record("ties.v1", "mei:amara", tie(Blocked())))
    await hear(world, record("ties.v1", "mei:amara", tie()))
    await world.pool.execute("UPDATE openings SET closed_at = now() - interval '31 days'")
    await mirror.delete_old(world.pool)
    for table in ("openings", "suggestions", "erased", "blocks"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 1, table  # noqa: S608 - our own names
    await hear(world, record("suggestions.v1", "s", None))
    await world.pool.execute("UPDATE suggestions SET changed_at = now() - interval '31 days'")
    await world.pool.execute("UPDATE blocks SET changed_at = now() - interval '31 days'")
    await world.pool.execute("UPDATE erased SET erased_at = now() - interval '31 days'")
    await mirror.delete_old(world.pool)
    for table in ("openings", "suggestions", "erased", "blocks"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 - our own names
