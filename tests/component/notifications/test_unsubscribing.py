"""The link in each e-mail: one click turns its kind off, a look changes nothing, and a guess learns nothing."""

import re

import pytest

from services.notifications import timers
from services.notifications.kinds import SENTENCES
from services.notifications.settings import Settings
from shared.web import audit

from .conftest import OPERATOR, PUBLIC, SERVICE, erasure, record, suggestion, token

ONE_CLICK = {"content": b"List-Unsubscribe=One-Click", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}


async def drain(world):
    sender = world.sender()
    while await sender.send_one():
        pass


async def mailed(world, cause="opening"):
    """Sends one e-mail to ada; returns the path of its link."""
    await world.apply(record(suggestion("ada", f"p{len(world.mail.tries)}"), cause=cause))
    if cause == "network":
        await world.make_due("ada")
        await timers.send_summaries(world.pool, email=True)
    await drain(world)
    mail = world.mail.tries[-1]
    [link] = re.fullmatch(r"<(\S+)>", mail["List-Unsubscribe"]).groups()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith(f"{PUBLIC}/unsubscribe/")
    for kind in ("plain", "html"):
        assert link in mail.get_body((kind,)).get_content()
    return link.removeprefix(PUBLIC)


async def wanted(world, member="ada"):
    return (await world.get("/v1/preferences", member)).json()["email"]


@pytest.mark.parametrize(("cause", "kind"), [("opening", "suggestion"), ("network", "summary")])
async def test_one_click_turns_that_kind_off_and_the_member_turns_it_on_again(world, cause, kind):
    await world.http.put("/v1/preferences", headers=bearer("ada"), json={"timezone": "Asia/Tokyo"})
    path = await mailed(world, cause)
    everything = {"enabled": True} | dict.fromkeys(SENTENCES, True)
    assert (await world.http.post(path, **ONE_CLICK)).status_code == 200
    assert await wanted(world) == everything | {kind: False}
    assert (await world.get("/v1/preferences", "ada")).json()["timezone"] == "Asia/Tokyo"
    assert await wanted(world, "bob") == everything, "nobody else's"
    before = len(world.mail.tries)
    await world.apply(record(suggestion("ada", "later"), cause=cause))
    await world.make_due("ada")
    await timers.send_summaries(world.pool, email=True)
    await drain(world)
    assert len(world.mail.tries) == before
    await world.http.put("/v1/preferences", headers=bearer("ada"), json={})
    assert await wanted(world) == everything


def bearer(member):
    return {"Authorization": f"Bearer {token(member)}"}


async def test_a_look_changes_nothing_and_shows_a_button(world):
    path = await mailed(world)
    for _ in range(2):
        page = await world.http.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
        assert '<form method="post"><button>' in page.text
    assert (await wanted(world))["suggestion"] is True
    assert (await world.http.post(path)).status_code == 200, "the button sends nothing more"
    assert (await wanted(world))["suggestion"] is False


async def test_an_unknown_token_gets_the_same_answers(world):
    path = await mailed(world)
    for method in ("GET", "POST"):
        known = await world.http.request(method, path)
        for unknown in ("/unsubscribe/" + "x" * 43, "/unsubscribe/x", path[:-1] + ("a" if path[-1] != "a" else "b")):
            answer = await world.http.request(method, unknown)
            assert (answer.status_code, answer.content) == (known.status_code, known.content)
            assert set(answer.headers) == set(known.headers)


async def test_a_link_goes_on_working_and_may_be_used_again(world):
    first, second = await mailed(world), await mailed(world)
    assert first != second
    for path in (second, second, first):
        assert (await world.http.post(path, **ONE_CLICK)).status_code == 200
    assert (await wanted(world))["suggestion"] is False


async def test_only_the_hash_of_a_token_is_stored_and_nothing_names_it_in_the_audit(world):
    path = await mailed(world)
    rows = str([dict(row) for row in await world.pool.fetch("SELECT * FROM unsubscribe_links")])
    assert path.rpartition("/")[2] not in rows
    await world.http.post(path, **ONE_CLICK)
    answer = await world.http.get("/internal/v1/audit", headers={"Authorization": f"Bearer {OPERATOR}"})
    [line] = answer.json()["items"]
    assert (line["action"], line["subject"]) == ("preferences.unsubscribed", audit.person("ada"))


async def test_a_message_that_is_tried_again_has_one_link(world):
    world.mail.answers = ["451 try later"]
    path = None
    await world.apply(record(suggestion("ada", "p")))
    await drain(world)
    refused = world.mail.tries[-1]["List-Unsubscribe"]
    await world.pool.execute("UPDATE deliveries SET next_at = clock_timestamp()")
    await drain(world)
    path = world.mail.tries[-1]["List-Unsubscribe"][1:-1].removeprefix(PUBLIC)
    assert path not in refused
    assert await world.pool.fetchval("SELECT count(*) FROM unsubscribe_links") == 1
    await world.http.post(path, **ONE_CLICK)
    assert (await wanted(world))["suggestion"] is False


async def test_after_an_erasure_a_link_is_as_unknown(world):
    path = await mailed(world)
    unknown = await world.http.post("/unsubscribe/x")
    await world.apply(erasure("ada"))
    answer = await world.http.post(path)
    assert (answer.status_code, answer.content) == (unknown.status_code, unknown.content)
    for table in ("unsubscribe_links", "preferences", "audit"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - our own names


async def test_a_large_body_is_refused(world):
    answer = await world.http.post(await mailed(world), content=b"x" * 5000)
    assert answer.status_code == 413
    assert (await wanted(world))["suggestion"] is True


def test_links_lead_to_the_console_where_there_is_one():
    given = {"service_token": SERVICE, "operator_token": OPERATOR, "urls": {"notifications": PUBLIC}}
    assert Settings(**given).link_base == PUBLIC
    assert Settings(**given, console_url="https://warmpath.example/").link_base == "https://warmpath.example"
    for bad in ("warmpath.example", "javascript:alert(1)", "ftp://warmpath.example"):
        with pytest.raises(ValueError, match="console_url"):
            Settings(**given, console_url=bad)
