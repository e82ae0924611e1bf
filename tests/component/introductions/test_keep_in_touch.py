"""Keeping in touch: whom this week, why, and with what; done, later, never."""

from datetime import date
from typing import Any

DONE = "/v1/keep-in-touch/{}"


def knows(person: str, last: str | None = None, months: int = 0, closeness: int | None = None) -> dict[str, Any]:
    return {"person_id": person, "last_sign": last, "months_together": months, "closeness": closeness}


async def people_of(world: Any) -> list[str]:
    return [each["person"]["id"] for each in (await world.get("/v1/keep-in-touch", "amara"))["people"]]


async def four_ways(world: Any) -> None:
    """Amara's suggestions lead through mei (two openings), kai, lea and sam, in this order of what would be lost."""
    await world.member("amara", "kai", "lea", "sam", "ida")
    await world.member("mei", looks_openly=True)
    for number, (introducer, score) in enumerate(
        (("mei", 0.3), ("mei", 0.2), ("kai", 0.4), ("lea", 0.3), ("sam", 0.1))
    ):
        await world.path("amara", introducer, posting_id=f"o{number}", score=score)
    world.matcher.known["named"] = [knows(one) for one in ("mei", "kai", "lea", "sam")]


async def test_three_people_by_what_would_be_lost_the_same_all_week(world):
    await four_ways(world)
    seen = await world.get("/v1/keep-in-touch", "amara")
    assert seen["week"] == "2026-02-23"  # the first of March was a Sunday, and no Monday had begun yet
    assert [each["person"] for each in seen["people"]][:2] == [
        {"id": "mei", "name": "Mei Chen"}, {"id": "kai", "name": "Kai Lund"},
    ]  # fmt: skip
    assert seen["people"][0]["why"] == ["They could introduce you to 2 openings that fit you now."]
    assert seen["people"][0]["draft"].startswith("Hi Mei, I thought of you today.")
    assert await people_of(world) == ["mei", "kai", "lea"]
    world.matcher.known["named"] = [knows("sam")]
    assert await people_of(world) == ["mei", "kai", "lea"]


async def test_what_somebody_hid_in_their_inbox_counts_for_nothing(world):
    await four_ways(world)
    world.entries.hidden = {"suggestions": ["amara/o0", "amara/o2"], "people": ["lea"]}
    seen = (await world.get("/v1/keep-in-touch", "amara"))["people"]
    assert [each["person"]["id"] for each in seen] == ["mei", "sam"]
    assert seen[0]["why"] == ["They could introduce you to 1 opening that fits you now."]
    world.entries.away = True
    assert await people_of(world) == ["mei", "sam"], "the same all week"
    world.entries.away, world.entries.hidden["people"] = False, ["sam"]
    assert await people_of(world) == ["mei"]


async def test_done_later_and_never(world):
    await four_ways(world)
    await people_of(world)
    for person, what in (("mei", "done"), ("kai", "later"), ("lea", "never")):
        assert (await world.call("POST", DONE.format(person), "amara", json={"what": what})).status_code == 204
    assert await people_of(world) == []
    assert (await world.call("POST", DONE.format("sam"), "amara", json={"what": "done"})).status_code == 404
    assert (await world.call("POST", DONE.format("mei"), "amara", json={"what": "perhaps"})).status_code == 422
    world.clock.day(9)
    assert await people_of(world) == ["sam"]
    world.clock.day(30)
    assert await people_of(world) == ["kai", "sam"]
    world.clock.day(93)
    assert await people_of(world) == ["mei", "kai", "sam"]


async def test_one_of_them_may_be_worth_waking(world):
    await four_ways(world)
    world.matcher.known["asleep"] = [knows("tom", "2022-01-10", months=30, closeness=4)]
    seen = (await world.get("/v1/keep-in-touch", "amara"))["people"]
    assert [(each["person"]["id"], each["worth_waking"]) for each in seen] == [
        ("mei", False), ("kai", False), ("tom", True),
    ]  # fmt: skip
    assert seen[2]["why"][0] == "You worked together for 30 months."


async def test_whoever_was_in_touch_lately_is_left_out(world):
    await four_ways(world)
    world.matcher.known["named"][1] = knows("kai", str(date(2026, 2, 1)))
    await world.ask("amara", "mei", posting_id="o0")
    assert await people_of(world) == ["lea", "sam"]


async def named_as_asleep(world: Any, member: str, other: str) -> bool:
    """Whether somebody long out of touch is named, were the week's people chosen now."""
    world.matcher.known["asleep"] = [knows(other, "2020-01-10")]
    await world.pool.execute("DELETE FROM weeks_in_touch")
    return bool((await world.get("/v1/keep-in-touch", member))["people"])


async def test_an_introduction_is_contact_of_all_who_took_part(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei", "ida", posting_id="o1")
    one = await world.ask("amara", "mei")
    await world.answer(one, "mei", "yes")
    assert await named_as_asleep(world, "mei", "ida"), "she is asked, and has not answered"
    await world.agrees(one, "ida")
    three = ("amara", "mei", "ida")
    for member, other in [(one, other) for one in three for other in three if one != other]:
        assert not await named_as_asleep(world, member, other), (member, other)
    world.clock.day(100)
    assert await named_as_asleep(world, "mei", "ida")


async def test_the_draft_gives_what_one_can_give(world):
    await four_ways(world)
    await world.path("mei", "amara", "ida", posting_id="o9")
    [first, *_] = (await world.get("/v1/keep-in-touch", "amara"))["people"]
    assert "I saw the opening Data Engineer at Initech and thought of you." in first["draft"]


async def test_the_weekly_message_names_them_or_nobody(world):
    service = {"Authorization": f"Bearer {world.app.state.settings.service_token.get_secret_value()}"}
    where = "/internal/v1/keep-in-touch?member=amara&kind=keep_in_touch"
    assert (await world.http.get(where, headers=service)).status_code == 404
    await four_ways(world)
    said = (await world.http.get(where, headers=service)).json()["people"]
    assert [each["id"] for each in said] == ["mei", "kai", "lea"]
    assert said[0] == {
        "id": "mei", "name": "Mei Chen", "why": ["They could introduce you to 2 openings that fit you now."],
    }  # fmt: skip
