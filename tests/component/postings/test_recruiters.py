"""What recruiters asked for: finding by their own id and by words, changing one field, feeds that respect a hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.postings import timers

OPENING = {"company": {"name": "Initech"}, "title": "Senior Data Engineer", "workplace": "remote"}
BASE = "/v1/postings"
OPERATOR = "operator-" + "o" * 20
SAME_ANSWER = "is the id of no member who agreed to be named by your organisation"


async def post(service, key, **changes):
    answer = await service.call("POST", BASE, key, json=OPENING | changes)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["posting_id"]


async def feed(service, key, *rows):
    report = (await service.call("POST", f"{BASE}/bulk", key, json=[OPENING | row for row in rows])).json()
    return [result["status"] for result in report["results"]]


async def view(service, key, posting_id):
    return (await service.call("GET", f"{BASE}/{posting_id}", key)).json()


async def test_an_opening_is_found_by_its_own_id(service, key, other_key):
    mine = await post(service, key, external_id="REQ-1")
    await post(service, key, external_id="REQ-11")
    await post(service, other_key, external_id="REQ-1")
    found = (await service.call("GET", f"{BASE}?external_id=REQ-1", key)).json()["items"]
    assert [each["posting_id"] for each in found] == [mine]


@pytest.mark.parametrize(
    ("words", "count"), [("engineer data", 1), ("ENGIN  senior", 1), ("data architect", 0), ("%", 0), (".*", 0)]
)
async def test_a_title_is_searched_by_its_words(service, key, words, count):
    await post(service, key)
    answer = await service.call("GET", BASE, key, params={"title": words})
    assert len(answer.json()["items"]) == count


async def test_one_field_is_changed(service, key):
    posting_id = await post(service, key, skills=["SQL"], external_id="REQ-1")
    before = await view(service, key, posting_id)
    headers = {"content-type": "application/merge-patch+json", "If-Match": f'"{before["version"]}"'}
    body = '{"title": "Architect", "skills": null, "status": "closed"}'
    answer = await service.call("PATCH", f"{BASE}/{posting_id}", key, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    after = await view(service, key, posting_id)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"title", "skills", "status", "version", "closed_by"}
    assert (await service.event_of(posting_id))[1]["title"] == "Architect"
    stale = await service.call("PATCH", f"{BASE}/{posting_id}", key, content="{}", headers=headers)
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("body", "field"),
    [({"titel": "x"}, "titel"), ({"company": None}, "company"), ({"salary": {"currency": "zzz"}}, "salary.currency")],
)
async def test_a_patch_that_makes_no_opening_names_the_field(service, key, body, field):
    posting_id = await post(service, key)
    before = await view(service, key, posting_id)
    answer = await service.call("PATCH", f"{BASE}/{posting_id}", key, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert await view(service, key, posting_id) == before


async def test_a_patch_may_not_take_another_postings_id(service, key):
    await post(service, key, external_id="REQ-1")
    answer = await service.call("PATCH", f"{BASE}/{await post(service, key)}", key, json={"external_id": "REQ-1"})
    assert answer.status_code == 409


async def test_a_feed_does_not_open_again_what_was_closed_by_hand(service, key):
    assert await feed(service, key, {"external_id": "REQ-1"}) == ["created"]
    posting_id = (await service.call("GET", BASE, key)).json()["items"][0]["posting_id"]
    await service.call("POST", f"{BASE}/{posting_id}/close", key)
    assert await feed(service, key, {"external_id": "REQ-1"}) == ["unchanged"]
    assert (await view(service, key, posting_id))["status"] == "closed"
    assert await feed(service, key, {"external_id": "REQ-1", "status": "open"}) == ["updated"]
    assert (await view(service, key, posting_id))["closed_by"] is None


async def test_a_feed_opens_again_what_it_closed_or_what_was_over(service, key):
    await feed(service, key, {"external_id": "REQ-1"}, {"external_id": "REQ-2", "valid_through": "2026-03-10"})
    await feed(service, key, {"external_id": "REQ-1", "status": "closed"})
    service.clock.moment += timedelta(days=1)
    await timers.tick(service.pool, service.clock)
    items = (await service.call("GET", f"{BASE}?status=closed", key)).json()["items"]
    by = {each["external_id"]: (await view(service, key, each["posting_id"]))["closed_by"] for each in items}
    assert by == {"REQ-1": "feed", "REQ-2": "expiry"}
    assert await feed(service, key, {"external_id": "REQ-1"}, {"external_id": "REQ-2"}) == ["updated", "updated"]
    assert (await service.call("GET", f"{BASE}?status=closed", key)).json()["items"] == []


async def test_what_was_over_and_then_closed_by_hand_stays_closed(service, key):
    await feed(service, key, {"external_id": "REQ-1", "status": "closed"})
    posting_id = (await service.call("GET", BASE, key)).json()["items"][0]["posting_id"]
    await service.call("POST", f"{BASE}/{posting_id}/close", key)
    assert await feed(service, key, {"external_id": "REQ-1"}) == ["unchanged"]


async def test_an_organisation_makes_so_many_new_openings_a_day(service, key, other_key, monkeypatch):
    deps = service.app.state.dependencies
    monkeypatch.setattr(
        service.app.state,
        "dependencies",
        replace(deps, settings=deps.settings.model_copy(update={"openings_a_day": 3})),
    )

    assert await feed(service, key, {"external_id": "REQ-1"}, {}, {"workplace": "moon"}) == [
        "created", "created", "refused",
    ]  # fmt: skip
    gone = await post(service, key)
    await service.call("DELETE", f"{BASE}/{gone}", key)
    assert await feed(service, key, {}, {"external_id": "REQ-1", "title": "Architect"}) == ["refused", "updated"]
    answer = await service.call("POST", BASE, key, json=OPENING)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 8.5 * 3600
    await post(service, other_key)
    service.clock.moment += timedelta(days=1)
    await timers.clean(service.pool, service.clock)
    await post(service, key)
    assert await service.pool.fetchval("SELECT count(*) FROM new_openings") == 1


async def test_only_a_member_who_agreed_is_named_and_the_answer_tells_nothing_of_others(service, key, other_key):
    assert key != other_key
    await service.agrees("agreed", service.keys[0])
    await service.agrees("agreed-to-another", service.keys[1])
    for contact in ("agreed-to-another", "nobody", "Jane Doe <jane@corp.example>"):
        for path, method, body in ((BASE, "POST", OPENING), (f"{BASE}/{await post(service, key)}", "PATCH", {})):
            answer = await service.call(method, path, key, json=body | {"hiring_contact": contact})
            assert answer.status_code == 422
            assert answer.json()["errors"] == [{"field": "hiring_contact", "reason": SAME_ANSWER}]
    assert (await view(service, key, await post(service, key, hiring_contact="agreed")))["hiring_contact"] == "agreed"


async def test_consent_that_is_taken_back_takes_the_name_off(service, key, other_key):
    assert key != other_key
    await service.agrees("m", *service.keys)
    mine, theirs = await post(service, key, hiring_contact="m"), await post(service, other_key, hiring_contact="m")
    before = await service.event_of(mine)
    await service.agrees("m", service.keys[1])
    version, value = await service.event_of(mine)
    assert version > before[0]
    assert "hiring_contact" not in value
    assert (await service.event_of(theirs))[1]["hiring_contact"] == "m"


async def test_an_opening_says_whether_somebody_vouches_for_who_posts_it(service, key):
    posting_id = await post(service, key)
    assert (await service.event_of(posting_id))[1]["vouched"] is True
    path = f"/internal/v1/organisations/{service.keys[0]['organisation_id']}/vouched"
    assert (await service.call("PUT", path, OPERATOR, json={"vouched": False})).status_code == 204
    await timers.tick(service.pool, service.clock)
    version, value = await service.event_of(posting_id)
    assert value["vouched"] is False
    await timers.tick(service.pool, service.clock)
    assert (await service.event_of(posting_id))[0] == version
    assert (await service.event_of(await post(service, key)))[1]["vouched"] is False
    nobody = "/internal/v1/organisations/nobody/vouched"
    assert (await service.call("PUT", nobody, OPERATOR, json={"vouched": True})).status_code == 404


async def test_openings_from_before_say_it_too(service, key):
    posting_id = await post(service, key)
    await service.pool.execute("UPDATE postings SET hiring_contact = 'm', record = record - 'vouched'")
    await timers.tick(service.pool, service.clock)
    value = (await service.event_of(posting_id))[1]
    assert value["vouched"] is True
    assert "hiring_contact" not in value


async def test_keys_are_listed_oldest_first(service, key):
    organisation = service.keys[0]["organisation_id"]
    path = f"/internal/v1/organisations/{organisation}/keys"
    service.clock.moment += timedelta(seconds=1)  # keys are listed in the order in which they were made
    second = (await service.call("POST", path, OPERATOR)).json()
    answer = await service.call("GET", path, OPERATOR)
    assert [each["key_id"] for each in answer.json()["items"]] == [service.keys[0]["key_id"], second["key_id"]]
    assert key not in answer.text
    assert second["api_key"] not in answer.text
    assert (await service.call("GET", "/internal/v1/organisations/nobody/keys", OPERATOR)).status_code == 404
