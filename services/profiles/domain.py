"""Members and their contacts: what is published about them, and what a newer address book changes. Pure.

Kept true: a contact's id means nothing outside the address book it stands in, no name or address is in an event, and
equal facts give equal events, so that nothing is published twice.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import uuid4

from services.profiles.addresses import profile_key
from services.profiles.finding import Entry, Findable, Person
from services.profiles.imports.report import ContactRecord
from shared.events.base import Contract
from shared.events.people import Employment, PersonV1, Seeking
from shared.events.ties import Address, Blocked, Closeness, Connected, Evidence, TieV1, WorkedTogether
from shared.resolution import Vocabulary

DAYS_A_MONTH = 30
KEY_LENGTH = 60
NAME_KEY_LENGTH = 40


class Published(NamedTuple):
    """What was last published under a key: the version and a digest of the content."""

    version: int | None = None
    digest: bytes | None = None


NEVER_PUBLISHED = Published()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account. `listed` is the size of their latest address book.

    What they agree to: `introduces`, to be asked for introductions, which includes `visible_to_contacts`, that people
    in their address book see them here and where they work; `findable`, by whom else; `looks_openly`, that people they
    know see that they look; `hiring_contact_for`, to be named by these organisations (None: nothing was ever said).
    `discreet` keeps them hidden from their employer and from companies they blocked. `new_email`: an address that they
    gave since `email` was verified; until it is verified too, `email` counts, and nothing is sent to the new one.
    """

    member_id: str
    name: str
    email: str
    email_verified: bool = False
    profile_url: str | None = None
    profile_verified: bool = False
    time_zone: str = "UTC"
    employments: tuple[Employment, ...] = ()
    skills: tuple[str, ...] = ()
    seeking: Seeking | None = None
    introduces: bool = False
    visible_to_contacts: bool = False
    findable: Findable = "contacts"
    looks_openly: bool = False
    discreet: bool = True
    hiring_contact_for: tuple[str, ...] | None = None
    new_email: str | None = None
    listed: int = 0
    published: Published = NEVER_PUBLISHED

    @property
    def profile_key(self) -> str | None:
        """The profile that the link refers to, in a normal form."""
        return profile_key(self.profile_url)

    def event(self) -> PersonV1:
        """The member as `people.v1` shows them, without a version."""
        return PersonV1(
            person_id=self.member_id,
            version=0,
            member=True,
            employments=self.employments,
            skills=self.skills,
            seeking=self._search(),
            introduces=self.introduces,
            hiring_contact_for=self.hiring_contact_for,
        )

    def _search(self) -> Seeking | None:
        if self.seeking is None:
            return None
        return self.seeking.model_copy(update={"discreet": self.discreet, "openly": self.looks_openly or None})

    def facts(self, today: date, words: Vocabulary) -> Person:
        """What finding and being found depends on."""
        blocked = self.seeking.blocked_companies if self.seeking else ()
        return Person(
            self.member_id,
            email=self.email if self.email_verified else None,
            link=self.profile_key,
            link_verified=self.profile_verified,
            companies=frozenset(words.company(job.company) for job in current_jobs(self.employments, today)),
            visible_to_contacts=self.visible_to_contacts or self.introduces,
            findable=self.findable,
            discreet=self.discreet,
            hides_from=frozenset(words.company(company) for company in blocked),
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of one member's address book.

    `listed`: the latest import still has it. `seen`: the day that import came. `may_find_me`: the owner says yes to
    whom the entry refers to; `confirmed`: the member whom the owner recognised behind a claimed link. `member_id`: the
    owner found that member by it, and the tie carries the member's id as long as they do.
    """

    contact_id: str
    owner_id: str
    name: str
    email: str | None = None
    profile_url: str | None = None
    company: str | None = None
    position: str | None = None
    connected_on: date | None = None
    source: str = "linkedin"
    listed: bool = True
    seen: date | None = None
    closeness: int | None = None
    worked_together: WorkedTogether | None = None
    blocked: bool = False
    may_find_me: bool = False
    confirmed: str | None = None
    member_id: str | None = None
    person: Published = NEVER_PUBLISHED
    tie: Published = NEVER_PUBLISHED

    @property
    def person_id(self) -> str:
        """The id others know this one by."""
        return self.member_id or self.contact_id

    @property
    def profile_key(self) -> str | None:
        """The profile that the link refers to, in a normal form."""
        return profile_key(self.profile_url)

    @property
    def stated(self) -> bool:
        """Whether the owner said something about the contact that no import brought."""
        said = self.closeness is not None or self.worked_together is not None
        return said or self.blocked or self.may_find_me or self.confirmed is not None

    def facts(self) -> Entry:
        """What finding depends on."""
        return Entry(
            self.contact_id, self.email, self.profile_key, self.connected_on, self.company, self.blocked,
            self.may_find_me, self.confirmed,
        )  # fmt: skip

    def event(self) -> PersonV1 | None:
        """The contact as `people.v1` shows them, without a version; a member speaks for themself."""
        if self.member_id is not None:
            return None
        work = Employment(company=self.company, title=self.position, seen=self.seen) if self.company else None
        return PersonV1(
            person_id=self.contact_id,
            version=0,
            member=False,
            imported_by=self.owner_id,
            employments=(work,) if work else (),
        )

    def tie_event(self, listed: int, overlap: WorkedTogether | None) -> TieV1:
        """The owner's side of the tie, without a version. `listed` is the size of the owner's list."""
        evidence: list[Evidence] = []
        if self.listed:
            evidence.append(Connected(source=self.source, on=self.connected_on, of=max(listed, 1)))
            if self.email:
                evidence.append(Address(source=self.source))
        evidence += [work for work in (self.worked_together, overlap) if work]
        if self.closeness is not None:
            evidence.append(Closeness(value=self.closeness))
        if self.blocked:
            evidence.append(Blocked())
        return TieV1(person_id=self.owner_id, contact_id=self.person_id, version=0, evidence=tuple(evidence))


def current_jobs(employments: Iterable[Employment], today: date) -> list[Employment]:
    """The employments that have begun and not ended."""
    return [
        job for job in employments if (job.start is None or job.start <= today) and (job.end is None or job.end > today)
    ]


def digest(event: Contract) -> bytes:
    """A digest of an event's content, 16 bytes. Every event that is compared has version 0."""
    return hashlib.sha256(event.to_json()).digest()[:16]


def company_key(name: str, words: Vocabulary) -> str:
    """What contacts are grouped by: equal for every spelling of a company, short and printable enough for a cursor."""
    return (printable(words.company(name)) or printable(name.casefold()))[:KEY_LENGTH]


def name_key(name: str) -> str:
    """The sort key of a list of people: case-folded, short and printable enough for a cursor."""
    return printable(name.casefold())[:NAME_KEY_LENGTH]


def printable(text: str) -> str:
    """The text without joiners and other unprintable characters."""
    return "".join(char for char in text if char.isprintable())


def overlap(
    mine: Iterable[Employment], theirs: Sequence[Employment], today: date, words: Vocabulary
) -> WorkedTogether | None:
    """The longest time both worked at the same company, from dated jobs, in whole months of 30 days; None below one."""
    best: tuple[int, date, WorkedTogether] | None = None
    for one in mine:
        for other in theirs:
            found = _together(one, other, today, words)
            if found and (best is None or found[:2] > best[:2]):
                best = found
    return best[2] if best else None


def _together(
    one: Employment, other: Employment, today: date, words: Vocabulary
) -> tuple[int, date, WorkedTogether] | None:
    if one.start is None or other.start is None or words.company(one.company) != words.company(other.company):
        return None
    until = min(one.end or today, other.end or today, today)
    months = (until - max(one.start, other.start)).days // DAYS_A_MONTH
    if months < 1:
        return None
    ended = until if until < today else None
    return months, until, WorkedTogether(company=min(one.company, other.company), months=months, ended=ended)


def fingerprint(records: Iterable[ContactRecord]) -> bytes:
    """A hash of an address book's content, independent of encoding, line ends and the order of rows."""
    rows = sorted(repr((r.name, r.url, r.email, r.company, r.position, r.connected_on)) for r in records)
    return hashlib.sha256("\n".join(rows).encode()).digest()


@dataclass(slots=True)
class Plan:
    """What a newer address book changes. `kept`: not listed any more, but the owner stated something about them."""

    added: list[Contact] = field(default_factory=list)
    updated: list[Contact] = field(default_factory=list)
    unchanged: list[Contact] = field(default_factory=list)
    kept: list[Contact] = field(default_factory=list)
    removed: list[Contact] = field(default_factory=list)

    @property
    def remaining(self) -> list[Contact]:
        """Everybody in the address book afterwards."""
        return [*self.added, *self.updated, *self.unchanged, *self.kept]


def plan_import(owner_id: str, existing: Sequence[Contact], records: Sequence[ContactRecord], today: date) -> Plan:
    """Compare the stored address book with a newer one.

    A record is the contact with the same profile link, else the same e-mail address, else the same name and company
    unless links or addresses differ.
    """
    plan = Plan()
    matched = _match(existing, records)
    for place, record in enumerate(records):
        old = matched.get(place)
        new = _renewed(old or Contact(contact_id=str(uuid4()), owner_id=owner_id, name=record.name), record, today)
        if old is None:
            plan.added.append(new)
        elif replace(old, seen=new.seen) == new:
            plan.unchanged.append(new)
        else:
            plan.updated.append(new)
    taken = {contact.contact_id for contact in matched.values()}
    for contact in existing:
        if contact.contact_id not in taken:
            if contact.stated:
                plan.kept.append(replace(contact, listed=False))
            else:
                plan.removed.append(contact)
    return plan


def _renewed(contact: Contact, record: ContactRecord, today: date) -> Contact:
    return replace(
        contact,
        name=record.name,
        email=record.email,
        profile_url=record.url,
        company=record.company,
        position=record.position,
        connected_on=record.connected_on,
        listed=True,
        seen=today,
    )


def _match(existing: Sequence[Contact], records: Sequence[ContactRecord]) -> dict[int, Contact]:
    """The contact that each record is, by the record's index. The strongest identifiers first; each contact once."""
    by_url = {key: contact for contact in existing if (key := contact.profile_key)}
    by_email = {contact.email: contact for contact in existing if contact.email}
    by_name = {_name_mark(contact.name, contact.company): contact for contact in existing}
    matched: dict[int, Contact] = {}
    taken: set[str] = set()

    def take(place: int, contact: Contact | None) -> None:
        if contact is not None and place not in matched and contact.contact_id not in taken:
            matched[place] = contact
            taken.add(contact.contact_id)

    keys = [profile_key(record.url) for record in records]
    for place, key in enumerate(keys):
        take(place, by_url.get(key) if key else None)
    for place, record in enumerate(records):
        take(place, by_email.get(record.email) if record.email else None)
    for place, record in enumerate(records):
        found = by_name.get(_name_mark(record.name, record.company))
        if found and not (keys[place] and found.profile_key) and not (record.email and found.email):
            take(place, found)
    return matched


def _name_mark(name: str, company: str | None) -> tuple[str, str]:
    return name.casefold(), (company or "").casefold()
