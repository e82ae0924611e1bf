"""The second reading of §1 and §2: words, time, ties, bridges and help (see `reference`).

It works on the records' own JSON values and on the final state only, and works every number out anew when asked.
It shares nothing with the matcher but the vocabulary.
"""

import math
from datetime import UTC, date, datetime
from typing import Any

from shared.resolution import Vocabulary

Json = dict[str, Any]

CLOSENESS = {1: 0.10, 2: 0.30, 3: 0.50, 4: 0.75, 5: 0.95}
KINDS = ["connected", "address", "worked_together", "messages", "introduced"]
"""The evidence that has an e, in table order."""


def exact(x: float) -> float:
    """A whole number of ten-thousandths."""
    return math.floor(10_000 * x + 0.5 + 1e-6) / 10_000


def day(text: str) -> date:
    return date.fromisoformat(text + "-01" if len(text) == 7 else text[:10])


class Ties:
    """The final state, and what the page says of who knows whom, and of who helps."""

    def __init__(self, state: dict[str, dict[str, Json]], today: date, vocabulary: Vocabulary) -> None:
        self.people = state.get("people.v1", {})
        self.postings = state.get("postings.v1", {})
        self.ties = state.get("ties.v1", {})
        self.introductions = state.get("introductions.v1", {})
        self.today = today
        self.words = vocabulary
        self._tie_memory: dict[tuple[str, str], tuple[float, float] | None] = {}
        self._bridge_memory: dict[tuple[str, str], float] = {}

    # 1. Words and time

    def years(self, since: str) -> float:
        periods = max(0, (self.today - day(since)).days // 30)
        return periods * 30 / 365

    def current(self, job: Json) -> bool:
        started = job.get("start") is None or day(job["start"]) <= self.today
        return started and (job.get("end") is None or day(job["end"]) > self.today)

    def member(self, person: str) -> bool:
        return person in self.people and bool(self.people[person]["member"])

    def introduces(self, person: str) -> bool:
        return self.member(person) and bool(self.people[person].get("introduces", False))

    def employers(self, person: str) -> set[str]:
        jobs = self.people[person].get("employments", [])
        return {self.words.company(job["company"]) for job in jobs if self.current(job)}

    # 2. Strength

    def evidence(self, a: str, b: str) -> list[Json]:
        """What a shows of knowing b; a contact's side shows nothing."""
        if not self.member(a) or b not in self.people or a == b:
            return []
        return list(self.ties.get(f"{a}:{b}", {}).get("evidence", []))

    def e(self, item: Json, *, aged: bool = True) -> float:
        kind = item["kind"]
        if kind == "connected":
            return 0.20 * min(1, math.sqrt(500 / item["of"])) if item.get("of") else 0.20
        if kind == "address":
            return 0.10
        if kind == "worked_together":
            size = item.get("company_size")
            g = 1 if item.get("stated") else (min(1, math.sqrt(50 / size)) if size else 0.2)
            age = max(0.4, 2 ** (-self.years(item["ended"]) / 10)) if aged and item.get("ended") else 1
            return 0.50 * min(1, item["months"] / 24) * g * age
        if kind == "messages":
            age = 2 ** (-self.years(item["last"]) / 2) if aged else 1
            return 0.70 * (1 - math.exp(-min(item["sent"], item["received"]) / 10)) * age
        if kind == "introduced":
            return 1 - 0.7 ** min(item["times"], 3)
        return 0.0

    @staticmethod
    def firm(item: Json) -> bool:
        return item["kind"] in {"messages", "introduced"} or (
            item["kind"] == "worked_together" and bool(item.get("stated"))
        )

    def says(self, a: str, b: str) -> float | None:
        """The closeness a states of b."""
        return max((CLOSENESS[x["value"]] for x in self.evidence(a, b) if x["kind"] == "closeness"), default=None)

    def blocked(self, a: str, b: str) -> bool:
        return any(x["kind"] == "blocked" for x in self.evidence(a, b) + self.evidence(b, a))

    def own(self, a: str, b: str) -> bool:
        return self.says(a, b) is not None or any(self.e(x, aged=False) > 0 for x in self.evidence(a, b))

    def vetoes(self, b: str, a: str) -> bool:
        """Whether b, a member, states 1 or 2 of a."""
        said = self.says(b, a)
        return said is not None and said in (CLOSENESS[1], CLOSENESS[2])

    def worked_out(self, a: str, b: str, items: list[Json]) -> float:
        """Strength(a, b), where this evidence is what makes E."""
        if self.vetoes(b, a):
            return 0.0
        mine = self.says(a, b)
        return self.evidence_alone(items) if mine is None else exact(mine)

    def evidence_alone(self, items: list[Json]) -> float:
        """E of this evidence."""
        rest = 1.0
        for kind in KINDS:
            rest *= 1 - max((self.e(x) for x in items if x["kind"] == kind), default=0.0)
        return exact(1 - rest)

    def tie(self, a: str, b: str) -> tuple[float, float] | None:
        """Strength and firmness as a's paths use them, or None where there is no tie."""
        if (a, b) not in self._tie_memory:
            self._tie_memory[a, b] = self._tie(a, b)
        return self._tie_memory[a, b]

    def _tie(self, a: str, b: str) -> tuple[float, float] | None:
        if a == b or a not in self.people or b not in self.people or self.blocked(a, b):
            return None
        if not (self.own(a, b) or self.own(b, a)):
            return None
        items = self.evidence(a, b) + self.evidence(b, a)
        return self.worked_out(a, b, items), self.worked_out(a, b, [x for x in items if self.firm(x)])

    def strength(self, a: str, b: str) -> float:
        found = self.tie(a, b)
        return found[0] if found else 0.0

    def onward(self, a: str, b: str) -> float:
        """What the tie is worth on paths of others that lead through a."""
        if self.tie(a, b) is None or self.vetoes(a, b) or self.vetoes(b, a):
            return 0.0
        shown = self.evidence_alone(self.evidence(a, b) + self.evidence(b, a))
        return shown if self.says(a, b) is None else max(shown, 0.30)

    def warm(self, a: str, b: str) -> bool:
        found = self.tie(a, b)
        return found is not None and found[1] >= 0.30

    def tied_members(self, a: str) -> set[str]:
        return {b for b in self.people if self.member(b) and self.tie(a, b) is not None}

    def bridge(self, a: str, b: str) -> float:
        pair = (min(a, b), max(a, b))
        if pair not in self._bridge_memory:
            self._bridge_memory[pair] = self._bridge(*pair)
        return self._bridge_memory[pair]

    def _bridge(self, a: str, b: str) -> float:
        m = self.mutual(a, b)
        if m is None:
            return 0.75
        x = (m + 1) / 11
        return exact(0.5 + 0.5 * x * math.exp(1 - x))

    def mutual(self, a: str, b: str) -> int | None:
        """How many members are tied to both; None where that does not enter B."""
        if not (self.member(a) and self.member(b)):
            return None
        of_a, of_b = self.tied_members(a), self.tied_members(b)
        return None if len(of_a) < 30 or len(of_b) < 30 else len(of_a & of_b)

    def help(self, person: str) -> float:
        """H on the first day of this month, from what is older than that day."""
        first = self.today.replace(day=1)
        found: list[tuple[str, str, bool]] = []
        for key, introduction in sorted(self.introductions.items()):
            if introduction["introducer_id"] == person:
                history = introduction.get("history", [])
                old = [x for x in history if datetime.fromisoformat(x["at"]).astimezone(UTC).date() < first]
                found += self.silence_or_yes(key, introduction, old)
        if len(found) < 3:
            return 0.5
        r = s = 0.0
        for _, at, yes in sorted(sorted(found), key=lambda x: x[1], reverse=True):
            periods = (first - datetime.fromisoformat(at).astimezone(UTC).date()).days // 30
            weight = 2 ** -(periods * 30 / 365)
            r, s = (r + weight, s) if yes else (r, s + weight)
        return exact((r + 1) / (r + s + 2))

    @staticmethod
    def silence_or_yes(key: str, introduction: Json, old: list[Json]) -> list[tuple[str, str, bool]]:
        """Id, moment, and whether it is to the introducer's credit; at most one, which is the newest."""
        reached = {x["status"] for x in old}
        led = [x["at"] for x in old if x["status"] == "introduced" and x.get("counts", True)]
        out = [x["at"] for x in old if x["status"] == "expired"]
        if reached & {"accepted", "declined", "introduced"}:
            return [(key, max(led), True)] if led else []
        sent = introduction.get("legs", {}).get("introducer", "app") == "app" or "sent_at" in introduction
        return [(key, max(out), False)] if out and sent and introduction.get("origin", "ask") == "ask" else []
