"""Every page asks who is there, changes nothing on GET, and takes forms of its own only."""

import json

import httpx2
import pytest
from fastapi.routing import APIRoute

from services.console.browser import SESSION, form_token
from services.console.forms import local_path
from services.console.pages import PAGES
from services.console.rendering import HEADERS
from tests.unit.console.answering import browser

ROUTES = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
OPEN = {
    "/sign-in",
    "/sign-in/code",
    "/sign-in/link",
    "/sign-in/provider",
    "/unsubscribe/{token}",
    "/answer/{token}",
    "/answer/{token}/say",
    "/forget-me",
    "/forget-me/code",
    "/forget-me/link",
}
MEMBERS = [(method, route.path) for route in ROUTES for method in route.methods if route.path not in OPEN]
ELSEWHERE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
SESSION_TOKEN = "wpm_nobody"


def refuse(request):
    if request.method == "GET" and request.url.path == "/internal/v1/sign-ins/provider":
        return httpx2.Response(200, json={"name": None})
    raise AssertionError(f"a service was asked: {request.method} {request.url.path}")


def client(**cookies):
    return browser(refuse, **cookies)


def filled(path):
    return path.replace("{", "").replace("}", "")


def test_there_are_pages():
    assert len(MEMBERS) > 20
    assert {route.path for route in ROUTES} > OPEN


@pytest.mark.parametrize(("method", "path"), MEMBERS)
async def test_without_a_session_there_is_only_the_way_to_sign_in(method, path):
    async with client() as http:
        answer = await http.request(method, filled(path))
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize(("method", "path"), [each for each in MEMBERS if each[0] != "GET"])
@pytest.mark.parametrize("given", ["", "wrong", form_token("another session")], ids=["none", "wrong", "another's"])
async def test_a_form_that_was_not_made_for_this_session_is_refused(method, path, given):
    async with client(**{SESSION: SESSION_TOKEN}) as http:
        answer = await http.request(method, filled(path), data={"form_token": given})
    assert answer.status_code == 403
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/code",
        "/sign-in/link",
        "/settings/erase",
        "/sign-out",
        "/forget-me",
        "/forget-me/code",
        "/forget-me/link",
    ],
)
async def test_a_form_on_another_site_is_refused(headers, path):
    async with client(**{SESSION: SESSION_TOKEN}) as http:
        answer = await http.post(path, headers=headers, data={"form_token": form_token(SESSION_TOKEN)})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/link?token=x", "/forget-me", "/forget-me/link?token=x", "/nowhere"]
)
async def test_each_page_lets_nothing_in_from_elsewhere(path):
    async with client() as http:
        answer = await http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text.replace('<script type="module" src="/static/console.js">', "")


async def test_the_refusal_of_another_sites_form_has_the_headers_of_every_page():
    async with client() as http:
        said = await http.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert said.status_code == 403
    assert {name: said.headers.get(name) for name in HEADERS} == HEADERS


async def test_live_says_whether_the_process_works():
    async with client() as http:
        said = await http.get("/live")
    assert (said.status_code, said.json()["status"]) == (200, "live")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "evil"])
def test_nobody_is_sent_elsewhere_after_signing_in(path):
    assert local_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/people/x?y=z"])
def test_pages_of_ours_are_gone_to(path):
    assert local_path(path) == path


@pytest.mark.parametrize(("answers", "status", "says"), [(204, 200, "You are forgotten"), (403, 403, "does not work")])
async def test_the_link_of_a_forgetting_acts_by_its_button_alone(answers, status, says):
    asked = []

    def profiles(request):
        asked.append((request.method, request.url.path, json.loads(request.content)))
        return httpx2.Response(answers)

    async with browser(profiles) as http:
        shown = await http.get("/forget-me/link", params={"token": "a-link"})
        assert (shown.status_code, asked) == (200, [])
        assert 'value="a-link"' in shown.text
        pressed = await http.post("/forget-me/link", data={"token": "a-link"})
    assert (pressed.status_code, says in pressed.text) == (status, True)
    assert asked == [("POST", "/internal/v1/forgetting/finish", {"link": "a-link"})]
