"""The postings' tables, and what each change writes: the row and its event in the caller's transaction, or neither.

A posting's row is locked before its next version is chosen, so versions on `postings.v1` grow in the order of commits.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import asyncpg

from services.postings import domain
from services.postings.domain import By, Draft, Organisation, Posting, RefusedError, TooBigError, TooManyError
from shared.events.clock import CLOCK_KEY, ClockV1
from shared.events.postings import PostingV1
from shared.messaging.publish import outbox
from shared.messaging.topics.catalogue import CLOCK, POSTINGS
from shared.storage.pool import Connection
from shared.storage.queries import load

MIGRATIONS = Path(__file__).with_name("migrations")
SOURCE = "postings"
REPUBLISHED_AFTER = timedelta(days=8)
"""After `segment.ms` (7 days): only a new record makes a quiet partition compact an erased person's id away."""

SQL = load(Path(__file__).with_name("queries.sql"))

Refusal = RefusedError | TooBigError | TooManyError


class TakenError(Exception):
    """Another posting of the organisation has this external id."""


class StaleError(Exception):
    """The posting is no longer at the version the caller has seen."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of applying a draft."""

    status: Literal["created", "updated", "unchanged"]
    posting: Posting


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a list; None does not filter. Texts match in any case, titles word by word."""

    status: str | None = None
    company: str | None = None
    title: str | None = None
    posted_after: datetime | None = None
    posted_before: datetime | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An opening in a list, with the step of its reach and when it was worked out; both None before."""

    posting: Posting
    reach: int | None
    reach_at: datetime | None


# --- reading --------------------------------------------------------------------------------------------------------


async def find(conn: Connection, organisation_id: str, posting_id: str) -> Posting | None:
    """A posting of this organisation; None for any other."""
    row = await conn.fetchrow(SQL["find_posting"], organisation_id, posting_id)
    return None if row is None else _posting(row)


async def page(
    conn: Connection, organisation_id: str, filters: Filters, after: tuple[datetime, str] | None, limit: int
) -> list[Listed]:
    """At most `limit` postings, newest first, after the sort key `after`."""
    rows = await conn.fetch(
        SQL["list_postings"],
        organisation_id,
        filters.status,
        _folded(filters.company),
        (_folded(filters.title) or "").split() or None,
        filters.posted_after,
        filters.posted_before,
        after[0] if after else None,
        after[1] if after else None,
        filters.external_id,
        limit,
    )
    return [Listed(_posting(row), row["reach"], row["reach_at"]) for row in rows]


async def find_reach(
    conn: Connection, organisation_id: str, posting_id: str
) -> tuple[int | None, datetime | None] | None:
    """The step of an opening's reach and when it was worked out, both None before; None for an opening of others."""
    row = await conn.fetchrow(SQL["find_reach"], organisation_id, posting_id)
    return None if row is None else (row["reach"], row["reach_at"])


# --- changing -------------------------------------------------------------------------------------------------------


async def upsert(
    conn: Connection, organisation_id: str, drafts: Sequence[Draft], now: datetime, *, by: By, most_new: int
) -> list[Outcome | Refusal]:
    """Create each draft, or replace the posting with its external id; one result for each draft, in their order.

    An organisation may create at most `most_new` openings a day (UTC).
    """
    known = await _by_external_id(conn, organisation_id, [d.external_id for d in drafts if d.external_id])
    poster = await _poster(conn, organisation_id, drafts)
    made = await _lock_count_of_today(conn, organisation_id, domain.today(now))
    before_these = made
    results: list[Outcome | Refusal] = []
    changed: list[Posting] = []
    for draft in drafts:
        before = known.get(draft.external_id or "")
        try:
            if before is None and made >= most_new:
                raise TooManyError(most_new)  # noqa: TRY301 - one of the refusals that this loop collects
            outcome = _apply(draft, poster, before, now, by)
        except (RefusedError, TooBigError, TooManyError) as refusal:
            results.append(refusal)
            continue
        made += before is None
        results.append(outcome)
        if outcome.status != "unchanged":
            changed.append(outcome.posting)
        if draft.external_id:
            known[draft.external_id] = outcome.posting
    await save(conn, changed)
    await conn.execute(SQL["count_new_openings"], organisation_id, domain.today(now), made - before_these)
    return results


async def replace(
    conn: Connection,
    organisation_id: str,
    posting_id: str,
    draft_of: Callable[[Posting], Draft],
    external_id: str | None,
    now: datetime,
    seen: frozenset[int] | None = None,
) -> Outcome | None:
    """Replace a posting by what `draft_of` makes of it; None where there is no such posting.

    `external_id`: the new one, where it changes.

    Raises:
        StaleError: `seen` is given and the posting's version is not in it.
        TakenError: the draft's external id belongs to another posting.
        RefusedError, TooBigError: the draft is not acceptable now.
    """
    same_id = await _by_external_id(conn, organisation_id, [external_id] if external_id else [])
    before = await _locked(conn, organisation_id, posting_id, seen)
    if before is None:
        return None
    if any(each.record.posting_id != posting_id for each in same_id.values()):
        raise TakenError
    draft = draft_of(before)
    outcome = _apply(draft, await _poster(conn, organisation_id, [draft]), before, now, "hand")
    if outcome.status != "unchanged":
        await save(conn, [outcome.posting])
    return outcome


