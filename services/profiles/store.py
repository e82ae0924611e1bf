"""The tables of profiles as objects of the domain. Everything runs in the caller's transaction."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import asyncpg

from services.profiles.corrections import stored
from services.profiles.domain import Contact, Member, Published, SourceFacts
from services.profiles.publication import SOURCE, Publication
from services.profiles.sort_keys import company_key, name_key
from shared.events.people import Employment, Seeking
from shared.events.ties import WorkedTogether, tie_key
from shared.messaging.publish import outbox
from shared.messaging.publish.outbox import Lane
from shared.messaging.topics.catalogue import PEOPLE, TIES
from shared.resolution import Vocabulary
from shared.storage.pool import Connection
from shared.storage.queries import load

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = load(Path(__file__).with_name("queries.sql"))
SIGN_IN = load(Path(__file__).with_name("sign_in.sql"))
ERASED_KEPT = timedelta(days=30)
AT_ONCE = 2_000
"""Contacts that are read, or made into records and written, together; all of a large address book would fill memory."""

_CONTACT_COLUMNS = (
    "contact_id", "owner_id", "name", "name_key", "folded", "email", "profile_url", "profile_key", "company",
    "company_key", "position", "connected_on", "closeness", "blocked", "member_id", "person_version", "person_digest",
    "tie_version", "tie_digest", "company_vocabulary", "given_name", "corrected",
)  # fmt: skip
_FACTS = tuple(column.name for column in fields(SourceFacts))
_SOURCE_COLUMNS = ("contact_id", *_FACTS)
_facts = attrgetter(*_FACTS)


class TakenError(Exception):
    """Another member has verified the same address or profile link."""


# Members


async def find_member(conn: Connection, member_id: str, lock: str = "find_member") -> Member | None:
    """A member, or None. `lock` names the query: find_member, lock_member or lock_member_for_deletion."""
    row = await conn.fetchrow(SQL[lock], member_id)
    return None if row is None else _member(row)


async def find_members(conn: Connection, ids: Collection[str]) -> dict[str, Member]:
    """Members by id; unknown ids are left out."""
    return {member.member_id: member for member in await members(conn, "find_members", list(ids))}


async def members(conn: Connection, query: str, *args: object) -> list[Member]:
    """The members that a query returns."""
    return [_member(row) for row in await conn.fetch(SQL[query], *args)]


async def save_member(conn: Connection, member: Member, *, new: bool = False) -> None:
    """Store a member's profile, and what is published of it on people.v1.

    Raises:
        TakenError: the address or the link is another member's.
    """
    try:
        await conn.execute(
            SQL["add_member" if new else "update_member"],
            member.member_id,
            member.name,
            member.email,
            member.email_verified,
            member.new_email,
            member.profile_url,
            member.profile_key,
            member.profile_verified,
            member.time_zone,
            member.headline,
            [work.model_dump(mode="json", exclude_none=True) for work in member.employments],
            list(member.skills),
            member.seeking.model_dump(mode="json", exclude_none=True) if member.seeking else None,
            member.introduces,
            member.visible_to_contacts,
            member.findable,
            member.looks_openly,
            member.discreet,
            None if member.hiring_contact_for is None else list(member.hiring_contact_for),
            *member.published,
        )
    except asyncpg.UniqueViolationError as error:
        raise TakenError from error


async def add_token(conn: Connection, member_id: str, token_hash: str) -> bool:
    """Add a token of a member; False where there is no such member."""
    return await conn.fetchval(SQL["add_token"], token_hash, member_id) is not None


def _member(row: asyncpg.Record) -> Member:
    return Member(
        member_id=row["member_id"],
        name=row["name"],
        email=row["email"],
        email_verified=row["email_verified"],
        new_email=row["new_email"],
        profile_url=row["profile_url"],
        profile_verified=row["profile_verified"],
        time_zone=row["time_zone"],
        headline=row["headline"],
        employments=tuple(Employment.model_validate(work) for work in row["employments"]),
        skills=tuple(row["skills"]),
        seeking=Seeking.model_validate(row["seeking"]) if row["seeking"] else None,
        introduces=row["introduces"],
        visible_to_contacts=row["visible_to_contacts"],
        findable=row["findable"],
        looks_openly=row["looks_openly"],
        discreet=row["discreet"],
        hiring_contact_for=None if row["hiring_contact_for"] is None else tuple(row["hiring_contact_for"]),
        listed={source: book["listed"] for source, book in row["books"].items()},
        corrections=stored(row["corrections"]),
        published=Published(row["version"], row["digest"]),
    )


# Contacts


def _contact(row: asyncpg.Record, sources: tuple[SourceFacts, ...]) -> Contact:
    stated = row["worked_together"]
    return Contact(
        contact_id=row["contact_id"],
        owner_id=row["owner_id"],
        name=row["name"],
        given_name=row["given_name"],
        email=row["email"],
        profile_url=row["profile_url"],
        company=row["company"],
        position=row["position"],
        connected_on=row["connected_on"],
        sources=sources,
        closeness=row["closeness"],
        worked_together=WorkedTogether.model_validate(stated) if stated else None,
        blocked=row["blocked"],
        may_find_me=row["may_find_me"],
        confirmed=row["confirmed"],
        introduced=row["introduced"],
        introduced_to=row["introduced_to"],
        corrected=row["corrected"],
        member_id=row["member_id"],
        person=Published(row["person_version"], row["person_digest"]),
        tie=Published(row["tie_version"], row["tie_digest"]),
    )


def _columns(contact: Contact) -> tuple[Any, ...]:
    words = Vocabulary.default()
    return (
        contact.contact_id,
        contact.owner_id,
        contact.name,
        name_key(contact.name),
        "\n".join(filter(None, (contact.name, contact.company, contact.corrected))).casefold(),
        contact.email,
        contact.profile_url,
        contact.profile_key,
        contact.company,
        company_key(contact.employer, words) if contact.employer else None,
        contact.position,
        contact.connected_on,
        contact.closeness,
        contact.blocked,
        contact.member_id,
        *contact.person,
        *contact.tie,
        words.digest,
        contact.given_name,
        contact.corrected,
    )


async def contacts(conn: Connection, query: str, *args: object) -> list[Contact]:
    """The contacts that a query returns."""
    return await _with_sources(conn, await conn.fetch(SQL[query], *args))


async def book(conn: Connection, query: str, owner_id: str) -> AsyncGenerator[list[Contact]]:
    """A whole address book by such a query, some contacts at a time: all of a large one would fill the memory."""
    cursor = await conn.cursor(SQL[query], owner_id)
    while rows := await cursor.fetch(AT_ONCE):
        yield await _with_sources(conn, rows)


async def _with_sources(conn: Connection, rows: Sequence[asyncpg.Record]) -> list[Contact]:
    told: defaultdict[str, list[SourceFacts]] = defaultdict(list)
    if rows:
        found = await conn.fetch(SQL["find_sources"], [row["contact_id"] for row in rows])
        for contact_id, *facts in found:
            told[contact_id].append(SourceFacts(*facts))
    return [_contact(row, tuple(told[row["contact_id"]])) for row in rows]


async def add_contacts(conn: Connection, new: Sequence[Contact]) -> None:
    """Store many new contacts by COPY; imports bring no statements, so `worked_together` is empty."""
    rows = await asyncio.to_thread(lambda: [_columns(contact) for contact in new])  # there may be thousands
    await conn.copy_records_to_table("contacts", records=rows, columns=_CONTACT_COLUMNS)
    await _add_sources(conn, new)


async def update_contacts(conn: Connection, changes: Iterable[Contact], *, sources: bool = False) -> None:
    """Store contacts as they are now; `sources`: what was imported of them changed, too."""
    changed = list(changes)
    rows = [
        (
            *_columns(now),
            now.worked_together.model_dump(mode="json") if now.worked_together else None,
            now.may_find_me,
            now.confirmed,
            now.introduced,
            now.introduced_to,
        )
        for now in changed
    ]
    if rows:
        await conn.executemany(SQL["update_contact"], rows)
    if sources and rows:
        await conn.execute(SQL["delete_sources"], [now.contact_id for now in changed])
        await _add_sources(conn, changed)


async def _add_sources(conn: Connection, contacts: Sequence[Contact]) -> None:
    rows = [(contact.contact_id, *_facts(facts)) for contact in contacts for facts in contact.sources]
    await conn.copy_records_to_table("contact_sources", records=rows, columns=_SOURCE_COLUMNS)


async def refresh_company_keys(conn: Connection, words: Vocabulary, after: str, limit: int) -> str | None:
    """Resolve company keys of another vocabulary again, of at most `limit` contacts after the id `after`.

    Returns the last contact's id; None where there was none left.
    """
    rows = await conn.fetch(SQL["outdated_company_keys"], words.digest, after, limit)
    keys = await asyncio.to_thread(lambda: [company_key(row["company"], words) for row in rows])
    changes = [(row["contact_id"], row["company"], key, words.digest) for row, key in zip(rows, keys, strict=True)]
    if changes:
        await conn.executemany(SQL["update_company_key"], changes)
    return rows[-1]["contact_id"] if rows else None


async def delete_contacts(conn: Connection, deleted: Sequence[Contact]) -> None:
    """Delete contacts."""
    if deleted:
        await conn.execute(SQL["delete_contacts"], [contact.contact_id for contact in deleted])


# Topics


async def publish(
    conn: Connection, publication: Publication, *, lane: Lane = Lane.PROMPT, republish_after: timedelta | None = None
) -> None:
    """Write a publication to the outbox in this transaction, and store the versions of its tombstones."""
    await outbox.enqueue_many(conn, publication.records, source=SOURCE, lane=lane, republish_after=republish_after)
    if publication.withdrawn:
        await conn.execute(SQL["store_erased"], *map(list, zip(*publication.withdrawn, strict=True)))


async def erased_versions(conn: Connection, contacts: Iterable[Contact]) -> dict[str, int]:
    """By key: the versions of earlier tombstones of these contacts and their ties."""
    people = [one.contact_id for one in contacts if one.person.version is None and one.member_id is None]
    ties = [tie_key(one.owner_id, one.person_id) for one in contacts if one.tie.version is None]
    found: dict[str, int] = {}
    for topic, keys in ((PEOPLE, people), (TIES, ties)):
        rows = await conn.fetch(SQL["erased_versions"], topic.name, keys) if keys else []
        found |= {row["key"]: row["version"] for row in rows}
    return found
