"""A second reading of the matching rules, §2 to §5, written from the page alone and as plainly as it can be.

It works on the records' own JSON values and on the final state only, and works every number out anew when asked.
It shares nothing with the matcher but the vocabulary.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shared.resolution import Place, Title
from tests.unit.matching.rules.reference_ties import Json, Ties, day, exact

LEVELS = ["intern", "junior", "mid", "senior", "lead", "director", "executive"]
KNOW_THEM = {
    1: "barely know them", 2: "know them a little", 3: "know them", 4: "know them well", 5: "know them very well"
}  # fmt: skip


def many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


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


class Reference(Ties):
    """The final state, and what the page says of it."""

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
        """Who is on no path of this seeker's: people of companies they blocked and, while discreet, of employers.

        A company means all of its topmost owner's.
        """
        seeking = self.people[seeker].get("seeking") or {}
        away = {self.words.company(name) for name in seeking.get("blocked_companies", [])}
        if seeking.get("discreet", True):
            away |= self.employers(seeker)
        owners = set(map(self.words.family, away))
        return {p for p in self.people if p != seeker and set(map(self.words.family, self.employers(p))) & owners}

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
                last = self.onward(j, i) * standing[i]
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
            all_of_them = min(max(len(named), 3), 8)
            parts.append((0.60, min(1, len(named & have) / all_of_them if have else 0.5 * len(named) / all_of_them)))
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
            and self.words.family(company)
            not in {self.words.family(self.words.company(name)) for name in seeking.get("blocked_companies", [])}
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
