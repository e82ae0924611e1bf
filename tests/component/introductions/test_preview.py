"""Before asking: what the introducer will see is told, and nothing changes."""

from typing import Any


async def preview(world: Any, introducer: str = "mei", **more: Any) -> Any:
    about = {"suggestion_id": "amara/o1", "introducer_id": introducer} | more
    return await world.get("/v1/introductions/preview", "amara", params=about)


async def test_it_says_what_will_be_seen_and_who_could_be_next(world):
    await world.member("amara", "mei", "kai", "ida")
    await world.path("amara", "mei")
    await world.path("amara", "kai", target="kai")
    before = await world.pool.fetchval("SELECT count(*) FROM introductions")
    said = await preview(world)
    assert (said["introducer"]["name"], said["title"], said["possible"]) == ("Mei Chen", "Data Engineer", True)
    assert (said["direct"], said["leg"]) == (False, "app")
    assert [one["name"] for one in said["others"]] == ["Kai Lund"]
    assert said["sees"][0].startswith("Your name, Amara Obi")
    assert "New here." in " ".join(said["sees"])
    assert "Mei" in said["note"]
    assert "SECRET" not in str(said)
    assert (await preview(world, "kai"))["direct"]
    assert await world.pool.fetchval("SELECT count(*) FROM introductions") == before


async def test_a_limit_of_the_seekers_own_is_told_and_nobody_elses(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    await world.call("PUT", "/v1/limits", "mei", json={"asks_a_month": 0})
    assert (await preview(world))["possible"]
    await world.ask("amara", "mei")
    said = await preview(world)
    assert not said["possible"]
    assert "already" in said["reason"]


async def test_without_a_path_it_is_not_possible(world):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    said = await preview(world, "nobody")
    assert not said["possible"]
    assert said["sees"] == []


async def test_what_the_introducer_asked_me_comes_first(world):
    await world.member("amara", "mei", "ida", "tom")
    await world.path("amara", "mei")
    await world.path("mei", "amara", target="tom", posting_id="o2")
    assert (await preview(world)).get("could_do", []) == []
    asked = await world.ask("mei", "amara", posting_id="o2")
    [sentence] = (await preview(world))["could_do"]
    assert "asked you" in sentence
    await world.answer(asked, "amara", "not_now")
    assert (await preview(world)).get("could_do", []) == []


async def test_either_a_suggestion_or_a_company(world):
    await world.member("amara")
    for about in ({"suggestion_id": "a/b", "company": "Initech"}, {}):
        answer = await world.call("GET", "/v1/introductions/preview", "amara", params={"introducer_id": "mei"} | about)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "suggestion_id"
    gone = await world.call(
        "GET", "/v1/introductions/preview", "amara", params={"introducer_id": "mei", "suggestion_id": "amara/gone"}
    )
    assert gone.status_code == 404
