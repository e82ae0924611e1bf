"""What names no employer, and work that is over, as the matcher reads them."""

from typing import Any

import pytest

from services.matching.domain import read_opening, read_person
from shared.resolution import Vocabulary
from tests.records import Json, event_of, job, opening, person

WORDS = Vocabulary.default()


def read(value: Json) -> Any:
    """As the matcher holds it."""
    made = event_of(value).value
    return read_opening(made, WORDS) if "posting_id" in value else read_person(made, WORDS)


@pytest.mark.parametrize("name", ["Confidential", "Stealth Startup", "Self-employed", "N/A", "Selbstständig"])
def test_two_people_without_an_employer_are_at_no_company_together(name: str) -> None:
    one, other = (read(person(key, job(name, title="CTO"))).jobs[0] for key in ("a", "b"))
    assert one.company != other.company
    assert one.title is not None  # it still counts


@pytest.mark.parametrize("title", ["Retired Engineer", "Former CTO", "Ehemaliger Geschäftsführer"])
def test_an_employment_with_a_title_that_is_over_makes_no_insider(title: str) -> None:
    [over] = read(person("a", job(title=title))).jobs
    assert over.company != WORDS.company("Initech")
    assert over.title is None


def test_an_opening_at_no_employer_fits_nobody() -> None:
    assert not read(opening("p", "Confidential")).open
    assert read(opening("p")).open


def test_a_skill_that_lists_two_counts_as_two() -> None:
    assert read(person("a", skills=["C/C++", "CI/CD"])).skills == {"c", "c++", WORDS.skill("CI/CD")}
