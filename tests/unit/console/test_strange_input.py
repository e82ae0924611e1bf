"""What nobody enters by hand is refused with a page."""

import httpx2
import pytest

from services.console.browser import SESSION, form_token
from tests.unit.console.answering import browser

SESSION_TOKEN = "wpm_somebody"
NUMBERS = ["abc", "²", "-1", "1.5", "9" * 5000, "٣"]
ORGANISATION = "/organisations/01890a5d-ac96-774b-bcce-b302099a8057"


def picky(request):
    """Refuses what is sent to it, and knows nothing."""
    return httpx2.Response(404 if request.method == "GET" else 422, json={"detail": "this is no such thing"})


async def answered(method, path, form):
    data = {"form_token": form_token(SESSION_TOKEN)} | form
    async with browser(picky, **{SESSION: SESSION_TOKEN}) as http:
        return await http.request(method, path, **({"data": data} if method == "POST" else {}))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("path", "what", "field"),
    [
        ("/people/somebody", "closeness", "value"),
        ("/people/somebody", "worked-together", "months"),
        (f"{ORGANISATION}/keys", "replace", "overlap"),
        ("/limits", "", "asks_a_month"),
    ],
)
async def test_what_is_no_number_is_refused_by_the_service(path, what, field, number):
    said = await answered("POST", path, {"what": what, "key_id": "key", field: number})
    assert 400 <= said.status_code < 500
    assert "text/html" in said.headers["content-type"]


@pytest.mark.parametrize("number", NUMBERS)
async def test_taps_count_what_is_a_number(number):
    said = await answered("POST", "/taps", {"contact": "somebody", "closeness": number, "done": number, "skip": ""})
    assert (said.status_code, said.headers["location"]) == (303, "/taps?skip=somebody")


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("POST", "/answer/%00", {}),
        ("POST", "/answer/%00/say", {}),
        ("POST", "/unsubscribe/%00", {}),
        ("GET", "/introductions/%00", {}),
        ("GET", "/introductions/%3Fa=1", {}),
        ("POST", f"{ORGANISATION}/openings/one", {"what": "save", "version": "é"}),
        ("POST", "/introductions/ask", {"introducer": "one", "known": "known", "key": "é"}),
        ("POST", "/corrections", {"what": "undo", "name": "x" * 70_000}),
    ],
)
async def test_what_no_service_could_be_asked_is_a_page(method, path, form):
    said = await answered(method, path, form)
    assert 400 <= said.status_code < 500
    assert "text/html" in said.headers["content-type"]
