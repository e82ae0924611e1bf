"""Names that are offered: what they begin with, how they are spelt, and what may have been meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resolution import Vocabulary, complete, did_you_mean

KINDS = ["titles", "skills", "places", "companies"]


@pytest.mark.parametrize(
    ("kind", "typed", "offered"),
    [
        ("titles", "data eng", "Data Engineer"),
        ("titles", "softwareentw", "Softwareentwickler"),
        ("titles", "scientist", "Data Scientist"),  # a later word begins so
        ("skills", "postg", "PostgreSQL"),
        ("skills", "sq", "SQL"),
        ("places", "lisb", "Lisbon, Portugal"),
        ("places", "SÃO PAU", "Sao Paulo, Brazil"),
        ("places", "portug", "Portugal"),
        ("companies", "goog", "Google"),
    ],
)
def test_what_was_begun_is_offered_first_of_all(kind, typed, offered):
    assert offered in complete(kind, typed)[:3]


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        ("titles", "Data Enginer", "Data Engineer"),
        ("skills", "Pyhton", "Python"),
        ("skills", "Kubernets", "Kubernetes"),
        ("places", "Lisbonn", "Lisbon, Portugal"),
        ("companies", "Gogle", "Google"),
    ],
)
def test_a_slip_of_the_fingers_is_understood(kind, typed, meant):
    assert did_you_mean(kind, typed)[0] == meant


@pytest.mark.parametrize(("kind", "typed"), [("titles", "data engineer"), ("skills", "PYTHON"), ("places", "Lisbon")])
def test_a_name_of_ours_means_itself(kind, typed):
    assert did_you_mean(kind, typed) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("typed", ["", " ", "\u3000", "x", "?!", "entirely unheard of and not like anything"])
def test_nothing_is_meant_by_what_says_nothing(kind, typed):
    assert did_you_mean(kind, typed) == []


@given(kind=st.sampled_from(KINDS), typed=st.text(max_size=30))
def test_offers_are_few_different_and_of_that_beginning(kind, typed):
    found = complete(kind, typed)
    assert len(found) == len(set(found)) <= 8
    assert len(did_you_mean(kind, typed)) <= 3


def test_what_is_offered_resolves():
    words = Vocabulary.default()
    assert all(words.title(name) is not None for name in complete("titles", "eng", 20))
    assert all(words.explain_skill(name)[1] != "its own text" for name in complete("skills", "pro", 20))
    assert all(words.place(name).city for name in complete("places", "san ", 20) if "," in name)
