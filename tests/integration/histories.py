"""Random histories of a small world, as records: people, ties, openings and consents that come, change and go.

Versions grow a key; some records come twice, some late (an older version after a newer one), some are tombstones.
"""

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

COMPANIES = ("Lumenforge", "Blaupause GmbH", "Koru Energy Limited", "Baobab Pay")
TITLES = ("Backend Engineer", "Data Engineer", "Marketing Manager", "Recruiter")
SKILLS = ("Python", "PostgreSQL", "Docker", "SEO")
PLACES = ("Berlin, Germany", "Lagos, Nigeria")
LEVELS = ("junior", "mid", "senior", "lead")
KINDS = ("connected", "worked_together", "messages", "closeness", "introduced", "address", "blocked")


@dataclass(frozen=True, slots=True)
class Event:
    """One record as a topic holds it; `value` None is a tombstone."""

    topic: str
    key: str
    version: int
    value: dict[str, Any] | None


class World:
    """Draws events. Ids carry `prefix`, so that several worlds can share a broker. Who is erased does not come back.

    Where they have their companies in common, openings of one are suggested to people of another.
    """

    def __init__(
        self,
        seed: int,
        prefix: str,
        today: date,
        people: int = 28,
        openings: int = 10,
        companies: tuple[str, ...] = COMPANIES,
    ) -> None:
        self.rng, self.companies = random.Random(seed), companies
        self.today = today
        self.members = [f"{prefix}m{n:02d}" for n in range(people)]
        self.contacts = [f"{prefix}c{n:02d}" for n in range(people // 2)]
        self.openings = [f"{prefix}o{n:02d}" for n in range(openings)]
        self._versions: dict[tuple[str, str], int] = {}
        self._sent: list[Event] = []
        self._erased: set[str] = set()

    def beginning(self) -> list[Event]:
        """Everybody and everything once, so that the history has something to change."""
        events = [self._person(member, member=True) for member in self.members]
        events += [self._person(contact, member=False) for contact in self.contacts]
        for member in self.members:
            for other in self.rng.sample(self.members, k=6):
                if other != member:
                    events += [self._tie(member, other, sure=True), self._tie(other, member, sure=True)]
        events += [self._opening(opening) for opening in self.openings]
        return events

    def draw(self, count: int) -> list[Event]:
        """`count` further events: mostly changes, some repeats, late arrivals and tombstones."""
        return [self._next() for _ in range(count)]

    def draw_ties(self, count: int) -> list[Event]:
        """Only ties: nothing else makes anybody look at the openings again."""
        return [self._any_tie() for _ in range(count)]

    def _next(self) -> Event:
        draw = self.rng.random()
        if draw < 0.06:
            return self.rng.choice(self._sent)
        if draw < 0.12:
            return self._gone(self.rng.choice(self._sent))
        if draw < 0.35:
            return self._person(self.rng.choice(self._present()), member=True)
        if draw < 0.40:
            return self._person(self.rng.choice(self.contacts), member=False)
        if draw < 0.60:
            return self._opening(self.rng.choice(self.openings))
        return self._any_tie()

    def _any_tie(self) -> Event:
        person, other = self.rng.choice(self.members), self.rng.choice(self.members + self.contacts)
        return self._tie(person, other if other != person else self.contacts[0])

    def _event(self, topic: str, key: str, value: dict[str, Any] | None) -> Event:
        version = self._versions.get((topic, key), 1_000) + self.rng.randint(1, 3)
        self._versions[topic, key] = version
        made = Event(topic, key, version, None if value is None else value | {"version": version})
        self._sent.append(made)
        return made

    def _present(self) -> list[str]:
        """Members who were not erased: an id is given once, so nothing has to work for one that returns."""
        return [member for member in self.members if member not in self._erased]

    def _gone(self, event: Event) -> Event:
        if event.topic == "people.v1":
            self._erased.add(event.key)
        return self._event(event.topic, event.key, None)

    def _person(self, person: str, *, member: bool) -> Event:
        rng = self.rng
        value: dict[str, Any] = {
            "person_id": person,
            "member": member,
            "employments": [self._job() for _ in range(rng.randint(0, 2))],
            "skills": rng.sample(SKILLS, k=rng.randint(1, 3)),
            "introduces": member and rng.random() < 0.8,
        }
        if not member:
            value["imported_by"] = self.members[0]
        elif rng.random() < 0.6:
            value["seeking"] = {
                "titles": rng.sample(TITLES, k=1),
                "skills": rng.sample(SKILLS, k=3),
                "locations": rng.sample(PLACES, k=rng.randint(0, 2)),
                "workplace": rng.choice(([], ["remote"], ["remote", "hybrid"])),
                "discreet": rng.random() < 0.5,
                "blocked_companies": rng.sample(self.companies, k=rng.randint(0, 1)),
            }
        return self._event("people.v1", person, value)

    def _job(self) -> dict[str, Any]:
        job: dict[str, Any] = {"company": self.rng.choice(self.companies), "title": self.rng.choice(TITLES)}
        if self.rng.random() < 0.3:
            job["end"] = date(self.today.year - self.rng.randint(1, 4), 5, 1).isoformat()
        return job

    def _tie(self, person: str, other: str, *, sure: bool = False) -> Event:
        kinds = self.rng.sample(KINDS[: -1 if sure else None], k=self.rng.randint(1, 3))
        value = {"person_id": person, "contact_id": other, "evidence": [self._evidence(kind) for kind in kinds]}
        return self._event("ties.v1", f"{person}:{other}", value)

    def _evidence(self, kind: str) -> dict[str, Any]:
        rng = self.rng
        fields: dict[str, dict[str, Any]] = {
            "connected": {"source": "linkedin", "of": rng.choice((100, 900))},
            "address": {"source": "phone"},
            "worked_together": {"company": rng.choice(self.companies), "months": rng.randint(1, 40), "stated": True},
            "messages": {"sent": rng.randint(0, 30), "received": rng.randint(0, 30), "last": "2026-03-01"},
            "introduced": {"times": rng.randint(1, 4)},
            "closeness": {"value": rng.randint(1, 5)},
            "blocked": {},
        }
        return {"kind": kind} | fields[kind]

    def _opening(self, opening: str) -> Event:
        rng = self.rng
        value = {
            "posting_id": opening,
            "status": "closed" if rng.random() < 0.15 else "open",
            "company": {"name": rng.choice(self.companies)},
            "title": rng.choice(TITLES),
            "skills": rng.sample(SKILLS, k=rng.choice((0, 2, 3, 4))),
            "locations": rng.sample(PLACES, k=rng.randint(0, 1)),
            "workplace": rng.choice(("remote", "hybrid", "onsite")),
            "seniority": rng.choice(LEVELS),
            "posted_at": "2026-11-01T09:00:00Z",
            "vouched": rng.random() < 0.8,
            "referral_bonus": f"{rng.randint(1, 9)},000 EUR",
        }
        return self._event("postings.v1", opening, value)
