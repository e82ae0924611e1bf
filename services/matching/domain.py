"""What the matcher holds: people, ties, openings and past introductions, with every name resolved.

Pure. The rules read this and nothing else; raw text is kept only where a person will read it. Versions are checked by
the engine: here, whatever comes replaces what was there.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from shared.events.introductions import IntroductionV1
from shared.events.people import Employment, LeastPay, PersonV1, Seeking
from shared.events.postings import Pay, PostingV1, Seniority, Workplace
from shared.events.suggestions import PLACES
from shared.events.suggestions import Opening as Head
from shared.events.ties import Evidence, TieV1
from shared.resolution import Place, Title, Vocabulary

LEVELS = {level: rank for rank, level in enumerate(Seniority)}
"""Levels by their rank, lowest first."""

Pair = tuple[str, str]
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Job:
    """One employment. `title` is None if the words name no known occupation.

    `family`: the company's topmost known owner, the company itself without one; whoever hides from one hides from all.
    """

    company: str
    family: str
    title: Title | None
    start: date | None
    end: date | None
    seen: date | None

    def counts(self, today: date) -> bool:
        """Whether it has started; without a start it has."""
        return self.start is None or self.start <= today

    def current(self, today: date) -> bool:
        """Whether the person works there today."""
        return self.counts(today) and (self.end is None or self.end > today)


@dataclass(frozen=True, slots=True)
class Search:
    """What a seeker looks for. `titles`: the known ones; `names_titles`: whether they listed any.

    `blocked`: families of companies. `since`: the day they began, where that is known. `openly`: people they know may
    see that they look.
    """

    titles: tuple[Title, ...]
    names_titles: bool
    skills: frozenset[str]
    places: frozenset[Place]
    workplaces: frozenset[Workplace]
    level: int | None
    pay: LeastPay | None
    discreet: bool
    blocked: frozenset[str]
    since: date | None = None
    openly: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the graph; a seeker has a `search`."""

    id: str
    member: bool
    introduces: bool
    jobs: tuple[Job, ...]
    skills: frozenset[str]
    search: Search | None

    def employers(self, today: date) -> frozenset[str]:
        """The companies where the person works today."""
        return frozenset(job.company for job in self.jobs if job.current(today))

    def families(self, today: date) -> frozenset[str]:
        """The families of these companies."""
        return frozenset(job.family for job in self.jobs if job.current(today))

    @property
    def seeks(self) -> bool:
        """Whether this is a seeker: a member who says what they look for."""
        return self.member and self.search is not None


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening. `vouched`: somebody vouches for who posted it. `head` is what a message shows of it.

    `named`: its skills in its own words, each with what they resolve to.
    """

    id: str
    open: bool
    company: str
    family: str
    title: Title | None
    skills: frozenset[str]
    places: frozenset[Place]
    workplace: Workplace
    level: int | None
    pay: Pay | None
    valid_through: date | None
    vouched: bool
    hiring_contact: str | None
    head: Head
    named: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class State:
    """Everything the rules read. `today` is None until a record of `clock.v1` was read."""

    today: date | None = None
    people: MutableMapping[str, Person] = field(default_factory=dict)
    openings: MutableMapping[str, Opening] = field(default_factory=dict)
    introductions: dict[str, IntroductionV1] = field(default_factory=dict)
    _sides: dict[Pair, tuple[Evidence, ...]] = field(default_factory=dict)
    _pairs: dict[str, Pair] = field(default_factory=dict)
    _near: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[str, set[str]] = field(default_factory=dict)

    def side(self, person: str, other: str) -> tuple[Evidence, ...]:
        """The evidence in the record `person:other`; empty without one."""
        return self._sides.get((person, other), ())

    def has_side(self, person: str, other: str) -> bool:
        """Whether there is a record `person:other`, even an empty one."""
        return (person, other) in self._sides

    def near(self, person: str) -> AbstractSet[str]:
        """Everybody with a record about the person, or the person about them: those who may be tied to them."""
        return self._near.get(person, _NOBODY)

    def asks_of(self, introducer: str) -> Iterator[IntroductionV1]:
        """The introductions that this person was or is asked for, by id."""
        return (self.introductions[found] for found in sorted(self._asked.get(introducer, ())))

    def tie_ends(self, key: str) -> Pair | None:
        """The person and contact of the record under this key of `ties.v1`, if there is one."""
        return self._pairs.get(key)

    def replace_tie(self, key: str, value: TieV1 | None) -> None:
        """Replace one side's evidence as a whole; None removes it."""
        self._drop_tie(key)
        if value is None:
            return
        person, other = value.person_id, value.contact_id
        self._pairs[key] = (person, other)
        self._sides[person, other] = value.evidence
        if person != other:
            self._near.setdefault(person, set()).add(other)
            self._near.setdefault(other, set()).add(person)

    def _drop_tie(self, key: str) -> None:
        pair = self._pairs.pop(key, None)
        if pair is None:
            return
        person, other = pair
        del self._sides[pair]
        if (other, person) not in self._sides and person != other:
            self._near[person].discard(other)
            self._near[other].discard(person)

    def replace_introduction(self, key: str, value: IntroductionV1 | None) -> None:
        """Replace an introduction; None removes it."""
        before = self.introductions.pop(key, None)
        if before is not None:
            self._asked[before.introducer_id].discard(key)
        if value is not None:
            self.introductions[key] = value
            self._asked.setdefault(value.introducer_id, set()).add(key)


