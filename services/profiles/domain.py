"""Members and their contacts, and what is published about them. Pure.

Kept true: a contact's id means nothing outside the address book it stands in, no name or address is in an event, and
equal facts give equal events, so that nothing is published twice.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from services.profiles.addresses import profile_key
from services.profiles.corrections import Corrections, corrected
from services.profiles.finding import Entry, Findable, Person, families
from shared.events.people import Employment, PersonV1, Seeking
from shared.events.ties import (
    Address,
    Blocked,
    Closeness,
    Connected,
    Evidence,
    Introduced,
    Messages,
    TieV1,
    WorkedTogether,
)
from shared.resolution import Vocabulary

DAYS_A_MONTH = 30
SMALL_LIST = 500
"""Up to this many connections the size of a list is not published: it changes nothing (MATCHING, section 2)."""


class Published(NamedTuple):
    """What was last published under a key: the version and a digest of the content."""

    version: int | None = None
    digest: bytes | None = None


NEVER_PUBLISHED = Published()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account. `listed`: how many each source's latest import has.

    What they agree to: `introduces`, to be asked for introductions, which includes `visible_to_contacts`, that people
    in their address book see them here and where they work; `findable`, by whom else; `looks_openly`, that people they
    know see that they look; `hiring_contact_for`, to be named by these organisations (None: nothing was ever said).
    `headline`: what they do, in a line, for messages that they send themselves.
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
    headline: str | None = None
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
    listed: Mapping[str, int] = field(default_factory=dict)
    corrections: Corrections = ()
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
            companies=families((job.company for job in current_jobs(self.employments, today)), words),
            visible_to_contacts=self.visible_to_contacts or self.introduces,
            findable=self.findable,
            discreet=self.discreet,
            hides_from=families(blocked, words),
        )


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What one source says of a contact.

    `listed`: its latest import has the contact; `seen`: the first day of the quarter in which that import came.
    `connected`: as a connection on a network, since `connected_on`; `address`: with an address or a number in an
    address book. `sent`, `received`: messages to and from the contact, the last one on the day `last_message`.
    `given_name` is for greetings.
    """

    source: str
    name: str
    listed: bool = True
    seen: date | None = None
    email: str | None = None
    profile_url: str | None = None
    company: str | None = None
    position: str | None = None
    connected_on: date | None = None
    connected: bool = False
    address: bool = False
    sent: int = 0
    received: int = 0
    last_message: date | None = None
    given_name: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of one member's address book: what the sources together say, and what its owner says.

    Names, address, link, work and day are what `with_sources` took of `sources`. `may_find_me`: the owner says yes to
    whom the entry refers to; `confirmed`: the member whom the owner recognised behind a claimed link. `introduced`: how
    many introductions to them led to a talk, by the owner's word; `introduced_to`: the id under which, or that
    of whom the owner blocks because they had said yes to them. `corrected`: the
    company by the owner's word, NO_EMPLOYER for none, None where they said nothing. `member_id`: the owner found that
    member by it, and the tie carries the member's id as long as they do.
    """

    contact_id: str
    owner_id: str
    name: str
    given_name: str | None = None
    email: str | None = None
    profile_url: str | None = None
    company: str | None = None
    position: str | None = None
    connected_on: date | None = None
    sources: tuple[SourceFacts, ...] = ()
    closeness: int | None = None
    worked_together: WorkedTogether | None = None
    blocked: bool = False
    may_find_me: bool = False
    confirmed: str | None = None
    introduced: int = 0
    introduced_to: str | None = None
    corrected: str | None = None
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
    def listed(self) -> bool:
        """Whether the latest import of any source has the contact."""
        return any(one.listed for one in self.sources)

    @property
    def employer(self) -> str | None:
        """The company as it is published and grouped: as the owner corrected it, if they did."""
        return self.company if self.corrected is None else self.corrected or None

    def with_corrections(self, said: Corrections, words: Vocabulary) -> "Contact":
        """The contact as the owner's corrections have it."""
        now = corrected(self.company, said, words)
        return self if now == self.corrected else replace(self, corrected=now)

    def with_sources(self, sources: Iterable[SourceFacts]) -> "Contact":
        """The contact as these sources tell of them; one that does not list them counts only where none does.

        Networks go before address books, and these before the rest. A link keeps the day of its own source, which
        proves something only together with it.
        """
        kept = tuple(sorted(sources, key=lambda one: (not one.connected, not one.address, one.source)))
        counted = [one for one in kept if one.listed] or kept
        work = next((one for one in counted if one.company or one.position), counted[0])
        linked = next((one for one in counted if one.profile_url), None)
        dated = linked or next((one for one in counted if one.connected_on), counted[0])
        return replace(
            self,
            sources=kept,
            name=counted[0].name,
            given_name=counted[0].given_name,
            email=next((one.email for one in counted if one.email), None),
            profile_url=dated.profile_url,
            company=work.company,
            position=work.position,
            connected_on=dated.connected_on,
        )

    @property
    def stated(self) -> bool:
        """Whether the owner said something about the contact that no import brought."""
        said = self.closeness is not None or self.worked_together is not None
        return said or self.blocked or self.may_find_me or self.confirmed is not None or self.introduced > 0

    @property
    def only_blocked(self) -> bool:
        """Whether it is there only since its owner blocks whom they said yes to: nothing else brought it."""
        return self.blocked and self.introduced_to is not None and not self.introduced and not self.sources

    def facts(self) -> Entry:
        """What finding depends on."""
        return Entry(
            self.contact_id, self.email, self.profile_key, self.connected_on, self.company, self.blocked,
            self.may_find_me, self.confirmed, self.introduced_to,
        )  # fmt: skip

    def event(self) -> PersonV1 | None:
        """The contact as `people.v1` shows them, without a version; a member speaks for themself."""
        if self.member_id is not None:
            return None
        seen = max((one.seen for one in self.sources if one.seen and one.company == self.company), default=None)
        work = Employment(company=self.employer, title=self.position, seen=seen) if self.employer else None
        return PersonV1(
            person_id=self.contact_id,
            version=0,
            member=False,
            imported_by=self.owner_id,
            employments=(work,) if work else (),
        )

    def tie_event(self, listed: Mapping[str, int], overlap: WorkedTogether | None) -> TieV1:
        """The owner's side of the tie, without a version. `listed`: how many each source's latest import has."""
        told = [one for one in self.sources if one.listed]
        evidence: list[Evidence] = [
            Connected(source=one.source, on=one.connected_on, of=list_size(listed.get(one.source, 0)))
            for one in told
            if one.connected
        ]
        evidence += [Address(source=one.source) for one in told if one.address]
        evidence += _messages(told)
        evidence += [Introduced(times=self.introduced)] if self.introduced else []
        evidence += [work for work in (self.worked_together, overlap) if work]
        if self.closeness is not None:
            evidence.append(Closeness(value=self.closeness))
        if self.blocked:
            evidence.append(Blocked())
        return TieV1(person_id=self.owner_id, contact_id=self.person_id, version=0, evidence=tuple(evidence))


