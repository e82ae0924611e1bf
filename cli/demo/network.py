"""The example network: some hundred invented members with consistent address books, profiles and consents.

A pure function of the seed. Ties come from shared employers, shared occupations and chance. The characters of the story
have fixed ties, and no random ones.
"""

import csv
import io
import random
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from string import ascii_uppercase
from typing import Any

from cli.demo.people_data import EMPLOYERS, NAMES, ROLES, SENIORITIES, Employer, Role

STORY_EMPLOYER = EMPLOYERS[0]
"""Where the story's opening is; apart from characters of the story, nobody the seeker knows works there."""
FAR_EMPLOYER = EMPLOYERS[17]
"""Where the seeker has no path."""


@dataclass(slots=True)
class Member:
    """A member to be created. `book` is their address book, `closeness` their ratings (1 to 5) by profile link."""

    key: int
    first: str
    last: str
    employer: Employer
    role: Role
    title: str
    employments: list[dict[str, Any]]
    skills: list[str]
    introduces: bool
    seeking: dict[str, Any] | None = None
    discreet: bool = True
    book: list["Contact"] = field(default_factory=list)
    closeness: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """An address in a reserved domain: mail to it reaches nobody."""
        return f"{_slug(self.name)}.{self.key:03d}@people.example"

    @property
    def url(self) -> str:
        """A profile link as exports have it; the prefix makes sure that it is nobody's."""
        return f"https://www.linkedin.com/in/warmpath-example-{self.key:03d}-{_slug(self.name)}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A row of an address book."""

    first: str
    last: str
    url: str
    company: str
    position: str
    connected_on: date


@dataclass(frozen=True, slots=True)
class Network:
    """Members (characters of the story first) and the openings that are posted after the story."""

    members: list[Member]
    openings: list[dict[str, Any]]


CHARACTERS = ("Amara Okafor", "Mei Zhang", "Tomasz Wiśniewski", "Ngozi Eze", "Layla Haddad", "Moritz Weiß")
SEEKER, FRIEND, COLLEAGUE, INSIDER, ACQUAINTANCE, FAR_INSIDER = range(6)
"""The seeker knows the friend, who knows the insider; her colleague works at the story's employer."""

COLLEAGUES_AT = (6, 4, 4, 3, 3, 2, 2, 1, 1, 1)
"""How many more people the seeker knows, by company."""

FIRST_OF_MORE = 50
"""Their numbers are beyond those of the contacts that everybody has."""

PLAIN_NAMES = 300
"""The first members have unique names without initials; drawing the last of the 420 possible names takes long."""


def build(*, seed: int = 7, members: int = 100, openings: int = 40, today: date) -> Network:
    """Draw the network.

    Args:
        seed: the same seed and day give the same network.
        members: how many people have accounts, characters of the story included. Many more, and the whole would take
            longer than somebody who tries it out likes to wait.
        openings: how many openings are posted after the story.
        today: the day that all dates are counted back from.
    """
    rng = random.Random(seed)
    people = _characters(today)
    taken = {person.name for person in people}
    while len(people) < members:
        person = _draw_member(rng, len(people), today)
        if len(people) >= PLAIN_NAMES:
            person.first += f" {_initials(len(people))}"
        if person.name not in taken:
            taken.add(person.name)
            people.append(person)
    _tie_characters(people, today)
    _tie_others(rng, people, today)
    _add_outsiders(rng, people, today)
    posted = [_draw_opening(rng, number) for number in range(openings)]
    _widen(random.Random(f"{seed} seeker"), people[SEEKER], posted, today)
    return Network(people, posted)


def connections_csv(member: Member) -> str:
    """The member's address book in the format of LinkedIn's export, with the notes before its header."""
    out = io.StringIO()
    out.write('Notes:\n"When exporting your connection data, some of the email addresses may be missing."\n\n')
    rows = csv.writer(out)
    rows.writerow(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"])
    for c in member.book:
        rows.writerow([c.first, c.last, c.url, "", c.company, c.position, c.connected_on.strftime("%d %b %Y")])
    return out.getvalue()


def _initials(number: int) -> str:
    """Middle initials, different for every number: 0 is A., 27 is B. B."""
    rest, place = divmod(number, len(ascii_uppercase))
    return f"{_initials(rest)} {ascii_uppercase[place]}." if rest else f"{ascii_uppercase[place]}."


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("ı", "i").replace("Ł", "L").replace("ł", "l"))
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in plain if not unicodedata.combining(c))
    return "-".join(part for part in letters.lower().split("-") if part) or "member"


def _job(employer: Employer, title: str, start: date, end: date | None = None) -> dict[str, Any]:
    job: dict[str, Any] = {"company": employer.name, "title": title, "start": start.isoformat()}
    return job | ({"end": end.isoformat()} if end else {})


