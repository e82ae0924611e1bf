"""A member's settings: the time zones to choose from, and a token, which is shown once and where it was made."""

import httpx2
import pytest

from services.console.browser import SESSION, form_token
from tests.unit.console.answering import browser

ME = {
    "member_id": "m-1", "name": "Ada", "email": "ada@mail.example", "email_verified": True, "contacts": 3,
    "visible_to_contacts": True, "introduces": True, "findable": "contacts", "looks_openly": False, "discreet": False,
    "employments": [],
}  # fmt: skip
TOKEN = {"token_id": "t-1", "name": "script", "scope": "read", "last_used_at": None}


async def settings(*, mail=None, form=None, refuses=None):
    """The page, or what comes of a form for tokens."""
    mail = {"email": {"summary": True}, "quiet_hours": None, "timezone": "UTC"} | (mail or {})
    answers = {"/v1/me": ME, "/v1/preferences": mail, "/v1/sessions": {"items": []}, "/v1/tokens": {"items": [TOKEN]}}

    def answer(request):
        if request.method == "POST":
            return refuses or httpx2.Response(201, json={"token": "wpm_shown_once"})
        return httpx2.Response(200, json=answers[request.url.path])

    async with browser(answer, **{SESSION: "wpm_s"}) as http:
        if form is None:
            return (await http.get("/settings")).text
        return (await http.post("/settings/tokens", data=form | {"form_token": form_token("wpm_s")})).text


def part(page, name):
    """The section of this id."""
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


async def test_a_made_token_is_shown_in_the_section_that_the_form_leads_to():
    page = await settings(form={"token_name": "script", "scope": "read"})
    assert page.count("wpm_shown_once") == 1
    assert "<code>wpm_shown_once</code>" in part(page, "tokens")
    assert page.count('action="/settings/tokens#tokens"') == 2
    assert "wpm_shown_once" not in await settings()


async def test_the_id_that_programs_ask_for_is_shown_with_the_tokens():
    assert "<code>m-1</code>" in part(await settings(), "tokens")


async def test_a_token_that_an_operator_made_says_what_it_is_for_and_may(monkeypatch):
    monkeypatch.setitem(TOKEN, "name", None)
    monkeypatch.setitem(TOKEN, "scope", "all")
    tokens = part(await settings(), "tokens")
    assert '<th scope="row">made by an operator for this demo or for you</th><td>everything you may</td>' in tokens


async def test_a_token_without_a_name_is_refused_beside_the_name():
    refuses = httpx2.Response(422, json={"detail": "no", "errors": [{"field": "name", "reason": "is blank"}]})
    page = await settings(form={"token_name": "", "scope": "read"}, refuses=refuses)
    assert '<a href="#token_name">Give it a name you will recognise.</a>' in page
    assert 'aria-describedby="token_name-wrong" aria-invalid="true"' in part(page, "tokens")


@pytest.mark.parametrize(("mail", "offered"), [
    ({}, True),
    ({"timezone": "Europe/Lisbon"}, False),
    ({"quiet_hours": {"from": "22:00:00", "until": "07:00:00"}}, False),
])  # fmt: skip
async def test_time_zones_are_offered_and_the_browsers_own_where_none_was_chosen(mail, offered):
    page = part(await settings(mail=mail), "mail")
    assert ("data-own-zone" in page) == offered
    for zone in ("Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"):
        assert f'<option value="{zone}"></option>' in page
    assert "Etc/GMT" not in page
