"""The suggestions: one word for each workplace everywhere, and what was opened counts as read."""

import pytest

from services.console.browser import SESSION
from services.console.words import WORKPLACES
from tests.unit.console.answering import client

ITEM = {
    "id": "s-1", "title": "Data Engineer", "company": "Initech", "posted_at": None, "posting_id": "p-1", "url": None,
    "workplace": "hybrid", "locations": ["Lisbon"], "salary": None, "saved": False, "hidden": False, "fit": 81,
    "paths": [], "status": "unread",
}  # fmt: skip


async def read(path, answers):
    async with client(answers, **{SESSION: "wpm_s"}) as http:
        found = await http.get(path)
    assert found.status_code == 200
    return found.text


@pytest.mark.parametrize(("workplace", "words"), WORKPLACES.items())
async def test_a_filter_is_called_as_what_it_finds(workplace, words):
    listed = {"/v1/inbox": {"items": [ITEM | {"workplace": workplace}], "next": None}}
    page = await read("/suggestions", listed)
    assert f'<a href="/suggestions?workplace={workplace}">{words}</a>' in page
    assert f'<p class="facts">{words} · Lisbon</p>' in page


@pytest.mark.parametrize(("status", "marks"), [("unread", True), ("updated", True), ("read", False)])
async def test_what_is_opened_and_not_read_yet_is_marked_by_the_page_itself_or_its_button(status, marks):
    page = await read("/suggestions/s-1", {"/v1/inbox/s-1": ITEM | {"status": status}})
    assert ('action="/suggestions/s-1" data-seen>' in page) == marks
    assert ('<input type="hidden" name="what" value="read">' in page) == marks


@pytest.mark.parametrize("items", [[ITEM], []], ids=["some", "none"])
@pytest.mark.parametrize("saved", [True, False])
async def test_the_saved_list_says_what_leaves_it(saved, items):
    me = {"contacts": 3, "seeking": {"titles": []}}
    answers = {"/v1/inbox": {"items": items, "next": None}, "/v1/me": me}
    page = await read(f"/suggestions?saved={str(saved).lower()}", answers)
    assert ("Openings that were closed" in page) == saved


WAY = {
    "introducer_id": "mei", "name": "Mei Zhang", "way": "one_between", "band": "good", "says": "Mei knows somebody",
    "reasons": [], "ask": "app",
}  # fmt: skip


WAYS = {
    "/v1/paths": {"company": "Initech", "paths": [WAY | {"direct": False}], "left": []}, "/v1/companies": {"items": []},
    "/v1/me": {"seeking": None, "employments": [], "discreet": False},
    "/v1/contacts/named": {"items": [
        {"id": "mei", "name": "Mei Zhang", "position": None, "company": None, "profile_url": None, "email": None}
    ]},
}  # fmt: skip


@pytest.mark.parametrize(
    "address", ["/suggestions/s-1", "/paths?company=Initech", "/seen?company=Initech&title=Engineer"]
)
@pytest.mark.parametrize(
    ("whom", "origin", "asked"),
    [("mei", "ask", True), ("mei", "offer", False), ("kai", "ask", False), (None, "", False)],
)
async def test_whoever_was_asked_already_is_not_offered_to_be_asked(address, whom, origin, asked):
    items = [{"id": "i-1", "introducer": {"id": whom}, "origin": origin}] if whom else []
    answers = WAYS | {"/v1/inbox/s-1": ITEM | {"paths": [WAY]}, "/v1/introductions": {"items": items, "next": None}}
    page = await read(address, answers)
    assert ('href="/introductions/i-1"' in page) == ("You have asked Mei Zhang" in page) == asked
    assert ('href="/introductions/ask?' in page) != asked


async def test_whoever_asks_about_a_job_that_was_seen_need_not_name_it_again():
    nobody = {"/v1/introductions": {"items": [], "next": None}}
    seen = await read("/seen?company=Initech&title=C%2B%2B%20%22Cook%22", WAYS | nobody)
    assert "/introductions/ask?company=Initech&amp;title=C%2B%2B%20%22Cook%22&amp;introducer=mei" in seen
    assert "title=" not in (await read("/paths?company=Initech", WAYS | nobody)).split("/introductions/ask?")[1][:60]


@pytest.mark.parametrize("address", ["/suggestions/s-1", "/paths?company=Initech"])
async def test_without_introductions_the_ways_in_are_shown_all_the_same(address):
    page = await read(address, WAYS | {"/v1/inbox/s-1": ITEM | {"paths": [WAY]}})
    assert "Ask Mei Zhang" in page
