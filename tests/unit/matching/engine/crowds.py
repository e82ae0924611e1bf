"""Crowds: dozens of people who know each other, and every way in which their records change, in bursts.

The histories of `histories.py` are small and shrink well; a crowd is drawn from a seed, and is large enough for hubs,
counted bridges, whole address books in one step, and erasures that take many ties along.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.matching.engine.engine import Event
from tests.records import event
from tests.unit.matching.engine import histories
from tests.unit.matching.engine.histories import TODAY

Json = dict[str, Any]
LEVELS = ["intern", "junior", "mid", "senior", "lead", "director", "executive"]
WORKPLACES = ["onsite", "hybrid", "remote"]


@dataclass(frozen=True)
class Words:
    """What records are written with. `skills_of`: those that go with a title."""

    companies: list[str]
    titles: list[str]
    skills_of: Callable[[str], list[str]]
    places: list[str]


SMALL_TOWN = Words(
    companies=["Initech", "Globex", "Hooli", "Umbrella"],
    titles=histories.TITLES,
    skills_of=lambda _title: ["python", "sql", "rust"],
    places=["Berlin", "Germany", "Paris"],
)


class Crowd:
    """Records as they are now, and ways to change them; each way gives the events of one step."""

    def __init__(self, chance: random.Random, words: Words, today: date = TODAY) -> None:
        self.chance, self.words, self.day = chance, words, today
        self.people: dict[str, Json] = {}
        self.ties: dict[str, Json] = {}
        self.openings: dict[str, Json] = {}
        self.asks: dict[str, Json] = {}
        self.told: list[Event] = []
        self._version = 0

    # What there is to begin with

    def settle_in(self, members: int, contacts: int, openings: int, ties_each: float) -> None:
        """People, openings, and ties to begin with: a few hubs know nearly everybody."""
        names = [f"m{n:02d}" for n in range(members)]
        for name in names:
            self.people[name] = self.a_person(name, member=True)
        for number in range(contacts):
            name = f"c{number:02d}"
            self.people[name] = self.a_person(name, member=False)
        for number in range(openings):
            self.openings[f"o{number:02d}"] = self.an_opening(f"o{number:02d}")
        for number in range(members // 2):
            self.asks[f"i{number}"] = self.an_ask(f"i{number}", self.chance.choice(names[:4]))
        hubs = names[:2]
        for one in names:
            near = min(1.0, ties_each / len(self.people)) if one not in hubs else 0.6
            for other in self.people:
                if one != other and self.chance.random() < near:
                    self.know(one, other)

    def know(self, one: str, other: str) -> list[str]:
        """A tie, mostly from both sides where both are members; the keys of its records."""
        keys = [f"{one}:{other}"]
        if self.people.get(other, {}).get("member") and self.chance.random() < 0.8:
            keys.append(f"{other}:{one}")
        for key in keys:
            self.ties[key] = self.a_tie(key)
        return keys

    def begin(self) -> list[Event]:
        """The day and all records, in any order."""
        records = [
            *(("people.v1", key, value) for key, value in self.people.items()),
            *(("ties.v1", key, value) for key, value in self.ties.items()),
            *(("postings.v1", key, value) for key, value in self.openings.items()),
            *(("introductions.v1", key, value) for key, value in self.asks.items()),
        ]
        events = [*self.today(0), *(self.put(*record) for record in records)]
        self.chance.shuffle(events)
        return events

    # Single records

    def put(self, topic: str, key: str, value: Json | None) -> Event:
        """A record newer than all before it; None is its tombstone."""
        self._version += 1
        made = event(topic, key, value, self._version)
        self.told.append(made)
        return made

    def ago(self, most: int, least: int = 0) -> str:
        return (self.day - timedelta(days=self.chance.randint(least, most))).isoformat()

    def maybe(self, share: float, value: Callable[[], Any]) -> Any:
        return value() if self.chance.random() < share else None

    def some(self, values: list[str], least: int, most: int) -> list[str]:
        return self.chance.sample(values, min(len(values), self.chance.randint(least, most)))

    def a_person(self, name: str, *, member: bool) -> Json:
        title = self.chance.choice(self.words.titles)
        return filled(
            person_id=name,
            member=member,
            employments=[self.a_job(title) for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3]))],
            skills=self.some(self.words.skills_of(title), 0, 4),
            seeking=self.maybe(0.8 if member else 0.4, lambda: self.a_search(title)),
            introduces=self.chance.random() < 0.7,
            imported_by=None if member else self.maybe(0.7, lambda: self.chance.choice([*self.people, "m00"])),
        )

    def a_job(self, title: str) -> Json:
        return filled(
            company=self.chance.choice(self.words.companies),
            title=self.maybe(0.8, lambda: title),
            start=self.maybe(0.6, lambda: self.ago(4000, -40)),
            end=self.maybe(0.35, lambda: self.ago(*self.chance.choice([(1500, -60), (4000, 1100)]))),
            seen=self.maybe(0.5, lambda: self.ago(2000)),
        )

    def a_search(self, title: str) -> Json:
        return filled(
            titles=self.chance.choice([[title], [title], self.some(self.words.titles, 1, 2), []]),
            skills=self.some(self.words.skills_of(title), 0, 4),
            locations=self.maybe(0.3, lambda: self.some(self.words.places, 1, 2)),
            workplace=self.maybe(0.3, lambda: self.some(WORKPLACES, 1, 2)),
            seniority=self.maybe(0.3, lambda: self.chance.choice(LEVELS)),
            salary=self.maybe(0.2, lambda: {"min": self.chance.choice([40, 60]), "currency": "EUR"}),
            discreet=self.chance.random() < 0.6,
            blocked_companies=self.maybe(0.3, lambda: self.some(self.words.companies, 1, 1)),
        )

    def an_opening(self, name: str) -> Json:
        title = self.chance.choice(self.words.titles)
        return filled(
            posting_id=name,
            status=self.chance.choice(["open"] * 5 + ["closed"]),
            company={"name": self.chance.choice(self.words.companies)},
            title=title,
            skills=self.some(self.words.skills_of(title), 0, 5),
            locations=self.maybe(0.4, lambda: self.some(self.words.places, 1, 2)),
            workplace=self.chance.choice(WORKPLACES),
            seniority=self.maybe(0.3, lambda: self.chance.choice(LEVELS)),
            salary=self.maybe(0.2, lambda: {"max": self.chance.choice([50, 70]), "currency": "EUR"}),
            posted_at=f"{self.ago(60)}T09:00:00Z",
            vouched=self.chance.choice([True, True, True, False, None]),
            valid_through=self.maybe(0.3, lambda: self.ago(10, -400)),
            hiring_contact=self.maybe(0.2, self.anybody),
        )

    def a_tie(self, key: str) -> Json:
        one, other = key.split(":")
        evidence = [self.some_evidence() for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3]))]
        return {"person_id": one, "contact_id": other, "evidence": evidence}

    def some_evidence(self) -> Json:
        draw = self.chance
        makers: list[Callable[[], Json]] = [
            lambda: filled(kind="connected", source="LinkedIn", of=self.maybe(0.5, lambda: draw.choice([90, 3000]))),
            lambda: {"kind": "address", "source": "import"},
            lambda: filled(
                kind="worked_together", company=draw.choice(self.words.companies), months=draw.randint(0, 40),
                ended=self.maybe(0.5, lambda: self.ago(4000)), stated=draw.random() < 0.5,
                company_size=self.maybe(0.5, lambda: draw.choice([20, 400])),
            ),
            lambda: {
                "kind": "messages", "sent": draw.randint(0, 40), "received": draw.randint(0, 40),
                "last": self.ago(1500),
            },
            lambda: {"kind": "introduced", "times": draw.randint(0, 4)},
            self.said,
            self.said,
            lambda: {"kind": "blocked"} if draw.random() < 0.3 else self.said(),
        ]  # fmt: skip
        return draw.choice(makers)()

    def said(self) -> Json:
        return {"kind": "closeness", "value": self.chance.choice([1, 2, 3, 3, 4, 4, 5, 5])}

    def an_ask(self, name: str, introducer: str) -> Json:
        steps = ["asked", "accepted", "declined", "expired", "expired", "introduced", "introduced", "closed"]
        history = [
            filled(
                status=self.chance.choice(steps),
                at=f"{self.ago(self.chance.choice([40, 900]))}T12:00:00Z",
                counts=self.maybe(0.2, lambda: self.chance.random() < 0.5),
            )
            for _ in range(self.chance.randint(0, 3))
        ]
        return filled(
            introduction_id=name,
            seeker_id=self.anybody(),
            introducer_id=introducer,
            history=history,
            origin=self.maybe(0.2, lambda: "offer"),
            legs=self.maybe(0.2, lambda: {"introducer": self.chance.choice(["app", "hand"])}),
            sent_at=self.maybe(0.2, lambda: f"{self.ago(900)}T12:00:00Z"),
        )

    def anybody(self) -> str:
        return self.chance.choice(sorted(self.people)) if self.people else "m00"

    # Steps

    def today(self, days: int) -> list[Event]:
        """A day that is later by so many, or (below 0) an earlier one, which says nothing."""
        self._version += 1
        told = self.day + timedelta(days=days)
        self.day = max(self.day, told)
        return [event("clock.v1", "day", {"day": told.isoformat()}, self._version)]


def filled(**fields: Any) -> Json:
    """A JSON object; what is None is left out."""
    return {key: value for key, value in fields.items() if value is not None}
