"""Our vocabulary hangs together, and covers a fair share of real titles and tools."""

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from shared.resolution import Vocabulary
from shared.resolution.skills import Skills

WORDS = Vocabulary.default()
DATA = Path(os.environ.get("WARMPATH_DATA", "../shared/data"))


def vocabulary(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((files("shared.resolution") / "data" / f"{name}.json").read_text("utf-8"))
    return content


def lines(name: str) -> Iterator[str]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there (WARMPATH_DATA names the folder)")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from file


def test_every_synonym_of_a_skill_resolves_to_it_and_to_no_other() -> None:
    for skill, others in vocabulary("skills").items():
        for other in others:
            assert WORDS.skill(other) == WORDS.skill(skill), other
    assert len({WORDS.skill(skill) for skill in vocabulary("skills")}) == len(vocabulary("skills"))


def test_every_title_resolves_to_its_occupation() -> None:
    for group, occupations in vocabulary("titles")["groups"].items():
        for occupation, others in occupations.items():
            for text in (occupation, *others):
                found = WORDS.title(text)
                assert found is not None
                assert (found.occupation, found.group) == (occupation, group), text


def test_every_city_and_country_resolves() -> None:
    places = vocabulary("places")
    for country, names in places["countries"].items():
        for name in names:
            found = WORDS.place(name)
            assert found.country == country or len(name) <= 3, name
    for country, cities in places["cities"].items():
        for city in cities:
            found = WORDS.place(f"{city}, {places['countries'][country][-1]}")
            assert found.country == country, city
            assert found.city is not None or city in places["countries"][country], city


def test_no_known_company_is_taken_for_another() -> None:
    keys = defaultdict(set)
    for known, aliases in vocabulary("companies")["known"].items():
        for alias in (known, *aliases):
            keys[WORDS.company(alias, alias if "." in alias else None)].add(known)
    assert all(len(known) == 1 for known in keys.values())


def test_titles_of_real_openings_are_known_in_part() -> None:
    known = [
        WORDS.title(json.loads(line)["position_title"]) is not None
        for line in lines("usajobs/usajobs_postings.jsonl.gz")
    ]
    assert sum(known) / len(known) > 0.55


def test_the_software_that_employers_name_most_is_known_in_good_part() -> None:
    ids = {WORDS.skill(skill) for skill in vocabulary("skills")}
    rows = csv.DictReader(lines("onet/technology_skills.tsv.gz"), delimiter="\t")
    known = [WORDS.skill(row["Example"]) in ids for row in rows if row["Hot Technology"] == "Y"]
    assert sum(known) / len(known) > 0.75


def test_skills_without_synonyms_of_ours_stay_as_they_are() -> None:
    assert Skills({}).skill("Anything At All") == "anythingatall"