def _characters(today: date) -> list[Member]:
    backend, marketing, sales = ROLES[0], ROLES[9], ROLES[10]
    blaupause, harbour, zephyr, glasshouse = (EMPLOYERS[n] for n in (2, 9, 10, 15))

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def now_at(key: int, employer: Employer, role: Role, days: int, *before: dict[str, Any]) -> Member:
        first, last = CHARACTERS[key].split(" ", 1)
        jobs = [_job(employer, role.titles[0], ago(days)), *before]
        return Member(key, first, last, employer, role, role.titles[0], jobs, list(role.skills), introduces=True)

    before = _job(blaupause, backend.titles[1], ago(2200), ago(1420))
    characters = [
        now_at(SEEKER, glasshouse, backend, 1400, before),
        now_at(FRIEND, harbour, marketing, 900),
        now_at(COLLEAGUE, STORY_EMPLOYER, backend, 1400, before),
        now_at(INSIDER, STORY_EMPLOYER, backend, 600),
        now_at(ACQUAINTANCE, zephyr, sales, 700),
        now_at(FAR_INSIDER, FAR_EMPLOYER, backend, 1000),
    ]
    characters[SEEKER].seeking = {
        "titles": ["Backend Engineer"],
        "skills": ["Python", "PostgreSQL", "Apache Kafka", "Docker"],
        "locations": ["Berlin, Germany"],
        "workplace": ["hybrid", "remote"],
        "seniority": "senior",
    }
    return characters


def _tie_characters(people: list[Member], today: date) -> None:
    seeker, friend, colleague, insider, acquaintance, far_insider = people[: len(CHARACTERS)]
    since = today - timedelta(days=1500)
    for a, b, closeness in (
        (seeker, friend, 5),
        (seeker, colleague, 4),
        (friend, insider, 4),
        (acquaintance, far_insider, 4),
    ):
        _know_each_other(a, b, since)
        _rate_each_other(a, b, closeness)
    # One-sided on purpose: the seeker lists Layla, Layla does not list her. One confirmation short of a path.
    seeker.book.append(_contact(acquaintance, since))


def _draw_member(rng: random.Random, key: int, today: date) -> Member:
    givens, families = NAMES[rng.choice(sorted(NAMES))]
    employer = rng.choice(EMPLOYERS)
    role = rng.choices(ROLES, weights=[r.weight for r in ROLES])[0]
    title = rng.choice(role.titles)
    start = today - timedelta(days=rng.randint(90, 2500))
    jobs = [_job(employer, title, start)]
    for _ in range(rng.randint(0, 2)):
        end = start - timedelta(days=rng.randint(0, 60))
        start = end - timedelta(days=rng.randint(200, 1500))
        jobs.append(_job(rng.choice(EMPLOYERS), rng.choice(role.titles), start, end))
    skills = rng.sample(role.skills, k=rng.randint(2, len(role.skills)))
    person = Member(
        key,
        rng.choice(givens),
        rng.choice(families),
        employer,
        role,
        title,
        jobs,
        skills,
        introduces=rng.random() < 0.75,
    )
    if rng.random() < 0.55:
        person.seeking = _draw_seeking(rng, person)
    return person


def _draw_seeking(rng: random.Random, person: Member) -> dict[str, Any]:
    seeking: dict[str, Any] = {
        "titles": [person.role.titles[0]],
        "skills": rng.sample(person.skills, k=min(3, len(person.skills))),
        "locations": [] if rng.random() < 0.25 else [person.employer.city, rng.choice(EMPLOYERS).city],
        "workplace": rng.choice((["hybrid", "remote"], ["onsite", "hybrid", "remote"], [])),
        "seniority": rng.choice(SENIORITIES),
    }
    person.discreet = rng.random() < 0.8
    if rng.random() < 0.3:
        seeking["salary"] = {"min": rng.randrange(35_000, 70_000, 5_000), "currency": "EUR", "period": "year"}
    return seeking


def _contact(person: Member, since: date) -> Contact:
    return Contact(person.first, person.last, person.url, person.employer.name, person.title, since)


def _know_each_other(a: Member, b: Member, since: date) -> None:
    a.book.append(_contact(b, since))
    b.book.append(_contact(a, since))


def _rate_each_other(a: Member, b: Member, closeness: int) -> None:
    a.closeness[b.url] = b.closeness[a.url] = closeness


def _tie_others(rng: random.Random, people: list[Member], today: date) -> None:
    """Ties among all others: colleagues, people of the same occupation, and chance."""
    others = people[len(CHARACTERS) :]
    at_employer: dict[str, list[Member]] = defaultdict(list)
    of_role: dict[tuple[str, ...], list[Member]] = defaultdict(list)
    for person in others:
        of_role[person.role.titles].append(person)
        for job in person.employments:
            at_employer[job["company"]].append(person)
    tied: set[tuple[int, int]] = set()
    for person in others:
        colleagues = [p for job in person.employments for p in at_employer[job["company"]]]
        for pool, most in ((colleagues, 5), (of_role[person.role.titles], 3), (others, 2)):
            for other in rng.sample(pool, k=min(most, len(pool))):
                pair = (min(person.key, other.key), max(person.key, other.key))
                if person.key == other.key or pair in tied:
                    continue
                tied.add(pair)
                _tie_pair(rng, person, other, today - timedelta(days=rng.randint(30, 3000)))


