"""Crowds from real graphs: who knows whom is real; who works where, on what and how well they know each other is drawn.

Agencies and their openings are those of USAJOBS; skills come from O*NET by occupation. All is seeded.
"""

import csv
import gzip
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.resolution import Vocabulary
from tests.unit.matching.engine.crowds import Crowd, Json, Words

DATA = Path(os.environ.get("WARMPATH_DATA", "../shared/data"))
GRAPHS = {
    "deezer_hu": "deezer_hu_edges.csv.gz",
    "lastfm_asia": "lastfm_asia_edges.csv.gz",
    "dblp": "dblp-2010.edges.txt.gz",
}
TODAY = date(2024, 6, 1)
PLACES = ["Washington, DC", "Boston, United States", "United States", "Berlin, Germany", "anywhere"]
AGENCIES = 6
"""As many employers in one crowd: few enough that people have insiders near them."""


def lines(name: str) -> Iterator[str]:
    """The lines of a data file; without it the test is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there (WARMPATH_DATA names the folder)")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from file


@cache
def graph(name: str) -> Mapping[int, list[int]]:
    """Everybody's neighbours."""
    found: dict[int, list[int]] = defaultdict(list)
    for line in lines(f"graphs/{GRAPHS[name]}"):
        pair = line.replace(",", " ").split()
        if pair[0].isdigit():
            one, other = map(int, pair)
            found[one].append(other)
            found[other].append(one)
    return dict(found)


@cache
def openings() -> Mapping[str, list[Json]]:
    """The openings of each agency that has a few of them."""
    found: dict[str, list[Json]] = defaultdict(list)
    for line in lines("usajobs/usajobs_postings.jsonl.gz"):
        row = json.loads(line)
        found[row["subagency"] or row["agency"]].append(row)
    return {agency: rows for agency, rows in found.items() if len(rows) >= 5}


@cache
def skills() -> Mapping[str, list[str]]:
    """What people use at work, by our name of the occupation; under "" some of everything."""
    titles = dict(line.rstrip("\n").split("\t") for line in lines("onet/occupations.tsv"))
    found: dict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(csv.DictReader(lines("onet/technology_skills.tsv.gz"), delimiter="\t")):
        title = Vocabulary.default().title(titles[row["O*NET-SOC Code"]])
        if title is not None:
            found[title.occupation].add(row["Example"])
        if number % 1500 == 0:
            found[""].add(row["Example"])
    return {occupation: sorted(names)[:12] for occupation, names in found.items()}


def skills_of(title: str) -> list[str]:
    """Skills that go with a job title."""
    known = Vocabulary.default().title(title)
    return skills().get("" if known is None else known.occupation) or skills()[""]


class RealCrowd(Crowd):
    """A crowd around somebody of a real graph; its openings are drawn from the agencies' own."""

    def __init__(self, chance: random.Random, name: str, size: int) -> None:
        self.agencies = {agency: openings()[agency] for agency in chance.sample(sorted(openings()), AGENCIES)}
        titles = sorted({row["position_title"] for rows in self.agencies.values() for row in rows})
        known = [title for title in titles if Vocabulary.default().title(title) is not None]
        drawn = [*chance.sample(known, min(3, len(known))), chance.choice(titles), "Recruiter"]
        super().__init__(chance, Words(sorted(self.agencies), drawn, skills_of, PLACES), TODAY)
        near = around(graph(name), size, chance)
        names = {node: f"{'m' if chance.random() < 0.7 else 'c'}{node}" for node in near}
        for each in names.values():
            self.people[each] = self.a_person(each, member=each.startswith("m"))
        for number in range(chance.randint(25, 40)):
            self.openings[f"o{number:02d}"] = self.an_opening(f"o{number:02d}")
        for number in range(6):
            self.asks[f"i{number}"] = self.an_ask(f"i{number}", self.anybody())
        members = {node for node in near if names[node].startswith("m")}
        for one in members:
            for other in graph(name)[one]:
                if other in names and (one < other or other not in members):
                    self.know(names[one], names[other])

    def an_opening(self, name: str) -> Json:
        """An agency's opening with its days; most have a title that somebody of the crowd has."""
        drawn = super().an_opening(name)
        agency = self.chance.choice(self.words.companies)
        row: dict[str, Any] = self.chance.choice(self.agencies[agency])
        title = self.chance.choice([row["position_title"], *self.words.titles, *self.words.titles])
        ends = date.fromisoformat(row["close_date"]) if row["close_date"] else TODAY
        return drawn | {
            "company": {"name": agency},
            "title": title,
            "skills": self.some(skills_of(title), 0, 5),
            "posted_at": f"{row['open_date']}T00:00:00Z",
            "valid_through": (ends + timedelta(days=self.chance.choice([0, 900, 4000, 4000]))).isoformat(),
        }


def around(neighbours: Mapping[int, list[int]], size: int, chance: random.Random) -> list[int]:
    """So many people, ever farther from somebody who knows at least five."""
    while True:
        start = chance.choice(list(neighbours))
        found, at = {start: None}, 0
        order = [start]
        while at < len(order) and len(order) < size and len(neighbours[start]) >= 5:
            for other in neighbours[order[at]]:
                if other not in found and len(order) < size:
                    found[other] = None
                    order.append(other)
            at += 1
        if len(order) == size:
            return order
