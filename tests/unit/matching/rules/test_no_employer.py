"""What names no employer, and work that is over, as the matcher reads them."""

import pytest

from services.matching.domain import read_opening, read_person
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.resolution import Vocabulary

WORDS = Vocabulary.default()


def person(key: str, **employment: str) -> PersonV1:
    return PersonV1.model_validate({"person_id": key, "version": 1, "member": True, "employments": [employment]})


def opening(company: str) -> PostingV1:
    named = {"posting_id": "p", "version": 1, "company": {"name": company}, "title": "Nurse", "workplace": "remote"}
    return PostingV1.model_validate(named | {"posted_at": "2026-11-01T00:00:00Z"})


@pytest.mark.parametrize("name", ["Confidential", "Stealth Startup", "Self-employed", "N/A", "Selbstständig"])
def test_two_people_without_an_employer_are_at_no_company_together(name: str) -> None:
    one, other = (read_person(person(key, company=name, title="CTO"), WORDS).jobs[0] for key in ("a", "b"))
    assert one.company != other.company
    assert one.title is not None  # it still counts


@pytest.mark.parametrize("title", ["Retired Engineer", "Former CTO", "Ehemaliger Geschäftsführer"])
def test_an_employment_with_a_title_that_is_over_makes_no_insider(title: str) -> None:
    job = read_person(person("a", company="Initech", title=title), WORDS).jobs[0]
    assert job.company != WORDS.company("Initech")
    assert job.title is None


def test_an_opening_at_no_employer_fits_nobody() -> None:
    assert not read_opening(opening("Confidential"), WORDS).open
    assert read_opening(opening("Initech"), WORDS).open


def test_a_skill_that_lists_two_counts_as_two() -> None:
    value = PersonV1.model_validate({"person_id": "a", "version": 1, "member": True, "skills": ["C/C++", "CI/CD"]})
    assert read_person(value, WORDS).skills == {"c", "c++", WORDS.skill("CI/CD")}
