"""A quiet answer is silence to all others: bodies, times, order, counts, records, until its deadline and after."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.introductions import timers
from shared.testing.database import empty
from tests.component.introductions.conftest import EMAILS, NAMES, START

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

Answer = Callable[[Any, Any], Awaitable[Any]]


async def decline(world: Any, one: Any) -> None:
    await world.answer(one, "mei", "not_now", tell="quietly")


async def refuse(world: Any, one: Any) -> None:
    await world.agrees(one, "ida", "no")


async def say_nothing(_world: Any, _one: Any) -> None:
    pass


class Everything:
    """All that the seeker, the operator and the topic can show, with ids of introductions named in order."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self.seen: list[str] = []
        self._ids: dict[str, str] = {}

    def note(self, *texts: Any) -> None:
        for text in texts:
            self.seen.append(UUID.sub(lambda found: self._ids.setdefault(found[0], f"#{len(self._ids)}"), str(text)))

    async def look(self, *, topic: bool) -> None:
        world = self._world
        for path in ("/v1/introductions", "/v1/introductions?state=open", "/v1/introductions?state=ended"):
            self.note((await world.call("GET", path, "amara")).text)
        await timers.count(world.deps)
        for posting, introducer in (("o1", "mei"), ("o1", "kai"), ("o2", "mei")):
            body = {"suggestion_id": f"amara/{posting}", "introducer_ids": [introducer], "known_as_looking": True}
            if posting == "o2" or introducer == "mei":
                refused = await world.call("POST", "/v1/introductions", "amara", json=body)
                self.note(refused.status_code, refused.json()["detail"])
        for one in (await world.get("/v1/introductions", "amara"))["items"]:
            for command, body in (("outcome", {"outcome": "hired"}), ("sent", None)):
                refused = await world.call("POST", f"/v1/introductions/{one['id']}/{command}", "amara", json=body)
                self.note(refused.status_code, refused.json()["detail"])
        if topic:
            self.note(*[_without_version(record) for record in (await world.records()).values()])
            headers = {"Authorization": f"Bearer {world.app.state.settings.operator_token.get_secret_value()}"}
            self.note((await world.http.get("/internal/v1/overview", headers=headers)).text)
            for one in (await world.get("/v1/introductions", "amara"))["items"]:
                journey = (await world.http.get(f"/internal/v1/introductions/{one['id']}", headers=headers)).json()
                self.note(_without_version(journey))


def _without_version(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "version"}


async def play(world: Any, database: Any, answer: Answer, *, accepted: bool) -> list[str]:
    await empty(database)
    world.clock.moment, world.profiles.names, world.profiles.emails = START, dict(NAMES), dict(EMAILS)
    world.matcher.paths.clear()
    await world.member("amara", "mei", "kai", "ida", "tom")
    await world.path("amara", "mei")
    await world.path("amara", "kai", "tom")
    await world.path("amara", "mei", posting_id="o2")
    seen = Everything(world)
    one = await world.ask("amara", "mei", "kai", note="words")
    if accepted:
        await world.answer(one, "mei", "yes")
    world.clock.day(2)
    await answer(world, one)
    for day in (2, 5, 7.99):
        await world.tick(day)
        await seen.look(topic=True)
    for day in (8, 9, 20):
        await world.tick(day)
        await seen.look(topic=False)
    return seen.seen


@pytest.mark.parametrize("accepted", [False, True], ids=["asked", "accepted"])
async def test_decline_refusal_and_silence_look_the_same(world, module_database, accepted: bool):
    ways = [decline, say_nothing, *([refuse] if accepted else [])]
    first, *others = [await play(world, module_database, way, accepted=accepted) for way in ways]
    assert "SECRET" not in "".join(first)
    for other in others:
        assert other == first


async def test_after_the_deadline_the_topic_tells_what_it_was(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    await decline(world, one)
    before = await world.records()
    assert await world.pool.fetchval("SELECT count(*) FROM sealed_answers") == 1
    mine = await world.get(f"/v1/introductions/{one['id']}", "mei")
    assert (mine["answered"], mine["possible"]) == ("not_now", [])
    await world.tick(8)
    assert before[one["id"]]["history"][-1]["status"] == "asked"
    assert (await world.records())[one["id"]]["history"][-1]["status"] == "declined"
    assert await world.pool.fetchval("SELECT count(*) FROM sealed_answers") == 0


async def test_reminders_stop_for_who_answered_quietly_and_not_for_a_writer(world):
    service = {"Authorization": f"Bearer {world.app.state.settings.service_token.get_secret_value()}"}

    async def reminds(one: Any, member: str) -> bool:
        where = f"/internal/v1/introductions/{one['id']}/message?member={member}&kind=reminder"
        return (await world.http.get(where, headers=service)).status_code == 200

    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    world.clock.day(3.9)
    assert not await reminds(one, "mei")
    world.clock.day(4)
    assert await reminds(one, "mei")
    assert not await reminds(one, "amara")
    await decline(world, one)
    assert not await reminds(one, "mei")
    await world.path("amara", "lea", "lea", posting_id="o2", ask="hand", target_ask="hand")
    by_hand = await world.ask("amara", "lea", posting_id="o2")
    world.clock.day(8)
    assert await reminds(by_hand, "amara")
    assert not await reminds(by_hand, "lea")
