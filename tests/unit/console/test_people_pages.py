"""The page of somebody the member knows says one thing at a time, whatever was said of them."""

import time

import pytest

from services.console.browser import SESSION
from services.console.rendering import date, minute, short_link
from tests.unit.console.answering import client

MEI = {
    "id": "mei", "name": "Mei Zhang", "position": None, "company": "Initech", "email": None, "profile_url": None,
    "connected_on": None, "member": True, "closeness": None, "worked_together": None, "may_find_me": True,
    "blocked": False,
}  # fmt: skip
ME = {"visible_to_contacts": True, "introduces": True, "discreet": False}


@pytest.mark.parametrize(("contact", "hidden", "said", "unsaid"), [
    ({}, None, ["may find you here", "You have not said it yet"], ["You blocked them", "You hid them"]),
    ({"closeness": 4}, [], ["Take it back"], ["You have not said it yet"]),
    ({"blocked": True}, [MEI], ["You blocked them", "Nothing, as long as you block them", "Unblock"],
     ["may find you here", "no way in has both of you", "You hid them"]),
    ({}, [MEI], ["You hid them", "no way in has both of you"], ["You blocked them"]),
])  # fmt: skip
async def test_what_was_said_of_somebody_is_not_contradicted(contact, hidden, said, unsaid):
    answers = {"/v1/contacts/mei": MEI | contact, "/v1/me": ME, "/v1/hidden": None}
    answers |= {} if hidden is None else {"/v1/hidden": {"people": hidden, "items": []}}
    async with client(answers, **{SESSION: "wpm_s"}) as http:
        page = (await http.get("/people/mei")).text
    assert [words for words in said if words not in page] == []
    assert [words for words in unsaid if words in page] == []


async def test_what_was_brought_of_somebody_is_read_easily_and_fits_a_phone():
    url = "https://www.linkedin.example/in/mei-zhang-with-a-very-long-name-0123456789/"
    answers = {"/v1/contacts/mei": MEI | {"connected_on": "2024-03-10", "profile_url": url}, "/v1/me": ME}
    async with client(answers | {"/v1/hidden": None}, **{SESSION: "wpm_s"}) as http:
        page = (await http.get("/people/mei")).text
    assert "<dd>10 March 2024</dd>" in page
    assert f'<a href="{url}" rel="noreferrer nofollow">linkedin.example/…</a>' in page


@pytest.mark.parametrize(("url", "shown"), [
    ("https://www.mail.example/in/mei", "mail.example/in/mei"),
    ("http://mail.example", "mail.example"),
    ("https://mail.example/?who=mei", "mail.example/?who=mei"),
    (f"https://mail.example/{'x' * 30}", "mail.example/…"),
    ("https://linkedin.example@evil.example/" + "x" * 30, "evil.example/…"),
    ("https://[mail.example/in", "https://[mail.example/in"),
])  # fmt: skip
def test_a_link_is_shown_by_where_it_leads(url, shown):
    assert short_link(url) == shown


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_day_stays_one_wherever_the_service_runs(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert date("2024-03-10") == "10 March 2024"
        assert minute("2024-03-10T23:30:00-02:00") == "11 March 2024, 01:30 UTC"
    finally:
        monkeypatch.undo()
        time.tzset()
