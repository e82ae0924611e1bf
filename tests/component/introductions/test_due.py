"""What happens by the clock: deadlines, consents, outages, old notes, and somebody's trouble."""

from datetime import timedelta

import pytest

from services.introductions import timers
from services.introductions.transitions import State
from shared.observability.metric_list import INTRODUCTIONS, INTRODUCTIONS_OVERDUE, INTRODUCTIONS_WAITING

HOUR = timedelta(hours=1)


async def asked(world, seeker: str = "amara", introducer: str = "mei", **facts):
    await world.member(seeker, introducer, "ida")
    await world.path(seeker, introducer, **facts)
    return await world.ask(seeker, introducer, note="words")


async def state(world, one, seeker: str = "amara") -> str:
    return (await world.get(f"/v1/introductions/{one['id']}", seeker))["state"]


async def test_what_is_overdue_and_what_waits_is_counted(world):
    await asked(world)
    await world.call("PUT", "/v1/limits", "kai", json={"asks_a_month": 0})
    await asked(world, "sue", "kai")
    await timers.count(world.deps)
    assert (INTRODUCTIONS_OVERDUE._value.get(), INTRODUCTIONS_WAITING._value.get()) == (0, 1)
    world.clock.day(9)
    await timers.count(world.deps)
    assert INTRODUCTIONS_OVERDUE._value.get() == 1
    await world.tick()
    await timers.count(world.deps)
    assert INTRODUCTIONS_OVERDUE._value.get() == 0


async def test_a_state_that_nothing_is_in_any_more_is_counted_as_none(world):
    def counted() -> dict[str, float]:
        return {state: there for state in State if (there := INTRODUCTIONS.labels(state.value)._value.get())}

    one = await asked(world)
    await timers.count(world.deps)
    assert counted() == {"asked": 1}
    await world.post(f"/v1/introductions/{one['id']}/withdraw", "amara")
    await timers.count(world.deps)
    assert counted() == {"closed": 1}


async def test_an_opening_closed_for_two_days_and_consents_end_it(world):
    first, second, third = (
        await asked(world), await asked(world, "sue", "kai"), await asked(world, "sam", "lea"),
    )  # fmt: skip
    await world.pool.execute("UPDATE openings SET closed_at = $1", world.clock())
    await world.member("kai", introduces=False)
    await world.pool.execute(
        "INSERT INTO blocks (person_id, contact_id, version, blocked) VALUES ('ida', 'sam', 1, true)"
    )
    world.clock.moment += 47 * HOUR
    await world.tick()
    assert await state(world, first) == "asked"
    assert await state(world, second, "sue") == await state(world, third, "sam") == "ended"
    world.clock.moment += HOUR
    await world.tick()
    records = await world.records()
    assert [records[one["id"]]["history"][-1]["outcome"] for one in (first, second, third)] == [
        "opening_closed", "no_longer_possible", "no_longer_possible",
    ]  # fmt: skip


async def test_after_an_outage_nothing_ends_within_three_days(world):
    one = await asked(world)
    await timers.beat(world.deps)
    world.clock.day(7.9)
    assert not await timers.beat(world.deps)  # that the service's clock jumps is no outage
    await world.pool.execute("UPDATE heartbeat SET at = at - interval '1 hour'")
    assert await timers.beat(world.deps)
    await world.tick(8)
    assert await state(world, one) == "asked"
    assert (await world.records())[one["id"]]["due_at"][:10] == "2026-03-10"
    await world.tick(10.89)
    assert await state(world, one) == "asked"
    await world.tick(10.9)
    assert await state(world, one) == "ended"


async def test_one_seekers_trouble_keeps_nobody_else_waiting(world):
    await world.call("PUT", "/v1/limits", "kai", json={"asks_a_month": 0})
    waits, expires = await asked(world, "sue", "kai"), await asked(world, "amara", "mei")
    world.matcher.away = True
    await world.tick(15)
    assert await state(world, expires) == "ended"
    assert await state(world, waits, "sue") == "waiting"
    world.matcher.away = False
    await world.tick()
    assert await state(world, waits, "sue") == "ended"


@pytest.mark.parametrize("kept_away", [False, True])
async def test_an_ask_goes_on_once_its_receiver_knows_the_sender_well_enough(world, kept_away):
    waits = await asked(world, firmness=0.1)
    if kept_away:
        await world.call("PUT", "/v1/limits", "mei", json={"never": {"companies": ["Initech"]}})
    await timers.look_again(world.deps)
    assert await state(world, waits) == "waiting"
    world.matcher.paths["amara", "o1"][0]["firmness"] = 0.3
    world.matcher.away = True
    await timers.look_again(world.deps)
    assert await state(world, waits) == "waiting"
    world.matcher.away = False
    await timers.look_again(world.deps)
    assert await state(world, waits) == ("waiting" if kept_away else "asked")


async def test_so_does_one_whose_target_knows_the_introducer_well_enough(world):
    agreed = await asked(world, target_firmness=0.1)
    assert (await world.answer(agreed, "mei", "yes"))["state"] == "asked"
    world.matcher.paths["amara", "o1"][0]["target_firmness"] = 0.3
    await timers.look_again(world.deps)
    assert await state(world, agreed) == "agreed"


async def test_notes_are_deleted_90_days_after_the_end(world):
    one = await asked(world)
    await world.tick(8)
    note = "SELECT note FROM introductions WHERE introduction_id = $1"
    world.clock.day(97.9)
    await timers.clean(world.deps)
    assert await world.pool.fetchval(note, one["id"]) == "words"
    world.clock.day(98.1)
    await timers.clean(world.deps)
    assert await world.pool.fetchval(note, one["id"]) is None


async def test_the_next_introducer_is_asked_with_their_own_path(world):
    await world.member("amara", "mei", "kai", "ida", "tom")
    await world.path("amara", "mei")
    await world.path("amara", "kai", "tom", target_ask="hand")
    await world.ask("amara", "mei", "kai")
    await world.tick(8)
    after, before = (await world.get("/v1/introductions", "amara"))["items"]
    assert (before["state"], after["state"], after["introducer"]["name"]) == ("ended", "asked", "Kai Lund")
    assert [one["target"]["id"] for one in (await world.get("/v1/introductions?role=introducer", "kai"))["items"]] == [
        "tom"
    ]


async def test_limits_are_kept_as_they_were_said(world):
    usual = await world.get("/v1/limits", "mei")
    assert usual == {"asks_a_month": 4, "quiet_until": None, "never": {"companies": [], "members": []}, "from": "warm"}
    said = {
        "asks_a_month": 0, "quiet_until": "2026-04-01T00:00:00Z", "from": "close",
        "never": {"companies": ["Initech GmbH"], "members": ["amara"]},
    }  # fmt: skip
    assert (await world.call("PUT", "/v1/limits", "mei", json=said)).json() == said
    assert await world.get("/v1/limits", "mei") == said
    for wrong in ({"asks_a_month": 31}, {"from": "all"}, {"never": {"company": []}}, {"asks": 3}):
        assert (await world.call("PUT", "/v1/limits", "mei", json=wrong)).status_code == 422


async def test_a_company_is_kept_off_under_each_of_its_names(world):
    said = {"never": {"companies": ["INITECH, Inc."]}}
    assert (await world.call("PUT", "/v1/limits", "mei", json=said)).status_code == 200
    assert (await asked(world))["state"] == "waiting"
