"""Five histories that were worked out by hand, day by day, over HTTP. Day 1 is the day on which the first one asks."""

import re
from typing import Any

from shared.testing.database import empty
from tests.component.introductions.conftest import EMAILS, NAMES, SERVICE, START

from .test_departures import arrive, leave

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


async def state(world: Any, one: Any, seeker: str = "amara") -> str:
    return str((await world.get(f"/v1/introductions/{one['id']}", seeker))["state"])


async def history(world: Any, one: Any) -> list[str]:
    """The steps as the topic has them, an outcome in the place of `closed`."""
    return [step.get("outcome") or step["status"] for step in (await world.records())[one["id"]]["history"]]


async def is_said(world: Any, one: Any, member: str, kind: str) -> bool:
    where = f"/internal/v1/introductions/{one['id']}/message?member={member}&kind={kind}"
    return bool((await world.http.get(where, headers={"Authorization": f"Bearer {SERVICE}"})).status_code == 200)


async def mei_then_kai(world: Any, database: Any, *, declines: bool) -> list[str]:
    """All that Amara is answered, as it came over the wire, from day 1 to day 16; ids in their order."""
    await empty(database)
    world.clock.moment, world.profiles.names, world.profiles.emails = START, dict(NAMES), dict(EMAILS)
    world.matcher.paths.clear()
    await world.member("amara", "mei", "kai", "ida", "tom")
    for introducer, target, posting in (("mei", "ida", "o1"), ("kai", "tom", "o1"), ("mei", "ida", "o2")):
        await world.path("amara", introducer, target, posting)
    seen: list[str] = []
    one = await world.ask("amara", "mei", "kai")
    for day in (1, 2, 3, 4.5, 6, 7.999, 8, 8.5, 14.9, 15, 16):
        await world.tick(day)
        if day == 2 and declines:
            await world.answer(one, "mei", "not_now", tell="quietly")
        answers = [
            await world.call("GET", "/v1/introductions", "amara"),
            await world.call("GET", f"/v1/introductions/{one['id']}", "amara"),
            await world.call("POST", f"/v1/introductions/{one['id']}/sent", "amara"),
            await world.call("GET", "/v1/introductions/preview?introducer_id=mei&suggestion_id=amara/o2", "amara"),
        ]
        seen += [f"{day} {each.status_code} {each.text}" for each in answers]
        if day < 8:
            assert (await history(world, one))[-1] == "asked"
            for posting, introducer in (("o1", "kai"), ("o2", "mei")):
                await world.ask("amara", introducer, posting_id=posting, expected=409)
        if day >= 4:
            assert await is_said(world, one, "mei", "reminder") == (not declines and day < 8)
            assert not await is_said(world, one, "amara", "reminder")
        if day == 8:
            assert (await history(world, one))[-1] == ("declined" if declines else "expired")
            kai = (await world.get("/v1/introductions", "amara"))["items"][0]
            assert (kai["introducer"]["id"], kai["state"]) == ("kai", "asked")
    ids: dict[str, str] = {}
    named = [UUID.sub(lambda found: ids.setdefault(found[0], f"#{len(ids)}"), each) for each in seen]
    return [re.sub(r'"request_id":\s*"[^"]*"', "", each) for each in named]


async def test_1_a_quiet_decline_holds_the_slot_to_its_deadline_and_reads_like_silence(world, module_database):
    declined = await mei_then_kai(world, module_database, declines=True)
    silent = await mei_then_kai(world, module_database, declines=False)
    assert declined == silent


