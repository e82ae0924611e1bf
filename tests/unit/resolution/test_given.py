"""A vocabulary file: only what it says resolves."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resolution import Place, Title, Vocabulary

FILE: dict[str, Any] = {
    "companies": {"Initech  Inc.": "c1", "initech.com": "c1"},
    "skills": {"JS": "JavaScript"},
    "titles": {"Löter": {"occupation": "welder", "group": "metal", "recruiting": False}},
    "places": {"Berlin": {"country": "DE", "city": "Berlin"}, "Germany": {"country": "DE"}},
    "owners": {"C1": "Globex", "Globex": "Globex  Holding"},
}


@pytest.fixture
def words(tmp_path: Path) -> Vocabulary:
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(FILE), encoding="utf-8")
    return Vocabulary.load(path)


def test_aliases_resolve_after_plain_normalisation(words: Vocabulary) -> None:
    assert words.company(" INITECH inc. ") == "c1"
    assert words.skill("\uff4as") == "javascript"
    assert words.title("LÖTER") == Title("welder", "metal", recruiting=False)
    assert words.place("berlin ") == Place("de", "berlin")
    assert words.place("germany") == Place("de", None)


def test_a_company_is_of_the_family_of_its_topmost_owner(words: Vocabulary) -> None:
    assert {words.family(name) for name in ("c1", "globex", "globex holding")} == {"globex holding"}
    assert words.family("hooli") == "hooli"


@pytest.mark.parametrize("owners", [{"a": "a"}, {"a": "b", "b": "a"}, {"x": "a", "a": "b", "b": "c", "c": "a"}])
def test_nobody_owns_themselves(owners: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="owns itself"):
        Vocabulary.of({"owners": owners})


def test_nothing_else_resolves(words: Vocabulary) -> None:
    assert words.company("Initech") == "initech"
    assert words.company("Initech GmbH") == "initech gmbh"
    assert words.company("IBM  Corp.") == "ibm corp."
    assert words.skill("K8s") == "k8s"
    assert words.title("Loter") is None
    assert words.title("Senior Löter") is None
    assert words.title("Recruiter") is None
    assert words.place("Paris, France") == Place("paris, france", None)


def test_an_id_is_an_alias_of_itself_in_effect(words: Vocabulary) -> None:
    assert words.skill("JavaScript") == words.skill("js")


def test_a_domain_that_the_file_knows_settles_the_company(words: Vocabulary) -> None:
    assert words.company("Whatever", "https://www.initech.com/") == "c1"
    assert words.company("Whatever", "example.org") == "whatever"


def test_parts_may_be_left_out() -> None:
    words = Vocabulary.of({})
    assert words.company("Initech Inc.") == "initech inc."
    assert words.title("Recruiter") is None


@pytest.mark.parametrize("more", [{}, {"group": None, "recruiting": None}])
def test_a_title_without_a_group_is_a_group_of_its_own(more: dict[str, None]) -> None:
    words = Vocabulary.of({"titles": {"Dev": {"occupation": "developer"} | more}})
    assert words.title("dev") == Title("developer", "developer", recruiting=False)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"companys": {}},
        {"companies": []},
        {"companies": {"a": 1}},
        {"skills": {"a": " "}},
        {"titles": {"a": {"group": "g"}}},
        {"titles": {"a": {"occupation": "o", "group": "g", "recruiting": "yes"}}},
        {"titles": {"a": {"occupation": "o", "group": 1}}},
        {"places": {"a": "de"}},
    ],
)
def test_what_is_no_vocabulary_is_refused(content: object) -> None:
    with pytest.raises(ValueError, match=r"vocabulary|companies|skills|titles|places"):
        Vocabulary.of(content)


def test_the_digest_tells_vocabularies_apart() -> None:
    one, same, other = Vocabulary.of(FILE), Vocabulary.of(json.loads(json.dumps(FILE))), Vocabulary.of({})
    assert one.digest == same.digest
    assert len({one.digest, other.digest, Vocabulary.default().digest}) == 3


@given(st.text(max_size=40))
def test_never_raises_and_is_stable(text: str) -> None:
    words = Vocabulary.of(FILE)
    assert words.company(words.company(text)) == words.company(text)
    assert words.skill(words.skill(text)) == words.skill(text)
    words.title(text)
    country = words.place(text).country
    assert country is None or words.place(country).country == country