async def close(conn: Connection, organisation_id: str, posting_id: str, now: datetime) -> Outcome | None:
    """Close a posting; a closed one is unchanged. None where there is no such posting."""
    before = await _locked(conn, organisation_id, posting_id)
    if before is None:
        return None
    if before.record.status == "closed":
        await conn.execute(SQL["mark_closed_by_hand"], posting_id)
        return Outcome("unchanged", before)
    after = before.closed("hand", outbox.next_version(before.record.version), now)
    await save(conn, [after])
    return Outcome("updated", after)


async def delete(conn: Connection, organisation_id: str, posting_id: str, seen: frozenset[int] | None = None) -> bool:
    """Delete a posting and publish its tombstone; False where there is no such posting.

    Raises:
        StaleError: `seen` is given and the posting's version is not in it.
    """
    before = await _locked(conn, organisation_id, posting_id, seen)
    if before is None:
        return False
    await conn.execute(SQL["delete_posting"], posting_id)
    version = outbox.next_version(before.record.version)
    await outbox.enqueue(conn, POSTINGS, posting_id, None, version, source=SOURCE)
    return True


async def remove_contact(conn: Connection, person_id: str, now: datetime) -> int:
    """Remove an erased person from every posting that names them; returns how many did."""
    await conn.execute(SQL["withdraw_consents"], person_id, [])
    rows = await conn.fetch(SQL["lock_by_contact"], person_id, [])
    postings = [_posting(row) for row in rows]
    for before in postings:
        after = before.without_contact(outbox.next_version(before.record.version), now)
        record = after.record
        await conn.execute(SQL["save_posting"], *_columns(after))
        await outbox.enqueue(
            conn, POSTINGS, record.posting_id, record, record.version, source=SOURCE, republish_after=REPUBLISHED_AFTER
        )
    return len(postings)


async def replace_consents(conn: Connection, person_id: str, organisations: Sequence[str], now: datetime) -> int:
    """Set the organisations that may name a member, and take them off the openings of others; returns how many."""
    await conn.execute(SQL["withdraw_consents"], person_id, organisations)
    await conn.execute(SQL["add_consents"], person_id, organisations)
    rows = await conn.fetch(SQL["lock_by_contact"], person_id, organisations)
    named = [_posting(row) for row in rows]
    await save(conn, [each.without_contact(outbox.next_version(each.record.version), now) for each in named])
    return len(named)


async def remove_contact_from(conn: Connection, organisation_id: str, person_id: str, now: datetime) -> None:
    """Take somebody who left an organisation off its openings."""
    named = [_posting(row) for row in await conn.fetch(SQL["lock_by_contact_of"], person_id, organisation_id)]
    await save(conn, [each.without_contact(outbox.next_version(each.record.version), now) for each in named])


async def close_all(conn: Connection, organisation_id: str, now: datetime) -> None:
    """Close every opening of an organisation in which nobody works any more."""
    postings = [_posting(row) for row in await conn.fetch(SQL["lock_open"], organisation_id)]
    await save(conn, [p.closed("hand", outbox.next_version(p.record.version), now) for p in postings])


async def republish_outdated(conn: Connection, now: datetime, limit: int) -> int:
    """Publish postings again whose record is outdated, at most `limit`; returns how many.

    A record is outdated when the organisation's vouching has changed, or the hiring contact has not agreed to be named.
    """
    postings = []
    for row in await conn.fetch(SQL["lock_outdated"], limit):
        posting = _posting(row)
        version = outbox.next_version(posting.record.version)
        updated = posting if row["agreed"] else posting.without_contact(version, now)
        changes = {"vouched": row["vouched"], "version": version}
        postings.append(dataclasses.replace(updated, record=updated.record.model_copy(update=changes)))
    await save(conn, postings)
    return len(postings)


async def close_expired(conn: Connection, today: date, now: datetime, limit: int) -> list[str]:
    """Close open postings whose last day is before `today`, at most `limit`; returns their ids."""
    rows = await conn.fetch(SQL["lock_expired"], today, limit)
    postings = [_posting(row) for row in rows]
    await save(conn, [p.closed("expiry", outbox.next_version(p.record.version), now) for p in postings])
    return [p.record.posting_id for p in postings]


async def claim_reach_due(conn: Connection, now: datetime, created_by: datetime, until: datetime) -> str | None:
    """Take an opening whose reach is due, for this process alone until then; None where none is."""
    found: str | None = await conn.fetchval(SQL["claim_reach_due"], now, created_by, until)
    return found


