"""What a member saves and hides: lists, messages and other screens follow it, and all of it can be taken back."""

from datetime import timedelta

import pytest

from services.notifications import marks, store
from shared.events.suggestions import suggestion_id

from .conftest import NAMES, SERVICE, between, direct, erasure, listening, record, suggestion, token


async def call(world, method, path, member="ada", **options):
    answer = await world.http.request(method, path, headers={"Authorization": f"Bearer {token(member)}"}, **options)
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else None


async def hide(world, item_id, **options):
    return await call(world, "PUT", f"/v1/inbox/{item_id}/hidden", **options)


async def posted(world, posting="p1", *paths, cause="opening", **more):
    made = suggestion("ada", posting, *paths, **more)
    await world.apply(record(made, cause=cause))
    return made.suggestion_id


async def titles(world, **query):
    return [item["title"] for item in await world.inbox("ada", **query)]


async def test_as_many_are_counted_as_are_listed(world):
    hidden = await posted(world, "p1", direct("ben"))
    await posted(world, "p2", direct("dana"))
    gone = await posted(world, "p3", direct("ben"))
    await posted(world, "p4", direct("dana"), between("ben"))
    assert await call(world, "GET", "/v1/inbox/count") == {"suggestions": 4}
    await hide(world, hidden)
    await world.apply(record(gone))
    await call(world, "PUT", "/v1/hidden/people/dana")
    assert await call(world, "GET", "/v1/inbox/count") == {"suggestions": 1}
    assert len(await titles(world)) == 1
    assert await call(world, "GET", "/v1/inbox/count", "bob") == {"suggestions": 0}


async def test_other_services_hear_by_ids_what_is_hidden(world):
    hidden = await posted(world, "p1", direct("ben"))
    gone = await posted(world, "p2", direct("dana"))
    await posted(world, "p3", direct("dana"))
    for item_id in (hidden, gone):
        await hide(world, item_id)
    await world.apply(record(gone))
    await call(world, "PUT", "/v1/hidden/people/dana")
    for caller, status in ((SERVICE, 200), (token("ada"), 403)):
        headers = {"Authorization": f"Bearer {caller}"}
        answer = await world.http.get("/internal/v1/hidden?member=ada", headers=headers)
        assert answer.status_code == status
    headers = {"Authorization": f"Bearer {SERVICE}"}
    found = {who: (await world.http.get(f"/internal/v1/hidden?member={who}", headers=headers)).json() for who in NAMES}
    assert found == {
        "ada": {"suggestions": [hidden], "people": ["dana"]},
        **{who: {"suggestions": [], "people": []} for who in NAMES if who != "ada"},
    }


@pytest.mark.parametrize("sort", ["best", "newest"])
async def test_a_hidden_opening_is_not_listed_until_it_is_shown_again(world, sort):
    item_id = await posted(world)
    await posted(world, "p2")
    assert (await hide(world, item_id))["hidden"]
    assert await titles(world, sort=sort) == ["Role p2"]
    assert [item["id"] for item in (await call(world, "GET", "/v1/hidden"))["items"]] == [item_id]
    assert (await call(world, "GET", f"/v1/inbox/{item_id}"))["hidden"], "its own page is still there"
    await call(world, "DELETE", f"/v1/inbox/{item_id}/hidden")
    assert set(await titles(world, sort=sort)) == {"Role p1", "Role p2"}


async def test_what_is_hidden_stays_hidden_and_untold_whatever_becomes_of_it(world):
    item_id = await posted(world)
    await hide(world, item_id)
    told = await world.events("ada")
    await posted(world, "p1", direct("ben"))  # another introducer
    assert await world.events("ada") == told
    await world.apply(record(item_id))
    await world.pool.execute("UPDATE items SET told_at = told_at - interval '2 hours'")
    await posted(world)
    assert await titles(world) == []
    assert "suggestion" not in (await world.events("ada"))[len(told) :]


async def test_an_opening_hidden_before_the_summary_is_not_in_it(world):
    first = await posted(world, "p1", cause="network")
    await posted(world, "p2", cause="network")
    await hide(world, first)
    await world.make_due("ada")
    async with world.pool.acquire() as connection, connection.transaction():
        assert await store.send_summary(connection, "ada", email=True) == 1


