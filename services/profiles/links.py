"""Which entries of address books are linked to which members: reads what the rules in `finding` need, and applies them.

Only reads. A member appears in an address book once; of several entries that could be them, the linked one stays so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from services.profiles import store
from services.profiles.domain import Contact, Member
from services.profiles.finding import Entry, Person, claims, found_by
from services.profiles.store import SQL
from shared.resolution import Vocabulary
from shared.storage.pool import Connection

Link = tuple[Contact, str | None]
"""An entry, and the member its owner finds by it."""

Yeses = AbstractSet[tuple[str, str]]
"""Owners, and members who said yes to them in an introduction."""


class Links:
    """Decides the links of one member's entries, and of other people's entries about one member."""

    def __init__(self, conn: Connection, today: date) -> None:
        self._conn, self._today, self._words = conn, today, Vocabulary.default()

    async def of(self, owner: Member, entries: Sequence[Contact], elsewhere: Collection[str] = ()) -> list[Link]:
        """Whom the owner finds by each of these entries of theirs, which need not be stored yet.

        `elsewhere`: members whom other entries of theirs are linked to.
        """
        may_find = await self.possible(owner, entries)
        taken = set(elsewhere)
        found: dict[str, str | None] = {}
        for entry in sorted(entries, key=lambda each: (each.member_id is None, each.contact_id)):
            one = next((member_id for member_id in may_find[entry.contact_id] if member_id not in taken), None)
            found[entry.contact_id] = one
            if one is not None:
                taken.add(one)
        return [(entry, found[entry.contact_id]) for entry in entries]

    async def possible(self, owner: Member, entries: Sequence[Contact]) -> dict[str, list[str]]:
        """By contact id: whom the owner may find by the entry, taken alone; the one to be preferred first."""
        facts = (await self._persons([owner]))[owner.member_id]
        named = await self._named_by(owner, entries)
        back = await self._entries_about(facts, list(named))
        yeses = await self._yeses([owner.member_id], list(named))
        by_mark: defaultdict[str, list[Person]] = defaultdict(list)
        for person in named.values():
            for mark in (person.email, person.link, person.member_id):
                if mark is not None:
                    by_mark[mark].append(person)
        found: dict[str, list[str]] = {}
        for entry in entries:
            marks = [mark for mark in (entry.email, entry.profile_key, entry.introduced_to) if mark is not None]
            candidates = [person for mark in marks for person in by_mark.get(mark, ())]
            # A present link stays if it may; otherwise the verified address takes precedence over the profile link.
            candidates.sort(key=lambda person: person.member_id != entry.member_id)
            finds = (person for person in candidates if self._finds(facts, entry, person, back, yeses))
            found[entry.contact_id] = [person.member_id for person in finds]
        return found

    async def to(self, member: Member, entries: Sequence[Contact], own: Sequence[Contact]) -> list[Link]:
        """Which of these entries of other members lead to the member. `own`: the member's own entries."""
        owners = await store.find_members(self._conn, {entry.owner_id for entry in entries})
        persons = await self._persons([member, *owners.values()])
        facts, back = persons[member.member_id], {member.member_id: [entry.facts() for entry in own]}
        yeses = await self._yeses(list(owners), [member.member_id])
        taken: set[str] = set()
        links: list[Link] = []
        for entry in sorted(entries, key=lambda each: (each.member_id != member.member_id, each.contact_id)):
            if entry.member_id not in {None, member.member_id} or entry.owner_id in taken:
                continue
            leads = self._finds(persons[entry.owner_id], entry, facts, back, yeses)
            if leads:
                taken.add(entry.owner_id)
            links.append((entry, member.member_id if leads else None))
        return links

    async def claims(self, owner: Member, entries: Sequence[Contact]) -> dict[str, list[Member]]:
        """By contact id: members who say that the entry's profile link is theirs, and said yes to the owner."""
        open_entries = [entry for entry in entries if entry.member_id is None and entry.profile_key]
        links = [entry.profile_key for entry in open_entries]
        members = await store.members(self._conn, "find_members_named", [], links, [], owner.member_id) if links else []
        persons = await self._persons([owner, *members])
        facts = persons[owner.member_id]
        back = await self._entries_about(facts, [member.member_id for member in members])
        return {
            entry.contact_id: claiming
            for entry in open_entries
            if (
                claiming := [
                    member
                    for member in members
                    if claims(facts, entry.facts(), persons[member.member_id], back.get(member.member_id, ()))
                ]
            )
        }

    def _finds(
        self, owner: Person, entry: Contact, member: Person, back: Mapping[str, Iterable[Entry]], yeses: Yeses
    ) -> bool:
        theirs, said_yes = back.get(member.member_id, ()), (owner.member_id, member.member_id) in yeses
        return found_by(owner, entry.facts(), member, theirs, self._words, said_yes=said_yes) is not None

    async def _yeses(self, owners: Sequence[str], members: Sequence[str]) -> Yeses:
        rows = await self._conn.fetch(SQL["find_yeses"], owners, members) if owners and members else []
        return {(row["person_id"], row["other_id"]) for row in rows}

    async def _named_by(self, owner: Member, entries: Sequence[Contact]) -> dict[str, Person]:
        emails = [entry.email for entry in entries if entry.email]
        links = [entry.profile_key for entry in entries if entry.profile_key]
        known = [entry.introduced_to for entry in entries if entry.introduced_to]
        members = await store.members(self._conn, "find_members_named", emails, links, known, owner.member_id)
        return await self._persons(members)

    async def _entries_about(self, owner: Person, members: Sequence[str]) -> dict[str, list[Entry]]:
        """By member: their entries that name the owner."""
        named = (owner.email, owner.link, owner.member_id)
        rows = await store.contacts(self._conn, "find_entries_naming", members, *named) if members else []
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in rows:
            found[entry.owner_id].append(entry.facts())
        return found

    async def _persons(self, members: Sequence[Member]) -> dict[str, Person]:
        """What finding depends on, by id. A link that another member has proven says nothing of who claims it."""
        claimed = [member.profile_key for member in members if member.profile_key and not member.profile_verified]
        rows = await self._conn.fetch(SQL["find_proven_links"], claimed) if claimed else []
        proven = {row["profile_key"] for row in rows}
        found = {}
        for member in members:
            facts = member.facts(self._today, self._words)
            contested = facts.link in proven and not facts.link_verified
            found[member.member_id] = replace(facts, link=None) if contested else facts
        return found
