"""After another provider's word the browser is sent to a page of ours, whatever the form or the cookie said."""

import pytest

from services.console.browser import BROWSER, SESSION, WANTED
from tests.unit.console.answering import client

BEGIN, FINISH = "/internal/v1/sign-ins/provider", "/internal/v1/sign-ins/provider/finish"
ANSWERS = {BEGIN: {"url": "https://id.example.org/authorize"}, FINISH: {"token": "wpm_somebody", "new": False}}
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
        async with client(ANSWERS, **{BROWSER: "b", WANTED: said}) as http:
            back = await http.get("/sign-in/provider", params={"state": "s", "code": "c"})
        assert back.headers["location"] == "/"


async def test_the_cookie_is_told_to_that_page_alone_and_to_no_script():
    async with client(ANSWERS) as http:
        begun = await http.post("/sign-in/provider", data={"next": "/people"})
    [said] = [each for each in begun.headers.get_list("set-cookie") if each.startswith(f"{WANTED}=")]
    assert {"HttpOnly", "SameSite=lax", "Path=/sign-in/provider"} <= set(said.split("; "))