def read_person(value: PersonV1, vocabulary: Vocabulary) -> Person:
    """Resolve a person's companies, titles, skills and places."""
    return Person(
        id=value.person_id,
        member=value.member,
        introduces=value.introduces,
        jobs=tuple(_job(employment, value.person_id, vocabulary) for employment in value.employments),
        skills=_skills(value.skills, vocabulary),
        search=None if value.seeking is None else _search(value.seeking, vocabulary),
    )


def _job(value: Employment, person: str, vocabulary: Vocabulary) -> Job:
    """An employment; at a company of the person's own where the title is over, or the name is no employer's."""
    title = None if value.title is None else vocabulary.title(value.title)
    over = value.title is not None and vocabulary.over(value.title)
    company = None if over else vocabulary.company(value.company)
    at = company or _nowhere(person)
    return Job(at, vocabulary.family(at), title, value.start, value.end, value.seen)


def _nowhere(key: str) -> str:
    """A company that no name resolves to and nobody else is at: names are without line ends."""
    return f"\n{key}"


def _skills(texts: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(skill for text in texts for skill in vocabulary.skills(text))


def _search(value: Seeking, vocabulary: Vocabulary) -> Search:
    return Search(
        titles=tuple(title for title in map(vocabulary.title, value.titles) if title is not None),
        names_titles=bool(value.titles),
        skills=_skills(value.skills, vocabulary),
        places=_places(value.locations, vocabulary),
        workplaces=frozenset(value.workplace),
        level=None if value.seniority is None else LEVELS[value.seniority],
        pay=value.salary,
        discreet=value.discreet,
        blocked=frozenset(map(vocabulary.family, filter(None, map(vocabulary.company, value.blocked_companies)))),
        since=value.since,
        openly=value.openly is True,
    )


def _places(texts: Iterable[str], vocabulary: Vocabulary) -> frozenset[Place]:
    """The places named; text that names none ("anywhere") counts as not given."""
    return frozenset(place for text in texts for place in vocabulary.places(text))


def read_opening(value: PostingV1, vocabulary: Vocabulary) -> Opening:
    """Resolve an opening's company, title, skills and places. The bonus is left out, so nothing depends on it.

    An opening at no employer ("Confidential") counts as closed: it fits nobody.
    """
    company = vocabulary.company(value.company.name, value.company.domain)
    at = company or _nowhere(value.posting_id)
    return Opening(
        id=value.posting_id,
        open=value.status == "open" and company is not None,
        company=at,
        family=vocabulary.family(at),
        title=vocabulary.title(value.title),
        skills=_skills(value.skills, vocabulary),
        places=_places(value.locations, vocabulary),
        workplace=value.workplace,
        level=None if value.seniority is None else LEVELS[value.seniority],
        pay=value.salary,
        valid_through=value.valid_through,
        vouched=value.vouched is True,
        hiring_contact=value.hiring_contact,
        head=Head(
            title=value.title,
            company=value.company.name,
            url=value.url,
            posted_at=value.posted_at,
            locations=value.locations[:PLACES],
            workplace=value.workplace,
            salary=value.salary,
        ),
        named=tuple((text, vocabulary.skills(text)) for text in value.skills),
    )
