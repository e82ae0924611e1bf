"""Random openings and seekers for the columns: wide, so that every rule of section 4 meets every other."""

import json
import random
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from services.matching.domain import Opening, Person, State, read_opening, read_person
from services.matching.engine.columns.fit import LOOK, Fit
from services.matching.engine.columns.fit_words import FitWords
from services.matching.engine.columns.names import Names
from services.matching.engine.columns.openings import Openings
from services.matching.engine.columns.seekers import Seekers
from services.matching.engine.columns.words import Words
from services.matching.rules.network import Network
from services.matching.rules.suggestions import fit_of
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.resolution import Vocabulary

TODAY = date(2026, 3, 1)
COMPANIES = ["Initech", "Globex", "Hooli"]
SKILLS = [f"skill {n}" for n in range(12)]
TITLES = ["Developer", "Tester", "Recruiter", "Odd Developer", "Unheard Of"]
PLACES = ["Berlin", "Hamburg", "Germany", "Paris", "France", "anywhere"]
WORKPLACES = ["onsite", "hybrid", "remote"]
LEVELS = ["intern", "junior", "mid", "senior", "lead", "director", "executive"]

VOCABULARY = Vocabulary.of(
    {
        "titles": {
            "developer": {"occupation": "dev", "group": "it", "recruiting": False},
            "tester": {"occupation": "test", "group": "it", "recruiting": False},
            "recruiter": {"occupation": "hr", "group": "people", "recruiting": True},
            # An occupation in two groups: no index may take one for the other.
            "odd developer": {"occupation": "dev", "group": "people", "recruiting": False},
        },
        "places": {
            "berlin": {"country": "de", "city": "berlin"},
            "hamburg": {"country": "de", "city": "hamburg"},
            "germany": {"country": "de", "city": None},
            "paris": {"country": "fr", "city": "paris"},
            "france": {"country": "fr", "city": None},
            "anywhere": {"country": None, "city": None},
        },
    }
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def rarely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda n: strategy if n == 3 else st.none())