def list_size(listed: int) -> int | None:
    """The size of a list as ties carry it: two significant digits, so that one contact more changes no other tie."""
    rounded = int(float(f"{listed:.2g}"))
    return rounded if rounded > SMALL_LIST else None


def _messages(told: Iterable[SourceFacts]) -> list[Messages]:
    """The messages of all sources together, if any."""
    last = max((one.last_message for one in told if one.last_message), default=None)
    if last is None:
        return []
    return [Messages(sent=sum(one.sent for one in told), received=sum(one.received for one in told), last=last)]


def current_jobs(employments: Iterable[Employment], today: date) -> list[Employment]:
    """The employments that have begun and not ended."""
    return [
        job for job in employments if (job.start is None or job.start <= today) and (job.end is None or job.end > today)
    ]


def digest(body: bytes) -> bytes:
    """A digest of an event's content, 16 bytes, from its JSON. Every event that is compared has version 0."""
    return hashlib.sha256(body).digest()[:16]


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
    company = words.company(one.company)
    if one.start is None or other.start is None or company is None or company != words.company(other.company):
        return None
    until = min(one.end or today, other.end or today, today)
    months = (until - max(one.start, other.start)).days // DAYS_A_MONTH
    if months < 1:
        return None
    ended = until if until < today else None
    return months, until, WorkedTogether(company=min(one.company, other.company), months=months, ended=ended)