async def test_a_hidden_person_is_suggested_nowhere_and_comes_back(world):
    both = await posted(world, "p1", direct("dana"), between("ben"))
    await posted(world, "p2", direct("dana"))
    await call(world, "PUT", "/v1/hidden/people/dana")
    [left] = await world.inbox("ada")
    assert (left["id"], [path["introducer_id"] for path in left["paths"]]) == (both, ["ben"])
    refused = await world.get(f"/v1/inbox/{both}/draft", "ada", params={"introducer": "dana"})
    assert refused.status_code == 404
    assert (await call(world, "GET", "/v1/hidden"))["people"] == [{"id": "dana", "name": "Dana Okafor"}]
    await call(world, "DELETE", "/v1/hidden/people/dana")
    assert set(await titles(world)) == {"Role p1", "Role p2"}


async def test_nobody_is_told_of_an_opening_through_hidden_people_alone(world):
    await call(world, "PUT", "/v1/hidden/people/dana")
    await posted(world, "p1", direct("dana"))
    assert (await world.events("ada"), await titles(world)) == ([], [])
    await posted(world, "p2", direct("dana"), direct("ben"))
    assert await world.events("ada") == ["suggestion"]


async def test_hiding_is_one_members_own(world):
    await posted(world)
    await world.apply(record(suggestion("bob")))
    await call(world, "PUT", "/v1/hidden/people/dana")
    assert await titles(world) == []
    assert len(await world.inbox("bob")) == 1


async def test_saved_ones_and_those_of_a_workplace_are_found(world):
    item_id = await posted(world, "p1", workplace="remote")
    await posted(world, "p2", workplace="onsite")
    assert (await call(world, "PUT", f"/v1/inbox/{item_id}/saved"))["saved"]
    assert await titles(world, saved="true") == ["Role p1"]
    assert await titles(world, workplace="onsite") == ["Role p2"]
    assert await titles(world, workplace="onsite", saved="true") == []
    await posted(world, "p1", direct("ben"), workplace="remote")
    assert await titles(world, saved="true") == ["Role p1"], "a change of the way in does not lose the mark"
    await call(world, "DELETE", f"/v1/inbox/{item_id}/saved")
    assert await titles(world, saved="true") == []


async def test_facts_of_the_opening_are_shown(world):
    pay = {"min": 50_000, "max": 60_000, "currency": "EUR", "period": "year"}
    await posted(world, workplace="hybrid", locations=("Lisbon\x07", "Porto"), salary=pay)
    [item] = await world.inbox("ada")
    assert (item["workplace"], item["locations"], item["salary"]) == ("hybrid", ["Lisbon", "Porto"], pay)


async def test_another_screen_hears_of_a_mark(world):
    item_id = await posted(world)
    async with listening(world, "ada") as events:
        assert (await events.next())[0] == "ready"
        await hide(world, item_id)
        kind, _, data = await events.next()
    assert (kind, data["id"], data["item"]["hidden"]) == ("updated", item_id, True)


async def test_a_withdrawn_item_says_which_opening_it_was_about_and_to_its_member_only(world):
    item_id = await posted(world)
    live = await world.get(f"/v1/inbox/{item_id}/withdrawn", "ada")
    await world.apply(record(item_id))
    assert live.status_code == 404
    assert (await call(world, "GET", f"/v1/inbox/{item_id}/withdrawn"))["posting_id"] == "p1"
    assert (await world.get(f"/v1/inbox/{item_id}/withdrawn", "bob")).status_code == 404


async def test_marks_outlive_a_withdrawal_but_not_their_member(world):
    item_id = await posted(world)
    await hide(world, item_id)
    await world.apply(record(item_id))
    await world.pool.execute("UPDATE items SET updated_at = updated_at - interval '40 days'")
    await delete_old(world)
    await posted(world)
    assert await titles(world) == []
    await call(world, "PUT", "/v1/hidden/people/dana", "bob")
    await world.apply(erasure("ada"), erasure("dana"))
    await world.pool.execute("UPDATE items SET updated_at = updated_at - interval '40 days'")
    await delete_old(world)
    assert not await world.pool.fetchval(
        "SELECT count(*) FROM items WHERE suggestion_id = $1", suggestion_id("ada", "p1")
    )
    assert (await call(world, "GET", "/v1/hidden", "bob"))["people"] == []


async def delete_old(world):
    month = timedelta(days=30)
    await store.delete_old(world.pool, versions=month, events=month, links=month)


async def test_only_so_many_people_are_hidden(world, monkeypatch):
    monkeypatch.setattr(marks, "MOST_PEOPLE", 1)
    await call(world, "PUT", "/v1/hidden/people/dana")
    await call(world, "PUT", "/v1/hidden/people/dana")
    refused = await world.http.put("/v1/hidden/people/ben", headers={"Authorization": f"Bearer {token('ada')}"})
    assert refused.status_code == 409
