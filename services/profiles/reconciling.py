"""What profiles knows of its topics' tables: for comparing them after a restore.

Whatever is written here is written alone with the network, so that no import or new member can bring back a key that is
being withdrawn.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.profiles import network, store
from services.profiles.announce import News, tell_member
from services.profiles.domain import Published
from services.profiles.store import SQL
from shared.events.base import Contract
from shared.events.people import PersonV1
from shared.events.ties import Blocked, TieV1, tie_key
from shared.messaging.publish.outbox import Lane
from shared.messaging.publish.reconciling import PAGE_ROWS, TableRow, TopicEntry, TopicOwner
from shared.messaging.topics.catalogue import PEOPLE, TIES
from shared.storage.pool import Connection, Pool


class People:
    """`people.v1`: members, and contacts who are none. `republish_after` is for tombstones."""

    topic = PEOPLE

    def __init__(self, republish_after: timedelta) -> None:
        self._republish_after = republish_after

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every member, then every contact."""
        last: str | None = None
        while rows := await pool.fetch(SQL["page_members"], last, PAGE_ROWS):
            yield [TableRow(row["member_id"], row["member_id"], row["version"], row["digest"]) for row in rows]
            last = rows[-1]["member_id"]
        last = None
        while rows := await pool.fetch(SQL["page_contacts"], last, PAGE_ROWS):
            strangers = [row for row in rows if row["member_id"] is None]
            yield [
                TableRow(r["contact_id"], r["contact_id"], r["person_version"], r["person_digest"]) for r in strangers
            ]
            last = rows[-1]["contact_id"]

    def revokes(self, value: Contract) -> bool:
        """A member does not introduce (any more)."""
        return isinstance(value, PersonV1) and value.member and not value.introduces

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Publish members and contacts as they are now; a consent that was withdrawn since the backup stays so."""
        await conn.execute(SQL["lock_network"])
        news = News()
        for member in await store.members(conn, "lock_members", list(rows)):
            entry, published = rows[member.member_id], member.published
            agrees = member.introduces and not entry.overrides(published.version)
            now = replace(member, published=_above(published, entry.version), introduces=agrees)
            await store.save_member(conn, tell_member(news, now))
        changed = []
        for contact in await store.contacts(conn, "lock_contacts_by_id", list(rows)):
            event = contact.event()
            if event is not None:
                told = news.tell(
                    PEOPLE, contact.contact_id, event, _above(contact.person, rows[contact.contact_id].version)
                )
                changed.append((contact.contact_id, replace(contact, person=told)))
        await store.update_contacts(conn, changed)
        await store.publish(conn, news, lane=Lane.BULK)

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Take back who is neither a member nor anybody's contact."""
        await conn.execute(SQL["lock_network"])
        known = {row["key"] for row in await conn.fetch(SQL["known_people"], list(keys))}
        news = News()
        for key in keys.keys() - known:
            news.erase(PEOPLE, key, Published(keys[key]))
        await store.publish(conn, news, lane=Lane.BULK, republish_after=self._republish_after)


class Ties:
    """`ties.v1`. `today` is for how long two have worked together."""

    topic = TIES

    def __init__(self, today: Callable[[], date], republish_after: timedelta) -> None:
        self._today, self._republish_after = today, republish_after

    async def pages(self, pool: Pool) -> AsyncGenerator[list[TableRow], None]:
        """Every contact's tie."""
        last: str | None = None
        while rows := await pool.fetch(SQL["page_contacts"], last, PAGE_ROWS):
            keys = [tie_key(row["owner_id"], row["member_id"] or row["contact_id"]) for row in rows]
            named = zip(keys, rows, strict=True)
            yield [TableRow(key, row["contact_id"], row["tie_version"], row["tie_digest"]) for key, row in named]
            last = rows[-1]["contact_id"]

    def revokes(self, value: Contract) -> bool:
        """The owner blocks the contact."""
        return isinstance(value, TieV1) and any(isinstance(each, Blocked) for each in value.evidence)

    async def republish(self, conn: Connection, rows: Mapping[str, TopicEntry]) -> None:
        """Publish ties as they are now; who was blocked since the backup stays blocked."""
        await conn.execute(SQL["lock_network"])
        contacts = await store.contacts(conn, "lock_contacts_by_id", list(rows))
        owners = await store.find_members(conn, {contact.owner_id for contact in contacts})
        together = await network.overlaps(conn, contacts, self._today())
        news, changed = News(), []
        for row in contacts:
            entry = rows[row.contact_id]
            contact = replace(row, blocked=row.blocked or entry.overrides(row.tie.version))
            event = contact.tie_event(owners[contact.owner_id].listed, together.get(contact.contact_id))
            key, before = tie_key(contact.owner_id, contact.person_id), _above(contact.tie, entry.version)
            changed.append((contact.contact_id, replace(contact, tie=news.tell(TIES, key, event, before))))
        await store.update_contacts(conn, changed)
        await store.publish(conn, news, lane=Lane.BULK)

    async def withdraw(self, conn: Connection, keys: Mapping[str, int]) -> None:
        """Take back ties that stand in nobody's address book."""
        await conn.execute(SQL["lock_network"])
        owners, people = zip(*(_parts(key) for key in keys), strict=True)
        rows = await conn.fetch(SQL["known_ties"], owners, people)
        known = {tie_key(row["owner_id"], row["person_id"]) for row in rows}
        news = News()
        for key in keys.keys() - known:
            news.erase(TIES, key, Published(keys[key]))
        await store.publish(conn, news, lane=Lane.BULK, republish_after=self._republish_after)


def owners(today: Callable[[], date], republish_after: timedelta) -> dict[str, TopicOwner]:
    """What is known of each topic, by its name."""
    found: tuple[TopicOwner, ...] = (People(republish_after), Ties(today, republish_after))
    return {owner.topic.name: owner for owner in found}


def _above(published: Published, version: int) -> Published:
    """The state from which the next record is published in any case, above both the row's version and the topic's."""
    return Published(max(published.version or 0, version), None)


def _parts(key: str) -> tuple[str, str]:
    owner, _, person = key.partition(":")
    return owner, person
