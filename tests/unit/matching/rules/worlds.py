"""Small worlds for the rules: a builder of records, a vocabulary, and the simplest worlds that suggest something."""

import json
from datetime import date, timedelta
from typing import Any, Self

from services.matching.engine.replay import replay
from shared.resolution import Vocabulary
from tests.unit.matching.rules.reference import Reference

Json = dict[str, Any]

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


def closeness(value: int) -> Json:
    return {"kind": "closeness", "value": value}


def connected(of: int | None = None) -> Json:
    return {"kind": "connected", "source": "list"} | ({} if of is None else {"of": of})


def address() -> Json:
    return {"kind": "address", "source": "list"}


def worked(months: int, **more: Any) -> Json:
    return {"kind": "worked_together", "company": "Acme", "months": months, **more}


def messages(sent: int, received: int, last: str = "2026-06-01") -> Json:
    return {"kind": "messages", "sent": sent, "received": received, "last": last}


def introduced(times: int) -> Json:
    return {"kind": "introduced", "times": times}


def blocked() -> Json:
    return {"kind": "blocked"}


def job(company: str = "Initech", title: str | None = "welder", **more: Any) -> Json:
    return {"company": company, **more} | ({} if title is None else {"title": title})


class World:
    """Records in the order they are told. Telling the same key again replaces it; `gone` is its tombstone."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.state: dict[str, dict[str, Json]] = {}
        self._version = 0

    def tell(self, topic: str, key: str, value: Json) -> Self:
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
        value = {"person_id": person, "member": member, "employments": list(employments), **more}
        return self.tell("people.v1", person, value)

    def contact(self, person: str, *employments: Json, of: str = "s", **more: Any) -> Self:
        return self.person(person, *employments, member=False, imported_by=of, **more)

    def seeker(self, person: str = "s", *employments: Json, has: tuple[str, ...] = (), **seeking: Any) -> Self:
        seeking = {"titles": ["welder"], **seeking}
        return self.person(person, *employments, skills=list(has), seeking=seeking)

    def tie(self, a: str, b: str, *evidence: Json) -> Self:
        return self.tell("ties.v1", f"{a}:{b}", {"person_id": a, "contact_id": b, "evidence": list(evidence)})

    def both(self, a: str, b: str, value: int = 4) -> Self:
        """A closeness said by both."""
        return self.tie(a, b, closeness(value)).tie(b, a, closeness(value))

    def posting(self, posting: str = "p", **more: Any) -> Self:
        value = {
            "posting_id": posting,
            "status": "open",
            "company": {"name": "Initech"},
            "title": "welder",
            "skills": [],
            "locations": [],
            "workplace": "onsite",
            "posted_at": "2026-05-01T08:00:00Z",
            "vouched": True,
            **more,
        }
        return self.tell("postings.v1", posting, value)

    def ask(self, name: str, introducer: str, *steps: tuple[str, str] | Json, **more: Any) -> Self:
        """An introduction; a step is a status and its day, at noon."""
        history = [at_noon(*step) if isinstance(step, tuple) else step for step in steps]
        value = {"introduction_id": name, "seeker_id": "x", "introducer_id": introducer, "history": history, **more}
        return self.tell("introductions.v1", name, value)

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
