"""From an ask to its outcome over HTTP: what each of the three sees, and the record that each step leaves."""

from typing import Any

import pytest

SECRETS = ("ida", "IDA", "SECRET")


async def asked(world: Any, **facts: Any) -> Any:
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei", **facts)
    return await world.ask("amara", "mei", note="I build pipelines.")


async def test_an_introduction_that_goes_well(world):
    one = await asked(world)
    assert (one["state"], one["introducer"]["name"], one["title"]) == ("asked", "Mei Chen", "Data Engineer")
    assert one["possible"] == ["withdraw"]
    [incoming] = (await world.get("/v1/introductions?role=introducer", "mei"))["items"]
    assert incoming["seeker"]["name"] == "Amara Obi"
    assert incoming["note"] == "I build pipelines."
    assert incoming["why"] == ["You know IDA THE SECRET at Initech.", "The opening fits their search well."]
    assert incoming["record"]["new"]
    assert incoming["possible"] == ["yes", "not_now", "not_well"]
    assert (await world.answer(one, "mei", "yes"))["state"] == "agreed"
    [of_target] = (await world.get("/v1/introductions?role=target", "ida"))["items"]
    assert (of_target["introducer"]["name"], of_target["seeker"]["name"]) == ("Mei Chen", "Amara Obi")
    assert "address" not in of_target
    assert (await world.agrees(one, "ida", contact="ida@initech.example"))["address"] == "amara@mail.example"
    seen = await world.get(f"/v1/introductions/{one['id']}", "amara")
    assert (seen["state"], seen["target"]["name"], seen["contact"]) == (
        "introduced", "IDA THE SECRET", "ida@initech.example",
    )  # fmt: skip
    world.clock.day(24)
    await world.post(f"/v1/introductions/{one['id']}/outcome", "amara", {"outcome": "talked"})
    await world.post(f"/v1/introductions/{one['id']}/talked", "mei")
    for person in ("mei", "ida"):
        assert (await world.get(f"/v1/introductions/{one['id']}", person))["outcome"] == "talked"
    world.clock.day(200)
    await world.post(f"/v1/introductions/{one['id']}/outcome", "amara", {"outcome": "hired"})
    refused = await world.call("POST", f"/v1/introductions/{one['id']}/outcome", "amara", json={"outcome": "talked"})
    assert refused.status_code == 409
    record = (await world.records())[one["id"]]
    assert [step["status"] for step in record["history"]] == [
        "requested", "asked", "accepted", "introduced", "closed", "closed",
    ]  # fmt: skip
    assert record["talked_by"] == ["mei"]
    assert "due_at" not in record
    ledger = await world.pool.fetchval("SELECT count(*) FROM introductions WHERE introduced_at IS NOT NULL")
    assert ledger == 1


async def test_the_target_is_in_nothing_that_the_seeker_can_read_before_the_introduction(world):
    one = await asked(world, target="ida")
    where = f"/v1/introductions/{one['id']}"

    async def look() -> str:
        answers = [await world.call("GET", where, "amara"), await world.call("GET", "/v1/introductions", "amara")]
        for command, body in (
            ("sent", None), ("talked", None), ("outcome", {"outcome": "hired"}), ("target-answer", {"answer": "yes"}),
            ("answer", {"answer": "yes"}),
        ):  # fmt: skip
            answers.append(await world.call("POST", f"{where}/{command}", "amara", json=body))
        return "".join(answer.text + str(answer.headers) for answer in answers)

    for step in (None, "accept"):
        if step:
            await world.answer(one, "mei", "yes")
        read = await look()
        assert not any(secret in read for secret in SECRETS)
    world.clock.day(9)
    await world.tick()
    assert (await world.get(where, "amara"))["state"] == "ended"
    read = await look()
    assert not any(secret in read for secret in SECRETS)


async def test_nobody_else_learns_that_there_is_an_introduction(world):
    one = await asked(world)
    for somebody in ("ida", "kai", "tom"):
        for method, path in (("GET", ""), ("POST", "/talked"), ("POST", "/withdraw"), ("POST", "/sent")):
            answer = await world.call(method, f"/v1/introductions/{one['id']}{path}", somebody)
            unknown = await world.call(method, f"/v1/introductions/nothing{path}", somebody)
            assert (answer.status_code, answer.json()["detail"]) == (404, "no such introduction")
            assert (unknown.status_code, unknown.json()["detail"]) == (404, "no such introduction")
        for role in ("seeker", "introducer", "target"):
            assert (await world.get(f"/v1/introductions?role={role}", somebody))["items"] == []


