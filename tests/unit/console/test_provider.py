"""After another provider's word the browser is sent to a page of ours, whatever the form or the cookie said."""

import json

import httpx2
import pytest

from services.console.browser import ATTEMPT, SESSION, attempt_name
from tests.unit.console.answering import browser, client

BEGIN, FINISH = "/internal/v1/sign-ins/provider", "/internal/v1/sign-ins/provider/finish"
ANSWERS = {BEGIN: {"url": "https://id.example.org/authorize?state=s"}, FINISH: {"token": "wpm_somebody", "new": False}}
FOREIGN = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/\t/evil.example",
    "",
]


async def comes_to(next_page: str) -> str:
    """Where a browser is sent that began with this in its form."""
    async with client(ANSWERS) as http:
        assert (await http.post("/sign-in/provider", data={"next": next_page})).status_code == 200
        back = await http.get("/sign-in/provider", params={"state": "s", "code": "c"})
        assert (back.status_code, http.cookies[SESSION]) == (303, "wpm_somebody")
    return back.headers["location"]


@pytest.mark.parametrize(
    "path", ["/", "/people/x?y=z", "/paths?company=Caf%C3%A9%20%26%20Co%3B", "/%2F%2Fevil.example"]
)
async def test_a_page_of_ours_is_come_to(path):
    assert await comes_to(path) == path


@pytest.mark.parametrize("path", FOREIGN)
async def test_another_site_is_not(path):
    assert await comes_to(path) == "/"


async def test_a_path_too_long_to_remember_is_none():
    assert await comes_to("/" + "x" * 9_000) == "/"


@pytest.mark.parametrize("path", FOREIGN)
async def test_what_another_put_into_the_cookie_leads_nowhere_else(path):
    for said in (path, "".join(f"%{byte:02X}" for byte in path.encode())):
        async with client(ANSWERS, **{attempt_name("s"): f"b.{said}"}) as http:
            back = await http.get("/sign-in/provider", params={"state": "s", "code": "c"})
        assert back.headers["location"] == "/"


async def test_the_cookie_is_told_to_that_page_alone_and_to_no_script():
    async with client(ANSWERS) as http:
        begun = await http.post("/sign-in/provider", data={"next": "/people"})
    [said] = [each for each in begun.headers.get_list("set-cookie") if each.startswith(ATTEMPT)]
    assert {"HttpOnly", "SameSite=lax", "Path=/sign-in/provider"} <= set(said.split("; "))


class Attempts:
    """Profiles, which gives each sign-in a `state` of its own and takes it back once, from who began it."""

    def __init__(self) -> None:
        self.browsers: dict[str, str] = {}
        self.begun = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == BEGIN:
            self.begun += 1
            self.browsers[f"s{self.begun}"] = json.loads(request.content)["browser"]
            return httpx2.Response(201, json={"url": f"https://id.example.org/authorize?state=s{self.begun}"})
        if request.url.path == FINISH:
            said = json.loads(request.content)
            right = said["browser"] and self.browsers.pop(said["state"], None) == said["browser"]
            return httpx2.Response(200 if right else 403, json={"token": "wpm_somebody", "new": False})
        return httpx2.Response(503)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_each_of_two_tabs_comes_to_the_page_it_asked_for(order):
    async with browser(Attempts()) as http:
        for path in ("/people", "/give"):
            assert (await http.post("/sign-in/provider", data={"next": path})).status_code == 200
        for number in order:
            back = await http.get("/sign-in/provider", params={"state": f"s{number}", "code": "c"})
            assert (back.status_code, back.headers["location"]) == (303, ("/people", "/give")[number - 1])
        again = await http.get("/sign-in/provider", params={"state": "s1", "code": "c"})
        assert again.status_code == 403
        assert not [each.name for each in http.cookies.jar if each.name.startswith(ATTEMPT)]


async def test_a_browser_keeps_three_attempts():
    async with browser(Attempts()) as http:
        for _ in range(5):
            await http.post("/sign-in/provider", data={"next": "/people"})
        kept = {each.name for each in http.cookies.jar}
        assert kept == {attempt_name(f"s{number}") for number in (3, 4, 5)}
