"""Signing in by e-mail: where one comes to, and what is said of a code or a link that does not work."""

import re

import httpx2
import pytest

from services.console.browser import SESSION
from tests.unit.console.answering import browser, client

BEGIN, FINISH = "/internal/v1/sign-ins", "/internal/v1/sign-ins/finish"
PROVIDER = {"/internal/v1/sign-ins/provider": {"name": None}}


def answers(*, new):
    return PROVIDER | {BEGIN: {"sign_in_id": "s"}, FINISH: {"token": "wpm_ben", "new": new}}


@pytest.mark.parametrize(("wanted", "comes_to"), [
    ("/invitations?token=abc", "/invitations?token=abc"),
    ("/organisations/o-1", "/organisations/o-1"),
    ("/suggestions", "/welcome"),
    ("/", "/welcome"),
    ("//evil.example/organisations", "/welcome"),
])  # fmt: skip
async def test_the_link_of_the_e_mail_leads_whoever_is_new_where_they_were_going(wanted, comes_to):
    async with client(answers(new=True)) as http:
        await http.post("/sign-in", data={"email": "ben@mail.example", "next": wanted})
        page = (await http.get("/sign-in/link", params={"token": "t"})).text
        named = re.search(r'name="next" value="([^"]*)"', page)[1]
        done = await http.post("/sign-in/link", data={"token": "t", "next": named})
        assert (done.headers["location"], http.cookies[SESSION]) == (comes_to, "wpm_ben")


@pytest.mark.parametrize(("wanted", "heading"), [
    ("/", "Who could introduce you?"),
    ("/invitations?token=abc", "You are invited to an organisation"),
    ("/answer/abc/mine", "Sign in, and your answer counts as yours"),
])  # fmt: skip
async def test_whoever_comes_for_something_reads_for_what_they_sign_in(wanted, heading):
    async with client(PROVIDER) as http:
        page = (await http.get("/sign-in", params={"next": wanted})).text
    assert re.findall("<h1>(.*)</h1>", page) == [heading]


def refusing(status, headers=None):
    def answer(request):
        if request.method == "GET":
            return httpx2.Response(200, json={"name": None})
        return httpx2.Response(status, json={"detail": "no"}, headers=headers)

    return browser(answer)


CODE = {"email": "ben@mail.example", "sign_in_id": "s", "code": "000000", "next": "/people"}


async def test_a_wrong_code_is_told_beside_the_code_with_what_to_do():
    async with refusing(403) as http:
        said = await http.post("/sign-in/code", data=CODE)
    assert said.status_code == 403
    assert '<a href="#code">That code is wrong, was used, is too old, or was tried too often' in said.text
    assert 'aria-describedby="code-wrong" aria-invalid="true"' in said.text
    assert 'href="/sign-in?next=%2Fpeople">Use another address' in said.text


async def test_after_too_many_tries_it_is_told_how_long_to_wait():
    async with refusing(429, {"Retry-After": "600"}) as http:
        said = await http.post("/sign-in/code", data=CODE)
    assert said.status_code == 429
    assert "That was a lot at once" in said.text
    assert "Wait 10 minutes, and try again." in said.text
    assert "That code is wrong" not in said.text


async def test_a_link_in_another_browser_is_told_where_the_code_works():
    async with refusing(403) as http:
        said = await http.post("/sign-in/link", data={"token": "t"})
    assert said.status_code == 403
    assert "enter the e-mail&#39;s six digits there" in said.text
