"""Who may ask what: every endpoint with no token, the wrong kind of caller, somebody else's item, a bad request."""

import pytest

from services.notifications.kinds import SENTENCES

from .conftest import OPERATOR, SERVICE, between, direct, record, suggestion, token

OWN = [
    ("GET", "/v1/inbox"),
    ("GET", "/v1/inbox/count"),
    ("GET", "/v1/inbox/some-item"),
    ("POST", "/v1/inbox/some-item/read"),
    ("GET", "/v1/inbox/some-item/draft"),
    ("PUT", "/v1/inbox/some-item/saved"),
    ("DELETE", "/v1/inbox/some-item/saved"),
    ("PUT", "/v1/inbox/some-item/hidden"),
    ("DELETE", "/v1/inbox/some-item/hidden"),
    ("GET", "/v1/inbox/some-item/withdrawn"),
    ("GET", "/v1/hidden"),
    ("GET", "/v1/draft"),
    ("PUT", "/v1/hidden/people/somebody"),
    ("DELETE", "/v1/hidden/people/somebody"),
    ("GET", "/v1/inbox/stream"),
    ("GET", "/v1/preferences"),
    ("PUT", "/v1/preferences"),
]
ITEM = [each for each in OWN if "some-item" in each[1]]


def bearer(shown):
    return {"Authorization": f"Bearer {shown}"}


@pytest.mark.parametrize(("method", "path"), [*OWN, ("GET", "/internal/v1/stats")])
async def test_without_a_token_it_is_a_401(world, method, path):
    for headers in ({}, bearer("wpm_nobody"), bearer("made-up")):
        answer = await world.http.request(method, path, headers=headers, json={})
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), OWN)
async def test_for_other_kinds_of_callers_it_is_a_403(world, method, path):
    for shown in ("wpr_recruiter", SERVICE):
        answer = await world.http.request(method, path, headers=bearer(shown), json={})
        assert answer.status_code == 403, (path, shown)


async def test_stats_are_for_the_operator(world):
    for shown in (token("ada"), "wpr_recruiter", SERVICE):
        assert (await world.http.get("/internal/v1/stats", headers=bearer(shown))).status_code == 403


@pytest.mark.parametrize(("method", "path"), ITEM)
async def test_somebody_elses_item_is_a_404_like_one_that_is_not_there(world, method, path):
    made = suggestion("ada")
    await world.apply(record(made))
    theirs = await world.http.request(
        method, path.replace("some-item", made.suggestion_id), headers=bearer(token("bob"))
    )
    missing = await world.http.request(method, path, headers=bearer(token("bob")))
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json()["detail"] == missing.json()["detail"]
    assert [item["status"] for item in await world.inbox("ada")] == ["unread"]


@pytest.mark.parametrize(("method", "path"), OWN)
async def test_a_member_acts_for_nobody_else(world, method, path):
    answer = await world.http.request(method, path, params={"member": "bob"}, headers=bearer(token("ada")), json={})
    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path"), OWN)
async def test_an_operator_says_for_whom(world, method, path):
    answer = await world.http.request(method, path, headers=bearer(OPERATOR), json={})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "member"


