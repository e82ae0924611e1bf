"""The company map and a company's page: one company, whichever way files spell it."""

import pytest

from services.console.browser import SESSION
from services.console.pages.companies import DRAWN
from tests.unit.console.answering import client


def contact(number, company):
    return {"id": f"c{number}", "name": f"Person {number}", "position": None, "company": company, "corrected": None}


async def read(path, answers):
    async with client(answers, **{SESSION: "wpm_s"}) as http:
        found = await http.get(path)
    assert found.status_code == 200
    return found.text


async def test_a_companys_page_shows_whoever_the_map_counts_there_however_it_is_spelt():
    grouped = {
        "company": "Siemens",
        "employer": True,
        "contacts": 2,
        "people": [{"id": "c1", "position": None}, {"id": "c2"}],
    }
    answers = {
        "/v1/contacts": {"items": [contact(1, "Siemens"), contact(3, "Siemens Energy")]},
        "/v1/companies": {"items": [grouped]}, "/v1/contacts/named": {"items": [contact(2, "SIEMENS AG")]},
        "/v1/paths": {"paths": []},
    }  # fmt: skip
    page = await read("/company?name=siemens", answers)
    assert [name for name in ("Person 1", "Person 2", "Person 3") if name in page] == ["Person 1", "Person 2"]
    assert "2 contacts" in page


@pytest.mark.parametrize("companies", [DRAWN, DRAWN + 1])
async def test_the_map_says_which_companies_are_drawn_where_not_all_are(companies):
    items = [{"company": f"Company {number}", "employer": True, "contacts": 3} for number in range(companies)]
    page = await read("/companies", {"/v1/companies": {"items": items}})
    assert (f"The {DRAWN} where you know most people are drawn" in page) == (companies > DRAWN)


@pytest.mark.parametrize("employer", [True, False])
async def test_a_name_that_is_no_employers_is_on_the_map_and_no_company_to_ask_ways_in_to(employer):
    there = {"company": "Self-employed", "employer": employer, "contacts": 1, "people": [{"id": "c1"}]}
    answers = {
        "/v1/companies": {"items": [{"company": "Initech", "employer": True, "contacts": 3, "people": []}, there]},
        "/v1/contacts": {"items": [contact(1, "Self-employed")]}, "/v1/paths": {"paths": []},
    }  # fmt: skip
    drawn = await read("/companies", answers)
    assert ("2 companies." in drawn, "1 company." in drawn) == (employer, not employer)
    assert ("no company" in drawn) != employer
    page = await read("/company?name=self-employed", answers)
    assert "Person 1" in page
    assert ('href="/paths?company=self-employed"' in page) == employer
