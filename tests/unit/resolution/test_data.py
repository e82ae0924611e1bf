"""Our vocabulary hangs together, and covers a fair share of real titles and tools."""

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.resolution import Title, Vocabulary, tables

WORDS = Vocabulary.default()
DATA = Path(os.environ.get("WARMPATH_DATA", "../shared/data"))


def lines(name: str) -> Iterator[str]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there (WARMPATH_DATA names the folder)")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from file


def test_every_synonym_of_a_skill_resolves_to_it_and_to_no_other() -> None:
    rows = list(tables.rows("skills.tsv"))
    for skill, cell in rows:
        for other in tables.names(cell):
            assert WORDS.skill(other) == WORDS.skill(skill), other
    assert len({WORDS.skill(skill) for skill, _ in rows}) == len(rows)


def test_every_title_of_ours_resolves_to_its_occupation() -> None:
    for occupation, _, cell in tables.rows("titles.tsv"):
        for text in tables.names(cell):
            found = WORDS.title(text)
            assert found is not None, text
            assert found.occupation == occupation, text


def test_every_occupation_resolves_to_itself_in_its_group() -> None:
    for occupation, group, _ in tables.rows("occupations.tsv"):
        assert WORDS.title(occupation) == Title(occupation, group, occupation == "recruiter")


def test_every_city_and_country_resolves() -> None:
    places = json.loads(tables.content("places.json"))
    for country, names in places["countries"].items():
        for name in names:
            found = WORDS.place(name)
            assert found.country == country or len(name) <= 3, name
    for country, cities in places["cities"].items():
        for city in cities:
            found = WORDS.place(f"{city}, {places['countries'][country][-1]}")
            assert found.country == country, city
            assert found.city is not None or city in places["countries"][country], city


def test_every_name_and_domain_of_a_company_resolves_to_it() -> None:
    for known, cell, _ in tables.rows("companies.tsv"):
        for alias in (known, *tables.names(cell)):
            domain = alias if "." in alias and " " not in alias else None
            assert WORDS.company(alias, domain) == known, alias


def test_owners_are_companies_of_the_table_and_nobody_owns_themselves() -> None:
    owners = {known: owner for known, _, owner in tables.rows("companies.tsv") if owner}
    assert {owner for owner in owners.values() if WORDS.company(owner) != owner} == set()
    assert all(WORDS.family(known) != known for known in owners)


def test_titles_of_real_openings_are_known_in_part() -> None:
    known = [
        WORDS.title(json.loads(line)["position_title"]) is not None
        for line in lines("usajobs/usajobs_postings.jsonl.gz")
    ]
    assert sum(known) / len(known) > 0.55


def test_the_software_that_employers_name_most_is_known_in_good_part() -> None:
    ids = {WORDS.skill(skill) for skill, _ in tables.rows("skills.tsv")}
    rows = csv.DictReader(lines("onet/technology_skills.tsv.gz"), delimiter="\t")
    known = [WORDS.skill(row["Example"]) in ids for row in rows if row["Hot Technology"] == "Y"]
    assert sum(known) / len(known) > 0.75