async def test_repeating_an_answer_changes_nothing_and_another_one_is_refused(world):
    one = await asked(world)
    first = await world.answer(one, "mei", "yes")
    before = await world.records()
    assert await world.answer(one, "mei", "yes") == first
    assert await world.records() == before
    refused = await world.call("POST", f"/v1/introductions/{one['id']}/outcome", "amara", json={"outcome": "hired"})
    assert refused.json()["detail"] == "the introducer has agreed to ask; now you can: withdraw"


async def test_asking_again_with_the_same_key_asks_once(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    body = {"suggestion_id": "amara/o1", "introducer_ids": ["mei"], "known_as_looking": True}
    options: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "k1"}}
    first = await world.call("POST", "/v1/introductions", "amara", **options)
    again = await world.call("POST", "/v1/introductions", "amara", **options)
    assert (first.status_code, again.text) == (201, first.text)
    assert first.headers["location"] == f"/v1/introductions/{first.json()['id']}"
    assert (await world.call("POST", "/v1/introductions", "amara", json=body)).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"known_as_looking": False}, "known_as_looking"),
        ({"introducer_ids": []}, "introducer_ids"),
        ({"introducer_ids": ["a", "b", "c", "d"]}, "introducer_ids"),
        ({"introducer_ids": ["mei", "mei"]}, "body"),
        ({"company": "Initech"}, "body"),
        ({"suggestion_id": None}, "body"),
        ({"note": "  "}, "note"),
        ({"notes": "x"}, "notes"),
    ],
)
async def test_a_wrong_field_is_named(world, changes: dict[str, Any], field: str):
    body = {"suggestion_id": "amara/o1", "introducer_ids": ["mei"], "known_as_looking": True} | changes
    answer = await world.call("POST", "/v1/introductions", "amara", json=body)
    assert answer.status_code == 422
    assert field in {each["field"].split(".")[0] for each in answer.json()["errors"]}


async def test_asking_about_a_company(world):
    await world.member("amara", "mei", "ida")
    world.matcher.paths["amara", "Initech GmbH"] = [
        {
            "introducer_id": "mei", "insider_id": "ida", "score": 0.3, "ask": "app", "target_ask": "hand",
            "firmness": 0.9, "target_firmness": 0.0,
        }
    ]  # fmt: skip
    preview = "/v1/introductions/preview?company=Initech%20GmbH&introducer_id=mei"
    for more, about in (("", "in Initech GmbH."), ("&title=Cook", "in the opening Cook at Initech GmbH.")):
        assert f"I am interested {about}" in (await world.get(preview + more, "amara"))["note"]
    body = {"company": "Initech GmbH", "introducer_ids": ["mei"], "known_as_looking": True}
    one = await world.post("/v1/introductions", "amara", body, 201)
    assert (one["company"], one.get("title"), one["state"]) == ("Initech GmbH", None, "asked")
    record = (await world.records())[one["id"]]
    assert (record["company"], record["legs"]) == ("Initech GmbH", {"introducer": "app", "target": "hand"})


async def test_without_the_matcher_nothing_is_asked(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    world.matcher.away = True
    await world.ask("amara", "mei", expected=503)
    assert await world.records() == {}


async def test_pages_and_filters(world):
    await world.member("amara", "mei", "kai", "ida")
    made = []
    for number, introducer in enumerate(("mei", "kai", "tom")):
        await world.path("amara", introducer, posting_id=f"o{number}")
        world.clock.day(1 + number)
        made.append(await world.ask("amara", introducer, posting_id=f"o{number}"))
    await world.answer(made[0], "mei", "not_now", tell="now")
    first = await world.get("/v1/introductions?limit=2", "amara")
    rest = await world.get(f"/v1/introductions?limit=2&cursor={first['next']}", "amara")
    assert [each["id"] for each in (*first["items"], *rest["items"])] == [each["id"] for each in reversed(made)]
    assert "next" not in rest
    assert len((await world.get("/v1/introductions?state=open", "amara"))["items"]) == 2
    [ended] = (await world.get("/v1/introductions?state=ended", "amara"))["items"]
    assert ended["sentence"]
    assert (await world.call("GET", "/v1/introductions?cursor=x", "amara")).status_code == 422


async def test_a_draft_is_sent_by_hand(world):
    await world.member("amara", "mei", introduces=False)
    await world.path("amara", "mei", "mei", ask="hand", target_ask="hand")
    one = await world.ask("amara", "mei")
    assert (one["state"], one["leg"], one["sent"], one["possible"]) == ("asked", "hand", False, ["withdraw", "sent"])
    world.clock.day(3)
    after = await world.post(f"/v1/introductions/{one['id']}/sent", "amara")
    assert (after["sent"], after["next"]["at"][:10]) == (True, "2026-03-10")
