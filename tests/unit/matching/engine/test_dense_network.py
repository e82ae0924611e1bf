"""One change at a time in a dense network, where nearly everybody fits and has paths: nothing affected is missed.

The random histories of `test_incremental` are wider; here each step changes one thing, and almost every step matters.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.matching.engine.engine import Engine, Event
from services.matching.rules import bridge
from services.matching.rules.suggestions import all_suggestions
from tests.records import (
    Json,
    closeness,
    connected,
    event,
    introduction,
    job,
    messages,
    opening,
    person,
    tie,
)
from tests.tiers import seeds
from tests.unit.matching.engine.histories import TODAY, VOCABULARY

MEMBERS = [f"m{number}" for number in range(9)]
CONTACTS = [f"c{number}" for number in range(6)]
COMPANIES = ["Initech", "Globex", "Hooli"]


class Network:
    """Records as they are now, and ways to change one of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.version = 0
        self.day = TODAY
        self.people = {name: self._member(name) for name in MEMBERS} | {name: self._contact(name) for name in CONTACTS}
        self.ties = {
            f"{one}:{other}": self._tie(one, other)
            for one in MEMBERS
            for other in [*MEMBERS, *CONTACTS]
            if one != other and chance.random() < 0.6
        }

    def _member(self, name: str) -> Json:
        seeking = {"titles": ["Developer"], "discreet": self.chance.random() < 0.7}
        return person(name, introduces=self.chance.random() < 0.8, seeking=seeking)

    def _contact(self, name: str) -> Json:
        return person(name, job(self.chance.choice(COMPANIES)), member=False)

    def _tie(self, one: str, other: str) -> Json:
        evidence = [closeness(self.chance.randint(2, 5)), messages(9, 9, "2025-06-01"), connected()]
        return tie(one, other, self.chance.choice(evidence))

    def put(self, topic: str, key: str, value: Json | None) -> Event:
        self.version += 1
        return event(topic, key, value, self.version)

    def everything(self) -> list[Event]:
        return [
            self.put("clock.v1", "day", {"day": self.day.isoformat()}),
            *(self.put("people.v1", key, value) for key, value in self.people.items()),
            *(self.put("ties.v1", key, value) for key, value in self.ties.items()),
            *(self.put("postings.v1", name, opening(name, name)) for name in COMPANIES),
        ]

    def change(self) -> Event:
        changes: list[Callable[[], Event]] = [
            *[self.consent, self.membership, self.person_gone] * 2,
            *[self.work] * 5,
            *[self.tie] * 6,
            *[self.help] * 4,
            self.next_month,
        ]
        return self.chance.choice(changes)()

    def person(self, name: str, **more: Any) -> Event:
        self.people[name] = {**self.people[name], **more}
        return self.put("people.v1", name, self.people[name])

    def consent(self) -> Event:
        name = self.chance.choice(MEMBERS)
        return self.person(name, introduces=not self.people[name].get("introduces"))

    def work(self) -> Event:
        jobs = [job(self.chance.choice(COMPANIES))] if self.chance.random() < 0.6 else []
        return self.person(self.chance.choice([*MEMBERS, *CONTACTS]), employments=jobs)

    def membership(self) -> Event:
        name = self.chance.choice([*MEMBERS, *CONTACTS])
        return self.person(name, member=not self.people[name]["member"])

    def person_gone(self) -> Event:
        return self.put("people.v1", self.chance.choice([*MEMBERS, *CONTACTS]), None)

    def tie(self) -> Event:
        one, other = self.chance.choice(MEMBERS), self.chance.choice([*MEMBERS, *CONTACTS])
        return self.put("ties.v1", f"{one}:{other}", self._tie(one, other) if self.chance.random() < 0.6 else None)

    def help(self) -> Event:
        step = {"status": self.chance.choice(["introduced", "expired"]), "at": "2026-01-01"}
        introducer, key = self.chance.choice(MEMBERS[:2]), f"i{self.chance.randint(0, 9)}"
        return self.put("introductions.v1", key, introduction(key, introducer, step, seeker_id="m0"))

    def next_month(self) -> Event:
        self.day += timedelta(days=30)
        return self.put("clock.v1", "day", {"day": self.day.isoformat()})


@seeds(1, long=8)
def test_after_every_single_change_all_is_as_from_scratch(seed, monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", 5)
    network, engine = Network(random.Random(seed)), Engine(VOCABULARY)
    engine.apply_all(network.everything())
    mattered = 0
    for _ in range(150):
        mattered += bool(engine.apply(network.change()))
        assert engine.suggestions() == all_suggestions(engine.state)
    assert mattered > 30
