"""A yes of whoever works at the company says how they may be reached: else the seeker is introduced to nobody."""

import json
import re
from typing import Any

import httpx2
import pytest

from services.console.browser import SESSION, form_token
from tests.unit.console.answering import browser
from tests.unit.console.test_introduction_pages import MOST

SESSION_TOKEN = "wpm_somebody"
ASKED_FOR = "Say how they may reach you"
AT_THE_COMPANY = [("target", None), ("introducer", True)]


class Services:
    """Introductions as the console knows it. `answers`: what was answered; `refusal`: what an answer is told."""

    def __init__(self, refusal: tuple[int, dict[str, Any]] | None = None, **facts: Any) -> None:
        self.view, self.refusal = MOST | {"possible": ["yes", "not_now", "no"], "answered": None} | facts, refusal
        self.answers: list[dict[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/open"):
            if "yes" in [each["answer"] for each in self.answers]:
                return httpx2.Response(409, json={"detail": "this link was used"})
            return httpx2.Response(200, json={"view": self.view, "form_token": "f2"})
        if request.method == "GET":
            return httpx2.Response(200, json=self.view)
        if self.refusal:
            return httpx2.Response(self.refusal[0], json=self.refusal[1])
        self.answers.append(json.loads(request.content))
        return httpx2.Response(200, json={"says": "thank you."})

    async def post(self, path: str, **form: str) -> httpx2.Response:
        """What the browser of somebody who is signed in gets for a form."""
        token = {"form_token": form_token(SESSION_TOKEN)}
        async with browser(self, **{SESSION: SESSION_TOKEN}) as http:
            return await http.post(path, data=token | form)


def is_marked(page: str) -> bool:
    """Whether the message stands beside the field, and the field refers to it."""
    return f'<p class="wrong" id="contact-wrong">{ASKED_FOR}' in page and 'aria-invalid="true"' in page


@pytest.mark.parametrize(("role", "direct"), AT_THE_COMPANY)
@pytest.mark.parametrize("given", [{}, {"contact": "  "}])
async def test_a_yes_by_a_link_needs_it(role, direct, given):
    services = Services(role=role, direct=direct)
    found = await services.post("/answer/x/say", answer_token="f", what="yes", **given)
    assert (found.status_code, services.answers) == (422, [])
    assert is_marked(found.text)
    assert 'name="answer_token" value="f2"' in found.text
    found = await services.post("/answer/x/say", answer_token="f2", what="yes", contact="ida@mail.example")
    assert "Thank you" in found.text
    assert services.answers[-1]["contact"] == "ida@mail.example"


@pytest.mark.parametrize(("role", "direct"), AT_THE_COMPANY)
@pytest.mark.parametrize("given", [{}, {"contact": "  "}])
async def test_a_members_yes_needs_it(role, direct, given):
    services = Services(role=role, direct=direct)
    found = await services.post("/introductions/i1", role=role, what="yes", tell="now", **given)
    assert (found.status_code, services.answers) == (422, [])
    assert is_marked(found.text)
    assert ('id="tell" checked' in found.text) == (role == "introducer"), "nothing that was entered is lost"
    assert "data-live" not in found.text, "a page that follows what happens would take the message away"
    found = await services.post("/introductions/i1", role=role, what="yes", contact="ida@mail.example")
    assert found.status_code == 303
    assert services.answers[-1]["contact"] == "ida@mail.example"


@pytest.mark.parametrize(("role", "direct"), [*AT_THE_COMPANY, ("introducer", False)])
@pytest.mark.parametrize("path", ["/answer/x/say", "/introductions/i1"])
async def test_a_no_does_not(role, direct, path):
    services = Services(role=role, direct=direct)
    found = await services.post(path, role=role, answer_token="f", what="not_now")
    assert found.status_code in (200, 303)
    assert len(services.answers) == 1


@pytest.mark.parametrize("path", ["/answer/x/say", "/introductions/i1"])
async def test_nor_does_the_yes_of_who_only_asks_somebody_there(path):
    services = Services(role="introducer", direct=False)
    for _ in range(2):  # pressed twice, it is the same answer
        found = await services.post(path, role="introducer", answer_token="f", what="yes")
        assert found.status_code in (200, 303)
    assert len(services.answers) == 2


@pytest.mark.parametrize("path", ["/answer/x/say", "/introductions/i1"])
async def test_what_was_entered_stays_where_it_is_refused(path):
    problem = {"detail": "invalid", "errors": [{"field": "contact", "reason": "has invisible characters"}]}
    services = Services((422, problem), role="target", direct=None)
    found = await services.post(path, role="target", answer_token="f", what="yes", contact="ida\u200b@mail")
    assert found.status_code == 422
    assert "has invisible characters" in found.text
    assert 'value="ida\u200b@mail"' in found.text


@pytest.mark.parametrize(("role", "direct"), AT_THE_COMPANY)
@pytest.mark.parametrize("path", ["/answer/x", "/introductions/i1"])
async def test_the_form_asks_for_it_with_a_yes_alone(role, direct, path):
    services = Services(role=role, direct=direct)
    async with browser(services, **{SESSION: SESSION_TOKEN}) as http:
        page = (await (http.post(path) if path.startswith("/answer") else http.get(path))).text
    [field] = re.findall(r'<input[^>]* name="contact"[^>]*>', page)
    assert " required" in field
    answers = re.findall(r'<button[^>]* value="(?:not_now|no)">', page)
    assert len(answers) == 2
    assert all("formnovalidate" in each for each in answers), "a no needs nothing"
    assert "through Warmpath" not in page


@pytest.mark.parametrize(("direct", "says"), [(True, "Write to Mei"), (False, "Mei knows how to reach Ida")])
@pytest.mark.parametrize("contact", ["ida@mail.example", None])
async def test_who_was_introduced_always_reads_how_to_go_on(direct, says, contact):
    """An offer of who works there, and a yes by the API, may hold no contact."""
    mei = {"id": "mei", "name": "Mei"}
    services = Services(
        role="seeker", state="introduced", direct=direct, contact=contact, address=None, introducer=mei,
        target=None if direct else {"id": "ida", "name": "Ida"}, outcome=None, sentence=None,
    )  # fmt: skip
    async with browser(services, **{SESSION: SESSION_TOKEN}) as http:
        page = (await http.get("/introductions/i1")).text
    assert (says in page) != bool(contact)
    assert ("How to reach" in page) == bool(contact)
