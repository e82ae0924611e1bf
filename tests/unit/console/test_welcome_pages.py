"""The welcome: words of a search that are not known are remarked on once it is saved."""

from typing import Any

import httpx2
import pytest

from services.console.browser import SESSION, form_token
from tests.unit.console.answering import browser

ME: dict[str, Any] = {"name": "Amara", "headline": None, "employments": [], "skills": [], "seeking": None}
KNOWN = {"items": [], "did_you_mean": [], "known": True}
WORDS = {
    "Cook": KNOWN,
    "Python": KNOWN,
    "Lisbon": KNOWN,
    "flurbologist": KNOWN | {"known": False},
    "data eng": {"items": ["Data Engineer", "b", "c", "d"], "did_you_mean": [], "known": False},
    "Pyhton": {"items": [], "did_you_mean": ["Python"], "known": False},
    "warp drives": KNOWN | {"known": False},
    "Blurb": KNOWN | {"known": False},
}


def services(request: httpx2.Request) -> httpx2.Response:
    if request.url.path == "/v1/vocabulary":
        return httpx2.Response(200, json=WORDS[request.url.params["q"]])
    return httpx2.Response(200, json=ME)


async def save(**entered: str) -> httpx2.Response:
    form = {"name": "Amara", "form_token": form_token("wpm_s"), **entered}
    async with browser(services, **{SESSION: "wpm_s"}) as http:
        return await http.post("/welcome/search", data=form)


async def test_a_search_of_known_words_goes_on():
    answer = await save(titles="Cook", skills="Python", locations="Lisbon")
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome/consents")


@pytest.mark.parametrize(
    ("field", "entered", "says"),
    [
        ("titles", "flurbologist", "“flurbologist” is not a job title we know: no opening is found by it."),
        ("titles", "data eng", "“data eng”: did you mean Data Engineer or b or c? It is not a job title we know"),
        ("skills", "Pyhton", "“Pyhton”: did you mean Python? It is not a word we know"),
        ("skills", "warp drives",
         "“warp drives” is not a word we know: it counts only where an opening uses the same word."),
        ("locations", "Blurb", "“Blurb” is not a place we know: it counts only where an opening uses the same word."),
    ],
)  # fmt: skip
async def test_a_word_that_is_not_known_is_remarked_on(field, entered, says):
    answer = await save(**({"titles": "Cook", "skills": "Python", "locations": "Lisbon"} | {field: entered}))
    assert answer.status_code == 200
    assert says in answer.text
    assert answer.text.count(" we know") == 1
