"""A profile out of a file on its way through the form: what is shown, what is confirmed, what is wrong with it."""

import pytest
from starlette.datastructures import FormData

from services.console import drafts
from services.console.backend import FieldError, ServiceError
from services.console.browser import SESSION, form_token
from tests.unit.console.answering import client

JOB = {"company": "Initech", "title": "Engineer", "start": "2020-03", "end": None}
DRAFT = {
    "name": "Amara Okafor", "headline": "Engineer", "employments": [JOB], "skills": ["SQL"], "titles": ["Engineer"],
    "places": ["Lisbon, Portugal"], "unclear": ["is this a skill? Frobnication"],
}  # fmt: skip
ME = {"name": "Amara", "headline": None, "skills": ["Python"], "employments": [{"company": "Globex"}], "seeking": None}
ENTERED = {
    "name": "Amara Okafor", "headline": "", "skills": "Python; SQL", "titles": "", "places": "",
    "keep-0": "yes", "company-0": "Initech", "title-0": "", "start-0": "2020", "end-0": "",
    "company-1": "Hooli", "title-1": "", "start-1": "", "end-1": "",
    "keep-2": "yes", "company-2": "", "title-2": "", "start-2": "", "end-2": "",
}  # fmt: skip


def test_what_a_file_says_is_shown_with_what_was_said_before():
    shown = drafts.of_file(DRAFT, ME)
    assert (shown["name"], shown["headline"], shown["skills"]) == ("Amara Okafor", "Engineer", "Python, SQL")
    assert (shown["titles"], shown["places"]) == ("Engineer", "Lisbon, Portugal")
    assert shown["jobs"] == [JOB | {"end": "", "keep": True}]
    said = ME | {"headline": "Mine", "seeking": {"titles": ["Analyst"], "locations": ["Porto"]}}
    shown = drafts.of_file(DRAFT | {"name": None}, said)
    assert (shown["name"], shown["headline"], shown["titles"], shown["places"]) == ("Amara", "Mine", "Analyst", "Porto")


def test_only_what_is_kept_is_stored_and_nobody_begins_to_look_by_it():
    change = drafts.change_of(FormData(ENTERED), ME)
    job = {"company": "Initech", "title": None, "start": "2020", "end": None}
    assert change == {
        "name": "Amara Okafor", "headline": None, "skills": ["Python", "SQL"],
        "employments": [{"company": "Globex"}, job],
    }  # fmt: skip


def test_who_looks_or_says_what_for_has_a_search():
    change = drafts.change_of(FormData(ENTERED | {"titles": "Engineer\nAnalyst", "places": "Porto, Portugal"}), ME)
    search = {"titles": ["Engineer", "Analyst"], "locations": ["Porto, Portugal"], "skills": ["Python", "SQL"]}
    assert change["seeking"] == search
    looks = ME | {"seeking": {"workplace": ["remote"], "titles": ["Clerk"]}}
    assert drafts.change_of(FormData(ENTERED), looks)["seeking"] == {
        "workplace": ["remote"], "titles": [], "locations": [], "skills": ["Python", "SQL"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("employments.1.start", "start-1"),
        ("employments.1", "end-1"),
        ("employments.0.company", ""),
        ("seeking.locations.3", "places"),
        ("skills.0", "skills"),
        ("name", "name"),
        ("names", ""),
    ],
)
def test_what_is_wrong_is_told_at_the_field_of_the_page(field, shown):
    form = FormData(ENTERED | {"keep-0": "", "keep-1": "yes"})
    error = ServiceError(422, "no", (FieldError(field, "is wrong"),))
    assert list(drafts.what_is_wrong(error, form, ME)) == [shown]


def test_the_page_shows_again_what_was_entered():
    form = FormData([*ENTERED.items(), ("unclear", "one"), ("unclear", "two")])
    shown = drafts.of_form(form)
    assert (shown["name"], shown["skills"], shown["unclear"]) == ("Amara Okafor", "Python; SQL", ["one", "two"])
    assert [(job["company"], job["keep"]) for job in shown["jobs"]] == [("Initech", True), ("Hooli", False), ("", True)]


async def test_a_job_of_which_nothing_is_told_is_folded_away_and_not_ticked():
    entered = ENTERED | {"form_token": form_token("wpm_s"), "unclear": "a line", "keep-1": "yes"}
    async with client({}, **{SESSION: "wpm_s"}) as http:
        page = (await http.post("/welcome/draft", data=entered)).text
    assert [f'id="keep-{at}" checked' in page for at in range(3)] == [True, True, False]
    assert page.count("Add a job that was not understood") == 1
    assert '<input type="hidden" name="keep-2" value="yes">' in page
