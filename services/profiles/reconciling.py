"""The contents of the tables behind the topics of profiles, for comparing the two after a restore.

All writes hold the network lock, so that no import or new member can bring back a key that is being withdrawn.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.profiles import network, store
from services.profiles.domain import Published
from services.profiles.publication import Publication, upsert_member
from services.profiles.store import SQL
from shared.events.base import Contract
from shared.events.people import PersonV1
from shared.events.ties import Blocked, TieV1, tie_key
from shared.messaging.publish.outbox import Lane
from shared.messaging.publish.reconciling import PAGE_ROWS, TableRow, TopicEntry, TopicOwner
from shared.messaging.topics.catalogue import PEOPLE, TIES
from shared.storage.pool import Connection, Pool


class People:
    """`people.v1`: members, and contacts who are not linked to one. `republish_after` is for tombstones."""

    topic = PEOPLE

    def __init__(self, republish_after: timedelta) -> None:
        self._republish_after = republish_after

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every member, then every contact."""
        last: str | None = None
        while rows := await pool.fetch(SQL["list_member_versions"], last, PAGE_ROWS):
            yield [TableRow(row["member_id"], row["member_id"], row["version"], row["digest"]) for row in rows]
            last = rows[-1]["member_id"]
        last = None
        while rows := await pool.fetch(SQL["list_contact_versions"], last, PAGE_ROWS):
            unlinked = [row for row in rows if row["member_id"] is None]
            yield [
                TableRow(r["contact_id"], r["contact_id"], r["person_version"], r["person_digest"]) for r in unlinked
            ]
            last = rows[-1]["contact_id"]

    def revokes(self, value: Contract) -> bool:
        """Whether a member does not (or no longer) introduce."""
        return isinstance(value, PersonV1) and value.member and not value.introduces

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Publish members and contacts as they are now; a consent withdrawn since the backup stays withdrawn."""
        await conn.execute(SQL["lock_network"])
        publication, withdrawn = Publication(), []
        for member in await store.members(conn, "lock_members", list(rows)):
            entry, published = rows[member.member_id], member.published
            agrees = member.introduces and not entry.overrides(published.version)
            if member.introduces and not agrees:
                withdrawn.append(member.member_id)
            now = replace(member, published=_above(published, entry.version), introduces=agrees)
            await store.save_member(conn, upsert_member(publication, now))
        changed = []
        for contact in await store.contacts(conn, "lock_contacts_by_id", list(rows)):
            event = contact.event()
            if event is not None:
                published = publication.upsert(
                    PEOPLE, contact.contact_id, event, _above(contact.person, rows[contact.contact_id].version)
                )
                changed.append(replace(contact, person=published))
        await store.update_contacts(conn, changed)
        await store.publish(conn, publication, lane=Lane.BULK)
        await conn.execute(SQL["refind_members"], withdrawn)  # to introduce lets contacts find them, too

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Withdraw people who are neither members nor contacts."""
        await conn.execute(SQL["lock_network"])
        known = {row["key"] for row in await conn.fetch(SQL["find_known_people"], list(keys))}
        publication = Publication()
        for key in keys.keys() - known:
            publication.withdraw(PEOPLE, key, Published(keys[key]))
        await store.publish(conn, publication, lane=Lane.BULK, republish_after=self._republish_after)


class Ties:
    """`ties.v1`. `today` is needed for how long two people worked together."""

    topic = TIES

    def __init__(self, today: Callable[[], date], republish_after: timedelta) -> None:
        self._today, self._republish_after = today, republish_after

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every contact's tie."""
        last: str | None = None
        while rows := await pool.fetch(SQL["list_contact_versions"], last, PAGE_ROWS):
            keys = [tie_key(row["owner_id"], row["member_id"] or row["contact_id"]) for row in rows]
            named = zip(keys, rows, strict=True)
            yield [TableRow(key, row["contact_id"], row["tie_version"], row["tie_digest"]) for key, row in named]
            last = rows[-1]["contact_id"]

    def revokes(self, value: Contract) -> bool:
        """Whether the owner blocks the contact."""
        return isinstance(value, TieV1) and any(isinstance(each, Blocked) for each in value.evidence)

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Publish ties as they are now; contacts blocked since the backup stay blocked."""
        await conn.execute(SQL["lock_network"])
        contacts = await store.contacts(conn, "lock_contacts_by_id", list(rows))
        owners = await store.find_members(conn, {contact.owner_id for contact in contacts})
        together = await network.overlaps(conn, contacts, self._today())
        publication, changed, block_again = Publication(), [], set()
        for row in contacts:
            entry = rows[row.contact_id]
            contact = replace(row, blocked=row.blocked or entry.overrides(row.tie.version))
            if contact.blocked and not row.blocked:
                block_again.add(contact.owner_id)
            event = contact.tie_event(owners[contact.owner_id].listed, together.get(contact.contact_id))
            key, before = tie_key(contact.owner_id, contact.person_id), _above(contact.tie, entry.version)
            changed.append(replace(contact, tie=publication.upsert(TIES, key, event, before)))
        await store.update_contacts(conn, changed)
        await store.publish(conn, publication, lane=Lane.BULK)
        await conn.execute(SQL["refind_members"], list(block_again))  # whom they block finds them no more

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Withdraw ties that are in nobody's address book."""
        await conn.execute(SQL["lock_network"])
        owners, people = zip(*(_parts(key) for key in keys), strict=True)
        rows = await conn.fetch(SQL["find_known_ties"], owners, people)
        known = {tie_key(row["owner_id"], row["person_id"]) for row in rows}
        publication = Publication()
        for key in keys.keys() - known:
            publication.withdraw(TIES, key, Published(keys[key]))
        await store.publish(conn, publication, lane=Lane.BULK, republish_after=self._republish_after)


def owners(today: Callable[[], date], republish_after: timedelta) -> dict[str, TopicOwner]:
    """The owners of the topics, by topic name."""
    found: tuple[TopicOwner, ...] = (People(republish_after), Ties(today, republish_after))
    return {owner.topic.name: owner for owner in found}


def _above(published: Published, version: int) -> Published:
    """The state from which the next record is published in any case, above both the row's version and the topic's."""
    return Published(max(published.version or 0, version), None)


def _parts(key: str) -> tuple[str, str]:
    owner, _, person = key.partition(":")
    return owner, person