async def keep_reach(conn: Connection, posting_id: str, step: int, now: datetime, due_at: datetime) -> None:
    """Keep the step of an opening's reach until it is due again."""
    await conn.execute(SQL["keep_reach"], posting_id, step, now, due_at)


async def advance_clock(conn: Connection, today: date) -> bool:
    """Write `today` to clock.v1 unless it or a later day was written before: the day never goes back."""
    await conn.execute(SQL["add_clock"], CLOCK_KEY)
    row = await conn.fetchrow(SQL["lock_clock"], CLOCK_KEY)
    if row is None or row["day"] >= today:
        return False
    version = outbox.next_version(row["version"])
    await conn.execute(SQL["advance_clock"], CLOCK_KEY, today, version)
    await outbox.enqueue(conn, CLOCK, CLOCK_KEY, ClockV1(day=today, version=version), version, source=SOURCE)
    return True


@dataclass(frozen=True, slots=True)
class _Poster:
    """The organisation that posts, and which of the people that it names agreed to that."""

    organisation: Organisation
    agreed: frozenset[str]


async def _poster(conn: Connection, organisation_id: str, drafts: Sequence[Draft]) -> _Poster:
    vouched: bool = await conn.fetchval(SQL["find_organisation"], organisation_id)
    named = list({draft.hiring_contact for draft in drafts if draft.hiring_contact})
    rows = await conn.fetch(SQL["lock_agreed_contacts"], organisation_id, named) if named else []
    return _Poster(Organisation(organisation_id, vouched), frozenset(each["person_id"] for each in rows))


async def _lock_count_of_today(conn: Connection, organisation_id: str, day: date) -> int:
    """How many openings the organisation created today, locked until the transaction ends."""
    await conn.execute(SQL["add_day_of_openings"], organisation_id, day)
    made: int = await conn.fetchval(SQL["lock_day_of_openings"], organisation_id, day)
    return made


def _apply(draft: Draft, poster: _Poster, before: Posting | None, now: datetime, by: By) -> Outcome:
    if draft.hiring_contact is not None and draft.hiring_contact not in poster.agreed:
        # The same message for everybody's id and for none: it must not show whether a member exists.
        raise RefusedError("hiring_contact", "is the id of no member who agreed to be named by your organisation")
    after = domain.compose(
        draft,
        poster.organisation,
        posting_id=before.record.posting_id if before else str(uuid4()),
        version=outbox.next_version(before.record.version if before else None),
        now=now,
        by=by,
        before=before,
    )
    if before and after.has_same_content(before):
        return Outcome("unchanged", before)
    return Outcome("updated" if before else "created", after)


async def _by_external_id(conn: Connection, organisation_id: str, ids: list[str]) -> dict[str, Posting]:
    if not ids:
        return {}
    # The organisation is locked until the commit, so that two requests never create the same external id.
    await conn.fetchval(SQL["lock_organisation"], organisation_id)
    rows = await conn.fetch(SQL["lock_by_external_id"], organisation_id, ids)
    return {row["external_id"]: _posting(row) for row in rows}


async def _locked(
    conn: Connection, organisation_id: str, posting_id: str, seen: frozenset[int] | None = None
) -> Posting | None:
    row = await conn.fetchrow(SQL["lock_posting"], organisation_id, posting_id)
    if row is None:
        return None
    posting = _posting(row)
    if seen is not None and posting.record.version not in seen:
        raise StaleError
    return posting


async def lock_postings(conn: Connection, posting_ids: Sequence[str]) -> list[Posting]:
    """Those of these postings that exist, of any organisation, locked until the transaction ends."""
    return [_posting(row) for row in await conn.fetch(SQL["lock_postings"], posting_ids)]


async def save(conn: Connection, postings: Sequence[Posting]) -> None:
    """Store postings, and publish them, with the versions they have. Their rows must be locked, or new."""
    await conn.executemany(SQL["save_posting"], [_columns(posting) for posting in postings])
    # A single opening is published before those of feeds, so that a feed does not delay it.
    lane = outbox.Lane.PROMPT if len(postings) == 1 else outbox.Lane.BULK
    rows = [
        outbox.outgoing_record(POSTINGS, r.posting_id, r, r.version, source=SOURCE)
        for r in (p.record for p in postings)
    ]
    await outbox.enqueue_many(conn, rows, source=SOURCE, lane=lane)


def _columns(posting: Posting) -> tuple[Any, ...]:
    record = posting.record
    return (
        record.posting_id,
        posting.organisation_id,
        posting.external_id,
        record.status,
        _folded(record.company.name),
        record.company.domain,
        _folded(record.title),
        record.posted_at,
        record.valid_through,
        record.hiring_contact,
        record.model_dump(mode="json", exclude_none=True),
        posting.created_at,
        posting.updated_at,
        posting.closed_by,
    )


def _posting(row: asyncpg.Record) -> Posting:
    return Posting(
        row["organisation_id"],
        row["external_id"],
        PostingV1.model_validate(row["record"]),
        row["created_at"],
        row["updated_at"],
        row["closed_by"],
    )


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()
