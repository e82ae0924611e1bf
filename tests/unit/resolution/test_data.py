"""Our vocabulary hangs together, and covers a fair share of real titles and tools."""

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.resolution import Place, Title, Vocabulary, tables

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
    countries = {code: tables.names(cell) for code, cell in tables.rows("countries.tsv")}
    for country, names in countries.items():
        for name in names:
            assert WORDS.place(name).country == country or len(name) <= 3, name
    for country, _, city, _ in tables.rows("our_cities.tsv"):
        found = WORDS.place(f"{city}, {countries[country][-1]}")
        assert found.country == country, city
        assert found.city is not None or city in countries[country], city


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("München/Berlin", {Place("de", "munich"), Place("de", "berlin")}),
        ("Monachium", {Place("de", "munich")}),
        ("Мюнхен, Германия", {Place("de", "munich")}),
        ("東京", {Place("jp", "tokyo")}),
        ("Vienne, Autriche", {Place("at", "vienna")}),
        ("Londres", {Place("gb", "london")}),
        ("Varsovia", {Place("pl", "warsaw")}),
        ("Niemcy", {Place("de", None)}),
        ("DACH", {Place("de", None), Place("at", None), Place("ch", None)}),
        ("Berlin or Remote", {Place("de", "berlin")}),
        ("Remote", set()),
    ],
)
def test_places_in_many_languages_and_several_in_one_text(text: str, places: set[Place]) -> None:
    assert set(WORDS.places(text)) == places


def test_remote_in_the_union_is_each_of_its_countries() -> None:
    assert len(WORDS.places("Remote (EU)")) == 27


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
    titles = Counter(json.loads(line)["position_title"] for line in lines("usajobs/usajobs_postings.jsonl.gz"))
    known = {title for title in titles if WORDS.title(title) is not None}
    assert sum(titles[title] for title in known) / titles.total() > 0.85
    assert sum(title in known for title, _ in titles.most_common(1_000)) >= 975


def test_the_software_that_employers_name_most_is_known_in_good_part() -> None:
    ids = {WORDS.skill(skill) for skill, _ in tables.rows("skills.tsv")}
    rows = csv.DictReader(lines("onet/technology_skills.tsv.gz"), delimiter="\t")
    known = [WORDS.skill(row["Example"]) in ids for row in rows if row["Hot Technology"] == "Y"]
    assert sum(known) / len(known) > 0.75
