"""Give before you receive: previews, offers, and whom somebody could help without learning of hidden searches."""

from typing import Any

import pytest


async def open_world(world: Any) -> None:
    """Mei looks openly, and Amara could introduce her to o2; Amara could be introduced to o1 by Mei."""
    await world.member("amara", "kai", "ida", "tom")
    await world.member("mei", looks_openly=True)
    await world.path("amara", "mei", posting_id="o1")
    await world.path("amara", "kai", "tom", posting_id="o1")
    await world.path("mei", "amara", "tom", posting_id="o2")


async def test_a_preview_says_what_asking_would_be(world):
    await open_world(world)
    seen = await world.get("/v1/introductions/preview?suggestion_id=amara/o1&introducer_id=mei", "amara")
    assert (seen["title"], seen["introducer"]["name"], seen["direct"], seen["leg"]) == (
        "Data Engineer", "Mei Chen", False, "app",
    )  # fmt: skip
    assert [each["posting_id"] for each in seen["you_could"]] == ["o2"]
    assert [each["name"] for each in seen["others"]] == ["Kai Lund"]
    assert seen["note"].startswith("Hi Mei, is there anything I can help you with")
    assert "SECRET" not in str(seen)
    assert "ida" not in str(seen)
    assert "refused" not in seen
    assert (await world.get("/v1/introductions", "amara"))["items"] == []


async def test_a_preview_says_which_own_limit_refuses_it(world):
    await open_world(world)
    await world.ask("amara", "kai")
    seen = await world.get("/v1/introductions/preview?suggestion_id=amara/o1&introducer_id=mei", "amara")
    assert seen["refused"] == "you have an introduction under way for this already"


async def test_a_preview_offers_nobody_to_be_asked_next_whom_an_own_limit_refuses(world):
    await open_world(world)
    await world.path("amara", "kai", posting_id="o7")
    one = await world.ask("amara", "kai", posting_id="o7")
    where = "/v1/introductions/preview?suggestion_id=amara/o1&introducer_id=mei"
    seen = await world.get(where, "amara")
    assert (seen["others"], "refused" in seen) == ([], False), "one is under way with Kai"
    await world.call("POST", f"/v1/introductions/{one['id']}/withdraw", "amara")
    for days, names in ((29, []), (31, ["Kai Lund"])):
        world.clock.day(1 + days)
        assert [each["name"] for each in (await world.get(where, "amara"))["others"]] == names, "asked lately"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("introducer_id=mei", 422),
        ("introducer_id=mei&company=Initech&suggestion_id=amara/o1", 422),
        ("introducer_id=mei&suggestion_id=mei/o2", 404),
        ("introducer_id=ida&suggestion_id=amara/o1", 404),
        ("suggestion_id=amara/o1", 422),
    ],
)
async def test_a_preview_of_nothing(world, query: str, status: int):
    await open_world(world)
    assert (await world.call("GET", f"/v1/introductions/preview?{query}", "amara")).status_code == status


async def test_whom_i_could_help_now(world):
    await open_world(world)
    for number, introducer in enumerate(("mei", "kai"), 3):
        await world.path("sue", introducer, posting_id=f"o{number}")
    await world.ask("amara", "mei")
    seen = await world.get("/v1/give", "mei")
    assert [each["seeker"]["id"] for each in seen["asks"]] == ["amara"]
    assert (seen["openings"], seen["helped_you"]) == ([], [])
    [opening] = (await world.get("/v1/give", "amara"))["openings"]
    assert (opening["person"]["name"], opening["posting_id"], opening["direct"]) == ("Mei Chen", "o2", False)
    await world.answer(seen["asks"][0], "mei", "not_now")
    assert (await world.get("/v1/give", "mei"))["asks"] == []
    await world.member("mei", looks_openly=False)
    assert (await world.get("/v1/give", "amara"))["openings"] == []


async def test_who_helped_me_and_what_i_could_do_for_them(world):
    await open_world(world)
    one = await world.ask("amara", "mei")
    await world.answer(one, "mei", "yes")
    await world.agrees(one, "ida")
    [helper] = (await world.get("/v1/give", "amara"))["helped_you"]
    assert (helper["person"]["id"], helper["made_for_you"]) == ("mei", 1)
    assert [each["posting_id"] for each in helper["you_could"]] == ["o2"]


async def test_an_offer_is_accepted(world):
    await open_world(world)
    body = {"posting_id": "o2", "seeker_id": "mei", "note": "I know somebody there."}
    made = await world.post("/v1/offers", "amara", body, 201)
    assert (made["role"], made["state"], made["seeker"]["name"]) == ("introducer", "offered", "Mei Chen")
    assert await world.post("/v1/offers", "amara", body, 201) == made
    [offered] = (await world.get("/v1/introductions", "mei"))["items"]
    assert (offered["state"], offered["introducer"]["name"], offered["note"]) == (
        "offered", "Amara Obi", "I know somebody there.",
    )  # fmt: skip
    assert "SECRET" not in str(offered)
    assert offered["possible"] == ["yes", "no"]
    accepted = await world.answer(offered, "mei", "yes")
    assert accepted["state"] == "agreed"
    assert "note" not in await world.get(f"/v1/introductions/{made['id']}", "tom"), "it was written to Mei"
    await world.agrees(made, "tom", contact="tom@initech.example")
    assert (await world.get(f"/v1/introductions/{made['id']}", "mei"))["contact"] == "tom@initech.example"
    record = (await world.records())[made["id"]]
    assert (record["origin"], [step["status"] for step in record["history"]]) == (
        "offer", ["requested", "accepted", "introduced"],
    )  # fmt: skip


