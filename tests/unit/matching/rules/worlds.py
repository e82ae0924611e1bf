"""Small worlds for the rules: a builder of records, a vocabulary, and the simplest worlds that suggest something."""

import json
from datetime import date, timedelta
from typing import Any, Self

from services.matching.engine.replay import replay
from shared.resolution import Vocabulary
from tests import records
from tests.records import Json, closeness
from tests.unit.matching.rules.reference import Reference

TODAY = date(2026, 6, 1)
LAST_MONTH = "2026-05-20"
"""Less than 30 days before the first of this month, so nothing has faded."""

WORDS = Vocabulary.of(
    {
        "companies": {"initech inc.": "initech", "initech.com": "initech"},
        "owners": {"acme labs": "acme", "acme": "acme holding"},
        "skills": {"js": "javascript"},
        "titles": {
            "welder": {"occupation": "welder", "group": "metal", "recruiting": False},
            "master welder": {"occupation": "welder", "group": "metal", "recruiting": False},
            "fitter": {"occupation": "fitter", "group": "metal", "recruiting": False},
            "baker": {"occupation": "baker", "group": "food", "recruiting": False},
            "recruiter": {"occupation": "recruiter", "group": "people", "recruiting": True},
        },
        "places": {
            "berlin": {"country": "de", "city": "berlin"},
            "hamburg": {"country": "de", "city": "hamburg"},
            "germany": {"country": "de", "city": None},
            "paris": {"country": "fr", "city": "paris"},
            "france": {"country": "fr", "city": None},
        },
    }
)


def job(company: str = "Initech", title: str | None = "welder", **more: Any) -> Json:
    return records.job(company, **more, **({} if title is None else {"title": title}))


class World:
    """Records in the order they are told. Telling the same key again replaces it; `gone` is its tombstone."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.state: dict[str, dict[str, Json]] = {}
        self._version = 0

    def tell(self, value: Json) -> Self:
        topic, key = records.topic_and_key(value)
        self._version += 1
        value = {**value, "version": self._version}
        self.lines.append(json.dumps({"topic": topic, "key": key, "value": value}))
        self.state.setdefault(topic, {})[key] = value
        return self

    def gone(self, topic: str, key: str) -> Self:
        self._version += 1
        self.lines.append(json.dumps({"topic": topic, "key": key, "value": None, "version": self._version}))
        self.state.get(topic, {}).pop(key, None)
        return self

    def person(self, person: str, *employments: Json, member: bool = True, **more: Any) -> Self:
        return self.tell(records.person(person, *employments, member=member, **more))

    def contact(self, person: str, *employments: Json, of: str = "s", **more: Any) -> Self:
        return self.person(person, *employments, member=False, imported_by=of, **more)

    def seeker(self, person: str = "s", *employments: Json, has: tuple[str, ...] = (), **seeking: Any) -> Self:
        seeking = {"titles": ["welder"], **seeking}
        return self.person(person, *employments, skills=list(has), seeking=seeking)

    def tie(self, a: str, b: str, *evidence: Json) -> Self:
        return self.tell(records.tie(a, b, *evidence))

    def both(self, a: str, b: str, value: int = 4) -> Self:
        """A closeness said by both."""
        return self.tie(a, b, closeness(value)).tie(b, a, closeness(value))

    def posting(self, posting: str = "p", **more: Any) -> Self:
        """An opening for a welder at Initech."""
        return self.tell({**records.opening(posting, title="welder", workplace="onsite"), **more})

    def ask(self, name: str, introducer: str, *steps: tuple[str, str] | Json, **more: Any) -> Self:
        """An introduction; a step is a status and its day, at noon."""
        history = [at_noon(*step) if isinstance(step, tuple) else step for step in steps]
        return self.tell(records.introduction(name, introducer, *history, **more))

    def record(self, introducer: str, *, led: int = 0, silent: int = 0, when: str | None = None) -> Self:
        """So many introductions that came of a yes, and asks that ran out unanswered: by default, none has faded."""
        for number in range(led):
            self.ask(f"{introducer}-yes-{number}", introducer, ("asked", ago(60)), ("introduced", when or LAST_MONTH))
        for number in range(silent):
            self.ask(f"{introducer}-no-{number}", introducer, ("asked", ago(60)), ("expired", when or LAST_MONTH))
        return self

    def day(self, day: str) -> Self:
        self.lines.append(json.dumps({"topic": "clock.v1", "key": "day", "value": {"day": day, "version": 1}}))
        return self

    def found(self, today: date = TODAY) -> list[Json]:
        """What the matcher suggests at the end."""
        refused: list[tuple[int, str]] = []
        suggestions = replay(self.lines, today, WORDS, lambda line, reason: refused.append((line, reason)))
        assert not refused
        return suggestions

    def reference(self, today: date = TODAY) -> list[Json]:
        """What the reference suggests of the final state."""
        return Reference(self.state, today, WORDS).suggestions()

    def one(self, today: date = TODAY) -> Json:
        """The only suggestion."""
        (suggestion,) = self.found(today)
        return suggestion

    def path(self, today: date = TODAY) -> Json:
        """The only path of the only suggestion."""
        (path,) = self.one(today)["paths"]
        return path

    def introducers(self) -> list[str]:
        return [path["introducer_id"] for path in self.one()["paths"]]


def direct(*evidence: Json, employment: Json | None = None) -> World:
    """Seeker `s` and contact `i`, a welder at Initech; an opening there. Score: strength · 0.75 · 0.5 · 1.0."""
    world = World().seeker().contact("i", employment or job()).posting()
    return world.tie("s", "i", *(evidence or (closeness(4),)))


def between(*, s_j: int = 4, j_i: int = 4) -> World:
    """Seeker `s`, introducer `j` and j's contact `i`, a welder at Initech."""
    world = World().seeker().person("j", introduces=True).contact("i", job(), of="j").posting()
    return world.both("s", "j", s_j).tie("j", "i", closeness(j_i))


def at_noon(status: str, day: str, **more: Any) -> Json:
    """A step of an introduction."""
    return {"status": status, "at": f"{day}T12:00:00Z", **more}


def ago(days: int, today: date = TODAY) -> str:
    """The day this many days before. 2,190 days are 73 periods of 30 days: 6 years exactly."""
    return (today - timedelta(days=days)).isoformat()
