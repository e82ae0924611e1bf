"""An address from outside is a link only where it leads to a page of the web."""

import pytest

from services.console.browser import SESSION
from services.console.rendering import is_web_link
from tests.unit.console.answering import client

SCRIPT = "javascript:alert(1)"


@pytest.mark.parametrize("link", ["https://jobs.example/1", "http://jobs.example", "HTTPS://JOBS.example/x y"])
def test_a_page_of_the_web_is_linked(link):
    assert is_web_link(link)


@pytest.mark.parametrize(
    "link",
    [SCRIPT, f" {SCRIPT}", f"\x01{SCRIPT}", "JavaScript://x.example/%0aalert(1)", "data:text/html,x", "vbscript:x",
     "//jobs.example", "/settings", "https:", "https:///x", "https:/settings", "file:///etc/passwd", "", None],
)  # fmt: skip
def test_anything_else_is_not(link):
    assert not is_web_link(link)


async def test_the_advert_of_an_address_is_linked_only_if_it_is_a_page():
    answers = {
        "/v1/paths": {"company": "Acme", "paths": [], "reach": None, "says": None},
        "/v1/me": {"seeking": None, "employments": [], "discreet": True},
        "/v1/companies": {"items": []},
        "/v1/vocabulary": {"did_you_mean": []},
    }
    async with client(answers, **{SESSION: "wpm_somebody"}) as http:
        safe = await http.get("/seen", params={"company": "Acme", "link": "https://jobs.example/1"})
        script = await http.get("/seen", params={"company": "Acme", "link": SCRIPT})
    assert (safe.status_code, script.status_code) == (200, 200)
    assert 'href="https://jobs.example/1"' in safe.text
    assert 'href="javascript:' not in script.text


async def test_a_provider_that_is_no_page_is_not_gone_to():
    async with client({"/internal/v1/sign-ins/provider": {"url": SCRIPT}}) as http:
        said = await http.post("/sign-in/provider", data={"next": "/"})
    assert said.status_code == 403
    assert "javascript:" not in said.text