@pytest.mark.parametrize("said", ["yes", "no"])
async def test_whoever_works_there_offers_how_they_may_be_reached(world, said):
    await open_world(world)
    await world.path("mei", "amara", "amara", posting_id="o3")
    body = {"posting_id": "o3", "seeker_id": "mei"}
    refused = await world.post("/v1/offers", "amara", body, 422)
    assert refused["errors"] == [{"field": "contact", "reason": "say how they may reach you, who work there"}]
    made = await world.post("/v1/offers", "amara", body | {"contact": "amara@initech.example"}, 201)
    assert "initech.example" not in str(await world.get(f"/v1/introductions/{made['id']}", "mei"))
    answered = await world.answer(made, "mei", said)
    assert answered.get("contact") == ("amara@initech.example" if said == "yes" else None)
    kept = await world.pool.fetchval("SELECT contact FROM introductions")
    assert kept == answered.get("contact"), "what led to nothing is not kept"


async def test_what_may_not_be_offered_looks_as_if_it_were_not_there(world):
    await open_world(world)
    for person, body in (
        ("kai", {"posting_id": "o1", "seeker_id": "amara"}),  # she does not look openly
        ("kai", {"posting_id": "o2", "seeker_id": "mei"}),  # he is no introducer of hers
        ("amara", {"posting_id": "nothing", "seeker_id": "mei"}),
        ("amara", {"posting_id": "o2", "seeker_id": "nobody"}),
    ):
        refused = await world.call("POST", "/v1/offers", person, json=body)
        assert (refused.status_code, refused.json()["detail"]) == (404, "no such opening to introduce them to")
    await world.member("amara", introduces=False)
    refused = await world.call("POST", "/v1/offers", "amara", json={"posting_id": "o2", "seeker_id": "mei"})
    assert refused.status_code == 404


async def test_an_offer_ends_unanswered_or_is_taken_back(world):
    await open_world(world)
    body = {"posting_id": "o2", "seeker_id": "mei"}
    made = await world.post("/v1/offers", "amara", body, 201)
    taken = await world.post(f"/v1/introductions/{made['id']}/withdraw", "amara")
    assert (taken["state"], taken["sentence"]) == ("ended", "This was taken back.")
    await world.post("/v1/offers", "amara", body, 409)
    await world.path("mei", "kai", "tom", posting_id="o2")
    other = await world.post("/v1/offers", "kai", body, 201)
    await world.tick(16)
    assert (await world.get(f"/v1/introductions/{other['id']}", "kai"))["state"] == "ended"
    assert (await world.records())[other["id"]]["history"][-1]["outcome"] == "no_answer"


async def test_incoming_asks_are_ordered_by_deadline_or_by_what_both_gain(world):
    await world.member("amara", "sue", "mei", "ida", "tom")
    for number, (seeker, score) in enumerate((("sue", 0.4), ("amara", 0.3))):
        world.clock.day(1 + number)
        await world.path(seeker, "mei", score=score, posting_id=f"o{number}")
        await world.ask(seeker, "mei", posting_id=f"o{number}")
    await world.path("mei", "amara", "tom", posting_id="o7")  # Amara could do something for Mei

    async def seekers(order: str) -> list[str]:
        return [each["seeker"]["id"] for each in (await world.get(f"/v1/give?order={order}", "mei"))["asks"]]

    assert await seekers("deadline") == ["sue", "amara"]
    assert await seekers("gain") == ["amara", "sue"]


async def test_operators_see_states_and_times_and_no_words(world):
    await open_world(world)
    offered = await world.post("/v1/offers", "amara", {"posting_id": "o2", "seeker_id": "mei"}, 201)
    made = [await world.ask("amara", "mei", note="secret words"), offered]
    headers = {"Authorization": f"Bearer {world.app.state.settings.operator_token.get_secret_value()}"}
    listed = (await world.http.get("/internal/v1/introductions?limit=1", headers=headers)).json()
    rest = (await world.http.get(f"/internal/v1/introductions?cursor={listed['next']}", headers=headers)).json()
    assert {each["id"] for each in (*listed["items"], *rest["items"])} == {one["id"] for one in made}
    asked = (await world.http.get("/internal/v1/introductions?state=asked", headers=headers)).json()
    assert [each["id"] for each in asked["items"]] == [made[0]["id"]]
    assert (await world.http.get("/internal/v1/introductions?overdue=true", headers=headers)).json()["items"] == []
    journey = await world.http.get(f"/internal/v1/introductions/{made[0]['id']}", headers=headers)
    assert [step["state"] for step in journey.json()["history"]] == ["requested", "asked"]
    assert "secret" not in journey.text
    assert (await world.http.get("/internal/v1/introductions/none", headers=headers)).status_code == 404
    assert (await world.http.get("/internal/v1/overview", headers=headers)).json()["states"]["asked"] == 1