def some(values: list[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=most)


def record(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields).map(lambda drawn: {k: v for k, v in drawn.items() if v is not None})


skills = st.one_of(st.just([]), some(SKILLS, 3), st.lists(st.sampled_from(SKILLS), min_size=4, max_size=12))
days = st.integers(-3, 3).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
currencies = st.sampled_from(["EUR", "EUR", "USD"])
periods = st.sampled_from(["year", "year", "month"])
amounts = st.sampled_from([0, 40, 49.99, 50, 50.01])
openings = record(
    status=st.sampled_from(["open", "open", "open", "closed"]),
    company=record(name=st.sampled_from(COMPANIES)),
    title=st.sampled_from(TITLES),
    skills=skills,
    locations=rarely(some(PLACES, 3)),
    workplace=st.sampled_from(WORKPLACES),
    seniority=maybe(st.sampled_from(LEVELS)),
    salary=rarely(record(max=maybe(amounts), currency=currencies, period=periods)),
    posted_at=st.just("2026-01-05T10:00:00Z"),
    vouched=maybe(st.booleans()),
    valid_through=rarely(days),
    hiring_contact=rarely(st.sampled_from(["m0", "m1", "x"])),
)
jobs = record(
    company=st.sampled_from(COMPANIES), title=maybe(st.sampled_from(TITLES)), start=rarely(days), end=maybe(days)
)
seeking = record(
    titles=st.just([]) | some(TITLES, 3),
    skills=skills,
    locations=rarely(some(PLACES, 3)),
    workplace=rarely(some(WORKPLACES, 2)),
    seniority=maybe(st.sampled_from(LEVELS)),
    salary=rarely(record(min=amounts, currency=currencies, period=periods)),
    discreet=maybe(st.booleans()),
    blocked_companies=rarely(some(COMPANIES, 1)),
)
people = record(
    member=st.sampled_from([True] * 7 + [False]),
    employments=st.lists(jobs, max_size=2),
    skills=st.just([]) | skills,
    seeking=st.integers(0, 9).flatmap(lambda n: st.none() if n == 9 else seeking),
)


def skewed(rng: random.Random, most: int) -> list[str]:
    """Some skills, the first ones much oftener."""
    return [SKILLS[int(len(SKILLS) * rng.random() ** 2)] for _ in range(rng.randint(0, most))]


def random_money(rng: random.Random) -> dict[str, Any]:
    return {"currency": rng.choice(["EUR", "EUR", "USD"]), "period": rng.choice(["year", "year", "month"])}


def random_person(rng: random.Random) -> dict[str, Any]:
    search = {
        "titles": rng.choices(TITLES, k=rng.choice([0, 0, 1, 2])),
        "skills": skewed(rng, 3) if rng.random() < 0.5 else [],
        "locations": rng.choices(PLACES, k=rng.choice([0, 0, 0, 2])),
        "workplace": rng.choices(WORKPLACES, k=rng.choice([0, 0, 2])),
        "blocked_companies": rng.choices(COMPANIES, k=rng.choice([0, 0, 1])),
        "discreet": rng.random() < 0.5,
    }
    if rng.random() < 0.5:
        search["seniority"] = rng.choice(LEVELS)
    if rng.random() < 0.4:
        search["salary"] = {"min": rng.choice([40, 50, 50.01]), **random_money(rng)}
    work = {"company": rng.choice(COMPANIES), "title": rng.choice(TITLES)}
    if rng.random() < 0.5:
        work["end"] = (TODAY + timedelta(days=rng.randint(-2, 3))).isoformat()
    has = skewed(rng, 8) if rng.random() < 0.8 else []
    return {"member": True, "employments": [work][: rng.randint(0, 1)], "skills": has, "seeking": search}


def random_opening(rng: random.Random) -> dict[str, Any]:
    content = {
        "company": {"name": rng.choice(COMPANIES)},
        "title": rng.choice(TITLES),
        "skills": skewed(rng, 12),
        "locations": rng.choices(PLACES, k=rng.choice([0, 0, 0, 2])),
        "workplace": rng.choice(WORKPLACES),
        "posted_at": "2026-01-05T10:00:00Z",
        "vouched": rng.random() < 0.7,
    }
    if rng.random() < 0.5:
        content["seniority"] = rng.choice(LEVELS)
    if rng.random() < 0.4:
        content["salary"] = random_money(rng) | rng.choice([{}, {"max": 49.99}, {"max": 50}])
    if rng.random() < 0.3:
        content["valid_through"] = (TODAY + timedelta(days=rng.randint(-1, 3))).isoformat()
    return content


def opening_of(key: str, content: dict[str, Any]) -> tuple[Opening, bytes]:
    value = PostingV1.model_validate({"posting_id": key, "version": 1, **content})
    return read_opening(value, VOCABULARY), value.to_json()


def person_of(key: str, content: dict[str, Any]) -> Person:
    return read_person(PersonV1.model_validate({"person_id": key, "version": 1, **content}), VOCABULARY)


class World:
    """The columns, and beside them what the rules read."""

    def __init__(self, today: date | None = TODAY, look: int = LOOK) -> None:
        self.words = FitWords(Words(), Words(), Words(), Words(), Words(), Names())
        self.fit = Fit(Openings(self.words, VOCABULARY), Seekers(self.words))
        self.fit.columns = self.fit.columns._replace(look=look)
        self.people: dict[str, Person] = {}
        self.openings: dict[str, Opening] = {}
        self.today = today
        if today is not None:
            self.fit.set_day(today)

    def set_day(self, today: date) -> list[str]:
        self.today = today
        return sorted(self.fit.openings.id(int(o)) for o in self.fit.set_day(today))

    def put_opening(self, key: str, content: dict[str, Any] | None, version: int = 1) -> None:
        if content is None:
            self.openings.pop(key, None)
            self.fit.openings.upsert(key, None, None, version)
        else:
            self.openings[key], raw = opening_of(key, content)
            self.fit.openings.upsert(key, self.openings[key], raw, version)

    def put_person(self, key: str, content: dict[str, Any] | None) -> None:
        person = None if content is None else person_of(key, content)
        self.people.pop(key, None)
        if person is not None:
            self.people[key] = person
        self.fit.seekers.upsert(self.words.people.index(key), person)

    def restored(self) -> "World":
        """The same, out of a snapshot."""
        other = World(self.today)
        other.words, other.people, other.openings = self.words, self.people, self.openings
        other.fit = Fit(Openings(self.words, VOCABULARY), Seekers(self.words))
        for mine, theirs in ((self.fit.openings, other.fit.openings), (self.fit.seekers, other.fit.seekers)):
            theirs.restore({name: array.copy() for name, array in mine.arrays()}, json.loads(json.dumps(mine.extra())))
        if self.today is not None:
            other.fit.set_day(self.today)
        return other

    def expected(self) -> dict[tuple[str, str], int]:
        """The fit of each pair that fits, by the rules."""
        if self.today is None:
            return {}
        network, found = Network(State(today=self.today)), {}
        for opening in self.openings.values():
            for person in self.people.values():
                value = fit_of(person, opening, network)
                if value is not None:
                    found[opening.id, person.id] = round(value * 10_000)
        return found

    def by_opening(self) -> dict[tuple[str, str], int]:
        found = {}
        for key in self.openings:
            people, fits = self.fit.seekers_for(self.fit.openings.find(key))
            assert len(np.unique(people)) == len(people)
            for person, value in zip(people.tolist(), fits.tolist(), strict=True):
                found[key, self.words.people.name(person)] = value
        return found

    def by_person(self) -> dict[tuple[str, str], int]:
        found = {}
        for key in self.words.people._numbers:
            openings, fits = self.fit.openings_for(self.words.people.find(key))
            assert len(np.unique(openings)) == len(openings)
            for opening, value in zip(openings.tolist(), fits.tolist(), strict=True):
                found[self.fit.openings.id(opening), key] = value
        return found

    def by_pair(self) -> dict[tuple[str, str], int]:
        pairs = ((o, p) for o in range(len(self.fit.openings)) for p in range(len(self.words.people)))
        values = {(self.fit.openings.id(o), self.words.people.name(p)): self.fit.one(o, p) for o, p in pairs}
        return {pair: value for pair, value in values.items() if value}

    def check(self) -> None:
        expected = self.expected()
        assert self.by_pair() == expected
        assert self.by_opening() == expected
        assert self.by_person() == expected