def _tie_pair(rng: random.Random, a: Member, b: Member, since: date) -> None:
    if rng.random() < 0.1:
        a.book.append(_contact(b, since))
        return
    _know_each_other(a, b, since)
    if rng.random() < 0.35:
        _rate_each_other(a, b, rng.choice((2, 3, 3, 4, 4, 5)))


def _add_outsiders(rng: random.Random, people: list[Member], today: date) -> None:
    """Contacts who are not members: most of every address book."""
    for person in people:
        for number in range(rng.randint(3, 11)):
            givens, families = NAMES[rng.choice(sorted(NAMES))]
            role = rng.choice(ROLES)
            employers = [e for e in EMPLOYERS if e not in {STORY_EMPLOYER, FAR_EMPLOYER}]
            employer = rng.choice(employers if person.key < len(CHARACTERS) else list(EMPLOYERS))
            first, last = rng.choice(givens), rng.choice(families)
            since = today - timedelta(days=rng.randint(10, 3500))
            person.book.append(_outsider(person, number, f"{first} {last}", employer, rng.choice(role.titles), since))


def _outsider(person: Member, number: int, name: str, employer: Employer, title: str, since: date) -> Contact:
    first, last = name.split(" ", 1)
    url = f"https://www.linkedin.com/in/warmpath-example-{person.key:03d}-{number:02d}-{_slug(name)}"
    return Contact(first, last, url, employer.name, title, since)


def _widen(rng: random.Random, seeker: Member, openings: list[dict[str, Any]], today: date) -> None:
    """More people in the seeker's book, and openings that fit her where they work: she has a choice after the story."""
    left_out = {STORY_EMPLOYER, FAR_EMPLOYER, seeker.employer}
    employers = rng.sample([each for each in EMPLOYERS if each not in left_out], k=len(COLLEAGUES_AT))
    taken = {*CHARACTERS, *(f"{each.first} {each.last}" for each in seeker.book)}
    for employer, count in zip(employers, COLLEAGUES_AT, strict=True):
        for _ in range(count):
            name = next(name for name in iter(lambda: _draw_name(rng), None) if name not in taken)
            taken.add(name)
            since = today - timedelta(days=rng.randint(10, 3500))
            title = rng.choice(rng.choice(ROLES).titles)
            known = _outsider(seeker, FIRST_OF_MORE + len(taken), name, employer, title, since)
            seeker.book.append(known)
            if rng.random() < 0.5:
                seeker.closeness[known.url] = rng.choice((3, 4, 4, 5))
    for place, employer in zip(range(4, len(openings), 7), employers, strict=False):
        openings[place] |= _fitting(rng, employer)


def _draw_name(rng: random.Random) -> str:
    givens, families = NAMES[rng.choice(sorted(NAMES))]
    return f"{rng.choice(givens)} {rng.choice(families)}"


def _fitting(rng: random.Random, employer: Employer) -> dict[str, Any]:
    """What makes an opening one that fits the seeker, more or less."""
    wanted = story_opening(rng.choice(ROLES[0].titles), employer)
    of_interest = ("company", "title", "locations", "workplace", "seniority")
    return {name: wanted[name] for name in of_interest} | {"skills": rng.sample(ROLES[0].skills, k=3)}


def _draw_opening(rng: random.Random, number: int) -> dict[str, Any]:
    employer, role = rng.choice(EMPLOYERS), rng.choices(ROLES, weights=[r.weight for r in ROLES])[0]
    return {
        "external_id": f"example-{number:03d}",
        "company": {"name": employer.name, "domain": employer.domain},
        "title": rng.choice(role.titles),
        "skills": rng.sample(role.skills, k=rng.randint(2, len(role.skills))),
        "locations": [employer.city],
        "workplace": rng.choice(("onsite", "hybrid", "remote", "remote")),
        "seniority": rng.choice(SENIORITIES),
    }


def story_opening(title: str = "Senior Backend Engineer", employer: Employer = STORY_EMPLOYER) -> dict[str, Any]:
    """An opening that fits the seeker."""
    return {
        "company": {"name": employer.name, "domain": employer.domain},
        "title": title,
        "skills": ["Python", "PostgreSQL", "Apache Kafka", "Docker"],
        "locations": ["Berlin, Germany"],
        "workplace": "hybrid",
        "seniority": "senior",
        "salary": {"min": 70_000, "max": 90_000, "currency": "EUR", "period": "year"},
        "referral_bonus": "1,000 EUR",
    }