async def test_an_operator_sees_the_inbox_they_name(world):
    await world.apply(record(suggestion("ada")))
    answer = await world.http.get("/v1/inbox", params={"member": "ada"}, headers=bearer(OPERATOR))
    assert [item["title"] for item in answer.json()["items"]] == ["Role p1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"sort": "score"}, "sort"),
        ({"unread": "perhaps"}, "unread"),
        ({"kind": "gossip"}, "kind.0"),
        ({"cursor": "?"}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLCJ4Il0"}, "cursor"),  # of the other order
        ({"cursor": "WyJiZXN0IiwieCJd"}, "cursor"),  # an item that never was
    ],
)
async def test_a_bad_query_is_a_422_that_names_the_field(world, query, field):
    answer = await world.get("/v1/inbox", "ada", params=query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timezone": "Middle/Earth"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"email": {"enabled": "perhaps"}}, "email.enabled"),
        ({"email": {"phone": True}}, "email.phone"),
        ({"inbox": False}, "inbox"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours.until"),
        ({"quiet_hours": {"from": "22:00", "until": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "late", "until": "07:00"}}, "quiet_hours.from"),
        (b"{", "body"),
    ],
)
async def test_a_bad_preference_is_a_422_that_names_the_field(world, body, field):
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    headers = bearer(token("ada")) | {"Content-Type": "application/json"}
    answer = await world.http.put("/v1/preferences", headers=headers, **content)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_preferences_are_kept_whole(world):
    assert (await world.get("/v1/preferences", "ada")).json() == {
        "email": {"enabled": True} | dict.fromkeys(SENTENCES, True),
        "timezone": "UTC",
        "quiet_hours": None,
    }
    chosen = {
        "email": {"enabled": True} | dict.fromkeys(SENTENCES, True) | {"suggestion": False, "offer": False},
        "timezone": "Asia/Tokyo",
        "quiet_hours": {"from": "22:00:00", "until": "07:00:00"},
    }
    assert (await world.http.put("/v1/preferences", headers=bearer(token("ada")), json=chosen)).json() == chosen
    assert (await world.get("/v1/preferences", "ada")).json() == chosen
    assert (await world.get("/v1/preferences", "bob")).json()["timezone"] == "UTC"


async def test_reading_twice_changes_nothing_more(world):
    made = suggestion("ada")
    await world.apply(record(made))
    path = f"/v1/inbox/{made.suggestion_id}/read"
    first, second = [await world.http.post(path, headers=bearer(token("ada"))) for _ in range(2)]
    assert first.json()["status"] == "read"
    assert first.json() == second.json()


async def test_without_profiles_the_inbox_stays_readable(world):
    made = suggestion("ada")
    await world.apply(record(made))
    await world.get("/v1/preferences", "ada")  # her token is known from now on
    world.profiles.away = True
    [item] = await world.inbox("ada")
    assert item["paths"][0]["name"] == "a contact of yours"


async def test_a_draft_is_for_the_best_who_is_asked_by_hand(world):
    made = suggestion("ada", "p1", between("ben"), direct("dana"), title="x" * 290)
    await world.apply(record(made))
    path = f"/v1/inbox/{made.suggestion_id}/draft"
    draft = (await world.get(path, "ada")).json()
    assert draft["introducer_id"] == "dana"
    assert draft["message"].startswith("Hi Dana, I'm Ada Sol (Engineer). ")
    assert draft["characters"] == len(draft["message"]) <= 300
    assert draft["subject"] == "A question about an opening at Initech"
    assert draft["mail"].startswith("Hi Dana,\n\nI'm Ada Sol (Engineer). Initech has an opening that fits me:\n")
    assert draft["forwardable"].startswith("Ada Sol (Engineer) is interested")
    assert (await world.get(path, "ada", params={"introducer": "dana"})).json() == draft
    assert (await world.get(path, "ada", params={"introducer": "ben"})).status_code == 409
    assert (await world.get(path, "ada", params={"introducer": "ines"})).status_code == 404


async def test_where_nobody_is_asked_by_hand_there_is_no_draft(world):
    made = suggestion("ada", "p1", between("ben"))
    await world.apply(record(made))
    assert (await world.get(f"/v1/inbox/{made.suggestion_id}/draft", "ada")).status_code == 409


async def test_stats_are_counts_only(world):
    await world.apply(record(suggestion("ada", "p1")), record(suggestion("ada", "p2"), cause="network"))
    await world.apply(record(suggestion("bob", "p1"), cause="network"))
    found = (await world.http.get("/internal/v1/stats", headers=bearer(OPERATOR))).json()
    assert found == {
        "suggestions": 3,
        "members": 2,
        "told": 1,
        "waiting": 2,
        "messages": 1,
        "notified": 1,
        "emails": {"queued": 1},
    }


async def test_ready_says_when_commits_are_not_heard_of(own_world):
    assert (await own_world.http.get("/ready")).json()["checks"] == {"database": "ok", "listener": "ok"}
    await own_world.app.state.dependencies.hub.stop()
    assert (await own_world.http.get("/ready")).status_code == 503
