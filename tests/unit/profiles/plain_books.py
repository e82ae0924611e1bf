"""What lists change in an address book, in plain Python over everybody at once: what `Comparison` has to agree with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import uuid4

from services.profiles.addresses import profile_key
from services.profiles.books import facts_of
from services.profiles.domain import Contact
from services.profiles.imports.report import ContactRecord

Books = Mapping[str, Sequence[ContactRecord]]
_FULL_NAME = 2


@dataclass(slots=True)
class Plan:
    """What an import changes. `kept`: not listed any more, but the owner stated something about them.

    `others`: contacts whom the file does not speak of, and who are as they were.
    """

    added: list[Contact] = field(default_factory=list)
    updated: list[Contact] = field(default_factory=list)
    unchanged: list[Contact] = field(default_factory=list)
    kept: list[Contact] = field(default_factory=list)
    removed: list[Contact] = field(default_factory=list)
    others: list[Contact] = field(default_factory=list)

    @property
    def remaining(self) -> list[Contact]:
        """Everybody in the address book afterwards."""
        return [*self.added, *self.updated, *self.unchanged, *self.kept, *self.others]


def plan_import(
    owner_id: str, existing: Sequence[Contact], books: Books, today: date, *, keep_missing: bool = False
) -> Plan:
    """Compare the stored address book with newer lists, each with what its source told before.

    With `keep_missing` whoever a source listed before stays listed, in the new list or not.
    """
    before = {contact.contact_id: contact for contact in existing}
    after, plan, told = dict(before), Plan(), set[str]()
    for source, records in books.items():
        told |= _list(owner_id, after, source, records, today, keep_missing=keep_missing)
    for contact_id, now in after.items():
        old = before.get(contact_id)
        if not now.listed and now.sources and not now.stated:
            plan.removed.append(now)
        elif old is None:
            plan.added.append(now)
        elif contact_id in told:
            (plan.unchanged if _same(old, now) else plan.updated).append(now)
        elif not now.listed and any(one.source in books for one in now.sources):
            plan.kept.append(now)
        else:
            plan.others.append(now)
    return plan


def _same(old: Contact, now: Contact) -> bool:
    """Whether nothing but the time changed."""
    return [replace(one, seen=None) for one in old.sources] == [replace(one, seen=None) for one in now.sources]


def _list(
    owner_id: str,
    book: dict[str, Contact],
    source: str,
    records: Sequence[ContactRecord],
    today: date,
    *,
    keep_missing: bool,
) -> set[str]:
    """Make what `source` tells in the book equal to the records, or add these. The ids of those whom they list."""
    matched = _match(list(book.values()), source, records)
    listed: set[str] = set()
    for place, record in enumerate(records):
        contact = matched.get(place) or Contact(contact_id=str(uuid4()), owner_id=owner_id, name=record.name)
        facts = facts_of(source, record, today)
        if facts not in contact.sources:
            others = [one for one in contact.sources if one.source != source and one.listed]
            book[contact.contact_id] = contact.with_sources([facts, *others])
        listed.add(contact.contact_id)
    for contact in [] if keep_missing else [one for one in book.values() if one.contact_id not in listed]:
        if any(one.source == source and one.listed for one in contact.sources):
            book[contact.contact_id] = _without(contact, source)
    return listed


def _without(contact: Contact, source: str) -> Contact:
    """The contact whom this source lists no more: what it told stays only where no other source tells anything."""
    others = [one for one in contact.sources if one.source != source and one.listed]
    return contact.with_sources(others or (replace(one, listed=False) for one in contact.sources))


def _match(existing: Sequence[Contact], source: str, records: Sequence[ContactRecord]) -> dict[int, Contact]:
    """The contact that each record is, by the record's index. The strongest identifiers first; each contact once.

    A record is the contact with the same profile link, else the same e-mail address, else the same name and company
    unless links or addresses differ; of another source only where there is a company. A contact whom the source did
    not list may have the same full name alone, where nobody else in the book or the file is called so, and neither
    companies, links nor addresses differ.
    """
    told = [(facts, contact) for contact in existing for facts in contact.sources]
    by_url = {key: contact for facts, contact in told if (key := profile_key(facts.profile_url))}
    by_email = {facts.email: contact for facts, contact in told if facts.email}
    by_work = {
        _work_mark(facts.name, facts.company): contact
        for facts, contact in told
        if facts.company or facts.source == source
    }
    matched: dict[int, Contact] = {}
    taken: set[str] = set()

    def take(place: int, contact: Contact | None) -> None:
        if contact is not None and place not in matched and contact.contact_id not in taken:
            matched[place] = contact
            taken.add(contact.contact_id)

    for place, record in enumerate(records):
        key = profile_key(record.url)
        take(place, by_url.get(key) if key else None)
    for place, record in enumerate(records):
        take(place, by_email.get(record.email) if record.email else None)
    for place, record in enumerate(records):
        found = by_work.get(_work_mark(record.name, record.company))
        take(place, found if found and not _differ(record, found) else None)
    by_name = _unique_names(existing)
    called = Counter(_folded(record.name) for record in records)
    for place, record in enumerate(records):
        named = by_name.get(_folded(record.name)) if called[_folded(record.name)] == 1 else None
        other = named is not None and not any(one.source == source for one in named.sources)
        take(place, named if named and other and not _differ(record, named, companies=True) else None)
    return matched


def _unique_names(existing: Sequence[Contact]) -> dict[str, Contact]:
    """Contacts by their full name, unless several have it."""
    called = Counter(_folded(contact.name) for contact in existing)
    return {
        name: contact
        for contact in existing
        if called[name := _folded(contact.name)] == 1 and len(name.split()) >= _FULL_NAME
    }


def _differ(record: ContactRecord, contact: Contact, *, companies: bool = False) -> bool:
    """Whether both have a link, or an address, or (if asked) a company, as these differ."""
    pairs = [(profile_key(record.url), contact.profile_key), (record.email, contact.email)]
    if companies:
        pairs.append((_folded(record.company), _folded(contact.company)))
    return any(one and other and one != other for one, other in pairs)


def _work_mark(name: str, company: str | None) -> tuple[str, str]:
    return _folded(name), _folded(company)


def _folded(text: str | None) -> str:
    return (text or "").casefold()
