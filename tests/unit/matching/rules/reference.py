"""A second reading of the matching rules, §2 to §5, written from the page alone and as plainly as it can be.

It works on the records' own JSON values and on the final state only, and works every number out anew when asked.
It shares nothing with the matcher but the vocabulary.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from shared.resolution import Place, Title, Vocabulary

Json = dict[str, Any]

LEVELS = ["intern", "junior", "mid", "senior", "lead", "director", "executive"]
CLOSENESS = {1: 0.10, 2: 0.30, 3: 0.50, 4: 0.75, 5: 0.95}
KNOW_THEM = {
    1: "barely know them", 2: "know them a little", 3: "know them", 4: "know them well", 5: "know them very well"
}  # fmt: skip
KINDS = ["connected", "address", "worked_together", "messages", "introduced"]
"""The evidence that has an e, in table order."""


def exact(x: float) -> float:
    """A whole number of ten-thousandths."""
    return math.floor(10_000 * x + 0.5 + 1e-6) / 10_000


def many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def day(text: str) -> date:
    return date.fromisoformat(text + "-01" if len(text) == 7 else text[:10])


@dataclass(frozen=True)
class FoundPath:
    score: float
    introducer: str
    insider: str
    warm: bool
    ask: str

    @property
    def direct(self) -> bool:
        return self.introducer == self.insider


class Reference:
    """The final state, and what the page says of it."""

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
        if mine is not None:
            return exact(mine)
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

    # 3. Paths

    def role(self, held: str | None, title: Title | None) -> float:
        known = self.words.title(held) if held else None
        if known is None:
            return 0.6
        if title is not None and known.occupation == title.occupation:
            return 1.0
        if (title is not None and known.group == title.group) or known.recruiting:
            return 0.85
        return 0.6

    def standing(self, person: str, posting: Json) -> float:
        if posting.get("hiring_contact") == person and self.member(person):
            return 1.0
        title = self.words.title(posting["title"])
        company = self.company(posting)
        return exact(
            max(
                (
                    self.there(person, job) * self.role(job.get("title"), title)
                    for job in self.people[person].get("employments", [])
                    if self.words.company(job["company"]) == company
                ),
                default=0.0,
            )
        )

    def standing_at(self, person: str, company: str) -> float:
        """The same without an opening."""
        jobs = self.people[person].get("employments", [])
        return exact(
            max((self.there(person, x) for x in jobs if self.words.company(x["company"]) == company), default=0.0)
        )

    def there(self, person: str, job: Json) -> float:
        if job.get("start") is not None and day(job["start"]) > self.today:
            return 0.0
        if self.current(job):
            fades = not self.member(person) and job.get("seen") is not None
            return max(0.5, 2 ** (-self.years(job["seen"]) / 4)) if fades else 1.0
        y = self.years(job["end"])
        return 0.5 * 2**-y if y <= 3 else 0.0

    def company(self, posting: Json) -> str:
        return self.words.company(posting["company"]["name"], posting["company"].get("domain"))

    def hidden(self, seeker: str) -> set[str]:
        """Who is on no path of this seeker's: people of companies they blocked and, while discreet, of employers."""
        seeking = self.people[seeker].get("seeking") or {}
        away = {self.words.company(name) for name in seeking.get("blocked_companies", [])}
        if seeking.get("discreet", True):
            away |= self.employers(seeker)
        return {p for p in self.people if p != seeker and self.employers(p) & away}

    def ways(self, s: str, standing: dict[str, float]) -> Iterator[FoundPath]:
        """Every path to people of these standings, warm or possible."""
        hidden = self.hidden(s)
        insiders = [i for i in self.people if i not in hidden and i != s and standing[i] > 0]
        for i in insiders:
            if self.tie(s, i) and self.own(s, i):
                score = self.strength(s, i) * self.bridge(s, i) * self.help(i) * standing[i]
                yield FoundPath(score, i, i, self.warm(s, i), "app" if self.introduces(i) else "hand")
        for j in self.people:
            if j in hidden or j == s or not self.between(s, j):
                continue
            for i in insiders:
                open_to_it = not self.member(i) or self.introduces(i)
                if i == j or not open_to_it or self.blocked(s, i) or not self.tie(j, i) or not self.own(j, i):
                    continue
                last = self.strength(j, i) * standing[i]
                score = 0.5 * self.strength(s, j) * self.bridge(s, j) * self.help(j) * last
                yield FoundPath(score, j, i, self.warm(s, j) and self.warm(j, i), "app")

    def between(self, s: str, j: str) -> bool:
        return self.introduces(j) and self.tie(s, j) is not None and self.own(s, j) and self.own(j, s)

    # 4. Fit

    def fit(self, s: str, posting: Json) -> float | None:
        """How well they fit, or None where they do not."""
        person = self.people[s]
        seeking = person.get("seeking")
        if not self.member(s) or not seeking or not self.must_hold(s, posting, seeking):
            return None
        named = {self.words.skill(x) for x in posting.get("skills", [])}
        have = {self.words.skill(x) for x in [*person.get("skills", []), *seeking.get("skills", [])]}
        title = self.words.title(posting["title"])
        sought = self.titles_of(person, seeking)
        if (not named and title is None) or (not have and not sought):
            return None
        parts: list[tuple[float, float]] = []
        if named:
            parts.append((0.60, min(1, len(named & have) / min(len(named), 8)) if have else 0.5))
        if title is not None:
            parts.append((0.25, max(self.alike(t, title) for t in sought) if sought else 0.5))
        if posting.get("seniority"):
            apart = self.apart(posting, seeking)
            parts.append((0.15, 0.5 if apart is None else 1 - apart / 3))
        total, weights = 0.0, 0.0
        for weight, value in parts:
            total, weights = total + weight * value, weights + weight
        fit = exact(total / weights)
        return fit if fit >= 0.50 else None

    def titles_of(self, person: Json, seeking: Json) -> list[Title]:
        held = [job["title"] for job in person.get("employments", []) if self.current(job) and job.get("title")]
        return [known for text in seeking.get("titles") or held if (known := self.words.title(text)) is not None]

    @staticmethod
    def alike(a: Title, b: Title) -> float:
        return 1.0 if a.occupation == b.occupation else 0.5 if a.group == b.group else 0.0

    @staticmethod
    def apart(posting: Json, seeking: Json) -> int | None:
        if not posting.get("seniority") or not seeking.get("seniority"):
            return None
        return abs(LEVELS.index(posting["seniority"]) - LEVELS.index(seeking["seniority"]))

    def must_hold(self, s: str, posting: Json, seeking: Json) -> bool:
        company = self.company(posting)
        apart = self.apart(posting, seeking)
        return (
            posting.get("status", "open") == "open"
            and (not posting.get("valid_through") or day(posting["valid_through"]) >= self.today)
            and (posting.get("vouched") is True or not seeking.get("discreet", True))
            and (not seeking.get("workplace") or posting["workplace"] in seeking["workplace"])
            and self.places_agree(posting, seeking)
            and company not in self.employers(s)
            and company not in {self.words.company(name) for name in seeking.get("blocked_companies", [])}
            and (apart is None or apart < 3)
            and self.pays(posting.get("salary"), seeking.get("salary"))
        )

    def places_agree(self, posting: Json, seeking: Json) -> bool:
        there = self.places(posting.get("locations", []))
        here = self.places(seeking.get("locations", []))
        if not there or not here:
            return True
        remote = posting["workplace"] == "remote"
        return any(
            a.country == b.country and (remote or a.city is None or b.city is None or a.city == b.city)
            for a in there
            for b in here
        )

    def places(self, texts: Iterable[str]) -> list[Place]:
        return [place for place in map(self.words.place, texts) if place.country is not None]

    @staticmethod
    def pays(offered: Json | None, least: Json | None) -> bool:
        if not offered or not least or offered.get("max") is None:
            return True
        same = (offered["currency"], offered.get("period", "year")) == (least["currency"], least.get("period", "year"))
        return not same or bool(offered["max"] >= least["min"])

    # 5. Suggestions

    def best(self, ways: Iterable[FoundPath]) -> list[FoundPath]:
        """The best path of each introducer, the best introducer first."""
        chosen: dict[str, FoundPath] = {}
        for way in sorted(ways, key=lambda w: (-w.score, not w.direct, w.insider)):
            if way.score > 0:
                chosen.setdefault(way.introducer, way)
        return sorted(chosen.values(), key=lambda w: (-w.score, w.introducer))

    def suggestions(self) -> list[Json]:
        found: list[Json] = []
        for s in sorted(self.people):
            for posting_id, posting in sorted(self.postings.items()):
                fit = self.fit(s, posting)
                if fit is None:
                    continue
                standing = {i: self.standing(i, posting) for i in self.people}
                ways = self.best(w for w in self.ways(s, standing) if w.direct or w.warm)[:3]
                if ways:
                    paths = [
                        {
                            "introducer_id": w.introducer,
                            "insider_id": w.insider,
                            "score": w.score,
                            "label": "warm" if w.warm else "possible",
                            "ask": w.ask,
                        }
                        for w in ways
                    ]
                    found.append({"seeker_id": s, "posting_id": posting_id, "fit": fit, "paths": paths})
        return found

    def reasons(self, s: str, j: str) -> tuple[str, ...]:
        """Why j, as s reads it."""
        mine, m = self.evidence(s, j), self.mutual(s, j)
        said = [item["value"] for item in mine if item["kind"] == "closeness"]
        words = [f"you said you {KNOW_THEM[max(said)]}"] if said else []
        for kind in ("worked_together", "messages", "introduced", "connected"):
            words += self.told(kind, s, j)
        if any(item["kind"] == "address" for item in mine):
            words.append("you have their address")
        if m:
            step = "1 to 4" if m < 5 else "5 to 9" if m < 10 else "10 to 19" if m < 20 else "20 or more"
            words.append(f"{step} people know you both")
        return tuple(words)

    def told(self, kind: str, s: str, j: str) -> list[str]:
        """The sentence about one kind of evidence: numbers, if s stated or holds them, and then nothing of j's."""
        mine, theirs = (
            [x for x in self.evidence(*ends) if x["kind"] == kind and self.e(x, aged=False) > 0]
            for ends in ((s, j), (j, s))
        )
        numbered = [x for x in mine if kind != "worked_together" or x.get("stated")]
        shown = numbered or mine or theirs
        if not shown:
            return []
        item = max(shown, key=self.e)
        if kind == "worked_together":
            return [
                f"worked with you at {item['company']}" + (f" for {many(item['months'], 'month')}" if numbered else "")
            ]
        if kind == "messages":
            least = min(item["sent"], item["received"])
            return ["wrote to each other" + (f", {many(least, 'message')} or more each way" if numbered else "")]
        if kind == "introduced":
            what = many(item["times"], "introduction") if numbered else "an introduction"
            return [f"{what} between you went well"]
        return [f"connected with you on {item['source'].replace('linkedin', 'LinkedIn')}"]

    # 6. Questions

    def paths(self, s: str, company: str) -> list[FoundPath]:
        """Who could introduce s into a company."""
        return self.best(self.ways(s, {i: self.standing_at(i, company) for i in self.people}))

    def left_there(self, s: str, company: str) -> list[tuple[str, date]]:
        """Whom s knows who left a company more than three years ago."""
        found: list[tuple[str, date]] = []
        for other in self.people.keys() - {s} - self.hidden(s):
            jobs = [
                job
                for job in self.people[other].get("employments", [])
                if self.words.company(job["company"]) == company
            ]
            begun = [job for job in jobs if job.get("start") is None or day(job["start"]) <= self.today]
            gone = begun and not any(self.current(job) or self.years(job["end"]) <= 3 for job in begun)
            if gone and self.own(s, other) and self.strength(s, other) > 0:
                found.append((other, max(day(job["end"]) for job in begun)))
        return sorted(found, key=lambda one: (-one[1].toordinal(), one[0]))[:5]

    def unrated(self, s: str) -> set[str]:
        """Whom s may be asked about."""
        return {other for other in self.people if self.own(s, other) and self.says(s, other) is None}
