"""What this service keeps of others' topics: openings, members' consents, suggestions, blocks. No names, no searches.

Functions that write run in the caller's transaction. Of several records of a key the last counts, and none changes
what a newer one said.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.events.suggestions import SuggestionV1
from shared.events.ties import Blocked, TieV1
from shared.messaging.consume.decoding import Record
from shared.storage.pool import Connection, Pool
from shared.storage.queries import load

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = load(Path(__file__).with_name("mirror.sql"))
VERSIONS_KEPT = timedelta(days=30)


async def put_openings(connection: Connection, records: Sequence[Record]) -> None:
    """Keep openings; a deleted one is as good as a closed one."""
    latest = _latest(records)
    kept = [_opening(each.value, each) for each in latest if isinstance(each.value, PostingV1)]
    gone = [(each.key, each.version, _written_at(each)) for each in latest if each.value is None]
    if kept:
        await connection.execute(SQL["put_openings"], kept)
    if gone:
        await connection.execute(SQL["close_openings"], *_columns(gone))


async def put_suggestions(connection: Connection, records: Sequence[Record]) -> None:
    """Keep suggestions, and the versions of those that were withdrawn."""
    await connection.execute(SQL["put_suggestions"], [_suggestion(each) for each in _latest(records)])


async def put_people(connection: Connection, records: Sequence[Record]) -> list[str]:
    """Keep members, and forget those who were erased, whose ids are returned. Contacts are passed over."""
    latest = _latest(records)
    members = [_person(each.value) for each in latest if isinstance(each.value, PersonV1) and each.value.member]
    gone = [(each.key, each.version) for each in latest if each.value is None]
    if members:
        there = [(each["person_id"], each["version"]) for each in members]
        await connection.execute(SQL["unmark_erased"], *_columns(there))
        await connection.execute(SQL["put_people"], members)
    if not gone:
        return []
    return [row["person_id"] for row in await connection.fetch(SQL["erase_people"], *_columns(gone))]


async def put_blocks(connection: Connection, records: Sequence[Record]) -> None:
    """Keep who blocks whom. Other evidence is passed over."""
    blocking: list[tuple[str, str, int]] = []
    others: list[tuple[str, str, int]] = []
    for each in _latest(records):
        person, _, contact = each.key.partition(":")
        found = blocking if _blocks(each) else others
        found.append((person, contact, each.version))
    if blocking:
        await connection.execute(SQL["put_blocks"], *_columns(blocking))
    if others:
        await connection.execute(SQL["lift_blocks"], *_columns(others))


async def delete_old(pool: Pool) -> None:
    """Delete versions of what was withdrawn, lifted or erased so long ago that no older record can come."""
    for query in ("delete_old_suggestions", "delete_old_blocks", "delete_old_erased", "delete_old_openings"):
        await pool.execute(SQL[query], VERSIONS_KEPT)


def _blocks(record: Record) -> bool:
    return isinstance(record.value, TieV1) and any(isinstance(each, Blocked) for each in record.value.evidence)


def _latest(records: Sequence[Record]) -> list[Record]:
    """The newest record of each key: one statement may not change a row twice."""
    return list({each.key: each for each in sorted(records, key=lambda each: each.version)}.values())


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _written_at(record: Record) -> datetime:
    return record.envelope.time


def _opening(value: PostingV1, record: Record) -> dict[str, Any]:
    return {
        "posting_id": value.posting_id,
        "version": record.version,
        "company": value.company.name,
        "title": value.title,
        "url": value.url,
        "closed_at": None if value.status == "open" else _written_at(record).isoformat(),
    }


def _suggestion(record: Record) -> dict[str, Any]:
    value = record.value
    if not isinstance(value, SuggestionV1):
        return {"suggestion_id": record.key, "version": record.version}
    paths = [each.model_dump(include={"introducer_id", "insider_id", "score", "ask"}) for each in value.paths]
    return {
        "suggestion_id": record.key,
        "version": record.version,
        "seeker_id": value.seeker_id,
        "posting_id": value.posting_id,
        "fit": value.fit,
        "paths": paths,
        "introducers": sorted({each.introducer_id for each in value.paths}),
    }


def _person(value: PersonV1) -> dict[str, Any]:
    return {
        "person_id": value.person_id,
        "version": value.version,
        "introduces": value.introduces,
        "looks_openly": value.seeking is not None and value.seeking.openly is True,
    }