async def test_2_an_introduction_that_ends_in_a_job(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    await world.tick(2)
    await world.answer(one, "mei", "yes")
    await world.tick(3)
    await world.agrees(one, "ida")
    for day, outcome in ((24, "talked"), (200, "hired")):
        await world.tick(day)
        await world.post(f"/v1/introductions/{one['id']}/outcome", "amara", {"outcome": outcome})
    await world.tick(201)
    await world.post(f"/v1/introductions/{one['id']}/outcome", "amara", {"outcome": "talked"}, 409)
    assert await history(world, one) == ["requested", "asked", "accepted", "introduced", "talked", "hired"]
    preview = await world.get("/v1/introductions/preview?introducer_id=mei&suggestion_id=amara/o1", "amara")
    assert preview["given"] == {"to_you": 1, "by_you": 0}


async def test_3_one_ask_a_month_lets_the_second_through_after_720_hours_and_no_third(world):
    await world.call("PUT", "/v1/limits", "mei", json={"asks_a_month": 1})
    await world.member("mei")
    for seeker in ("s1", "s2", "s3"):
        await world.path(seeker, "mei", f"target of {seeker}")
    first = await world.ask("s1", "mei")
    await world.tick(20)
    second = await world.ask("s2", "mei")
    for day in (20, 25, 30.999):
        await world.tick(day)
        assert (await state(world, second, "s2"), await history(world, second)) == ("waiting", ["requested"])
    await world.tick(31)
    assert await state(world, second, "s2") == "asked"
    assert (await world.records())[second["id"]]["history"][1]["at"][:19] == "2026-03-31T00:00:00"
    third = await world.ask("s3", "mei")
    for day in (31, 30.5, 29, 31):
        await world.tick(day)
        assert await state(world, third, "s3") == "waiting", "the clock was set back: both others count"
    reached = await world.pool.fetchval("SELECT count(*) FROM introductions WHERE reached_at IS NOT NULL")
    assert (reached, await state(world, first, "s1")) == (2, "ended")


async def test_4_of_six_who_ask_for_four_places_two_wait_in_vain_unseen_and_may_ask_again(world):
    await world.member("mei")
    asks = []
    for number in range(6):
        await world.path(f"s{number}", "mei", f"target {number}")
        asks.append(await world.ask(f"s{number}", "mei"))
    seen: list[str] = []
    for day in (1, 5, 14.999, 15):
        await world.tick(day)
        seen += [
            (await world.call("GET", path, "mei")).text for path in ("/v1/introductions?role=introducer", "/v1/give")
        ]
        states = [await state(world, one, f"s{number}") for number, one in enumerate(asks)]
        assert states == ["asked" if day < 8 else "ended"] * 4 + ["waiting" if day < 15 else "ended"] * 2
    assert [await history(world, one) for one in asks[4:]] == [["requested", "no_room"]] * 2
    for number in (4, 5):
        again = await world.ask(f"s{number}", "mei")
        assert again["state"] == "waiting", "four reached her this month"
        assert f'"id":"s{number}"' not in "".join(seen)
        assert (await world.call("GET", f"/v1/introductions/{asks[number]['id']}", "mei")).status_code == 404
        assert not await is_said(world, asks[number], "mei", "introduction_asked")
        assert not await is_said(world, asks[number], "mei", "ended")


async def test_5_an_opening_that_closes_after_the_yes_ends_nothing_and_an_erased_seeker_is_replaced(world):
    await arrive(world, "amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei", note="Amara's own words")
    await world.tick(2)
    await world.answer(one, "mei", "yes")
    await world.tick(3)
    await world.pool.execute("UPDATE openings SET closed_at = $1", world.clock())
    for day in (4, 5, 5.5, 6):
        await world.tick(day)
        assert await state(world, one) == "agreed"
    await world.agrees(one, "ida")
    assert await state(world, one) == "introduced"
    await world.tick(7)
    await leave(world, "amara")
    assert await history(world, one) == ["requested", "asked", "accepted", "introduced", "erased"]
    record = (await world.records())[one["id"]]
    assert record["seeker_id"].startswith("erased-")
    assert "amara" not in str(record)
    assert (record["introducer_id"], record["insider_id"]) == ("mei", "ida")


async def test_looking_before_asking_counts_among_the_companies_of_a_day(world):
    await arrive(world, "amara")
    world.matcher.tired = True
    refused = await world.call("GET", "/v1/introductions/preview?introducer_id=mei&company=Initech", "amara")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["title"] == "Too many companies"
