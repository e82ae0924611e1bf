"""The producer API on a real database: answers, refusals, and the event that each change leaves in the outbox."""

import asyncio
from typing import Any

import pytest

OPENING: dict[str, Any] = {
    "company": {"name": "Initech", "domain": "initech.example"},
    "title": "Data Engineer",
    "skills": ["Python", "SQL"],
    "workplace": "remote",
}
BASE = "/v1/postings"


async def post(service, key: str, **changes: Any) -> dict[str, Any]:
    answer = await service.call("POST", BASE, key, json=OPENING | changes)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PUT", "", OPENING),
        ("PATCH", "", {"title": "Architect"}),
        ("DELETE", "", None),
        ("POST", "/close", None),
        ("GET", "/reach", None),
    ],
)
async def test_somebody_elses_posting_is_not_there(service, key, other_key, method, path, body):
    posting_id = (await post(service, key))["posting_id"]
    before = await service.event_of(posting_id)
    answer = await service.call(method, f"{BASE}/{posting_id}{path}", other_key, json=body)
    assert answer.status_code == 404
    assert (await service.call(method, f"{BASE}/none{path}", key, json=body)).status_code == 404
    assert await service.event_of(posting_id) == before
    assert (await service.call("GET", BASE, other_key)).json()["items"] == []


async def test_a_posting_is_kept_and_published(service, key):
    await service.agrees("person-9", service.keys[0])
    sent = OPENING | {"external_id": "REQ-1", "salary": {"min": 1.5, "currency": "eur"}, "hiring_contact": "person-9"}
    answer = await service.call("POST", BASE, key, json=sent)
    assert answer.status_code == 201
    receipt = answer.json()
    assert answer.headers["location"] == f"{BASE}/{receipt['posting_id']}"
    assert answer.headers["etag"] == f'"{receipt["version"]}"'
    version, value = await service.event_of(receipt["posting_id"])
    assert version == value["version"] == receipt["version"]
    assert value["status"] == "open"
    assert value["posted_at"] == "2026-03-10T15:30:00Z"
    assert value["salary"] == {"min": 1.5, "currency": "EUR", "period": "year"}
    view = (await service.call("GET", answer.headers["location"], key)).json()
    assert {name: view[name] for name in value} == value | {"salary": value["salary"] | {"max": None}}
    assert view["external_id"] == "REQ-1"
    assert "hiring_contact" not in receipt


async def test_the_api_key_header_works_too(service, key):
    assert (await service.call("GET", BASE, headers={"X-API-Key": key})).status_code == 200


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": " "}),
        ("company.domain", {"company": {"name": "A", "domain": "no domain"}}),
        ("salary.max", {"salary": {"min": 2, "max": 1, "currency": "EUR"}}),
        ("skills.0", {"skills": [""]}),
        ("workplace", {"workplace": "moon"}),
        ("valid_through", {"valid_through": "2026-03-09"}),
        ("posted_at", {"posted_at": "2026-03-11"}),
        ("tilte", {"tilte": "typo"}),
        ("title", {"title": "bell \x07"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_bad_body_names_the_field(service, key, method, field, changes):
    path = BASE if method == "POST" else f"{BASE}/{(await post(service, key))['posting_id']}"
    count = len(await service.events())
    answer = await service.call(method, path, key, json=OPENING | changes)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert len(await service.events()) == count


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b"3", b"null", b"", b'{"title": NaN}'])
async def test_what_is_no_opening_at_all_is_a_422(service, key, body):
    answer = await service.call("POST", BASE, key, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


@pytest.mark.parametrize("odd", [b'"\\ud800": 1', b'"title": "\\ud800"'])
async def test_half_a_surrogate_pair_is_a_422(service, key, odd):
    body = b'{"company": {"name": "A"}, "title": "T", "workplace": "remote", ' + odd + b"}"
    answer = await service.call("POST", BASE, key, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_too_much_is_a_413(service, key):
    big = OPENING | {"description": "𝄞" * 50_000, "skills": [f"{n}" + "𝄞" * 250 for n in range(100)]}
    assert (await service.call("POST", BASE, key, json=big)).status_code == 413
    assert (await service.call("POST", BASE, key, content=b" " * 1_100_000)).status_code == 413
    assert await service.events() == []


async def test_an_external_id_makes_post_an_upsert(service, key, other_key):
    first = await post(service, key, external_id="REQ-1")
    same = await service.call("POST", BASE, key, json=OPENING | {"external_id": "REQ-1"})
    assert (same.status_code, same.json()) == (200, first)
    changed = await service.call("POST", BASE, key, json=OPENING | {"external_id": "REQ-1", "title": "Lead"})
    assert changed.status_code == 200
    assert changed.json()["posting_id"] == first["posting_id"]
    assert changed.json()["version"] > first["version"]
    assert (await service.event_of(first["posting_id"]))[1]["title"] == "Lead"
    theirs = await post(service, other_key, external_id="REQ-1")
    assert theirs["posting_id"] != first["posting_id"]


async def test_one_external_id_at_the_same_time_makes_one_posting(service, key):
    answers = await asyncio.gather(*(post(service, key, external_id="REQ-1", title=f"T{n}") for n in range(8)))
    assert len({answer["posting_id"] for answer in answers}) == 1
    assert len({answer["version"] for answer in answers}) == 8
    version, value = await service.event_of(answers[0]["posting_id"])
    assert version == max(answer["version"] for answer in answers)
    listed = (await service.call("GET", BASE, key)).json()["items"]
    assert [(item["version"], item["title"]) for item in listed] == [(version, value["title"])]


async def test_put_replaces_the_whole_content(service, key):
    first = await post(service, key, external_id="REQ-1", seniority="lead", url="https://initech.example/1")
    service.clock.moment = service.clock.moment.replace(hour=18)
    path = f"{BASE}/{first['posting_id']}"
    answer = await service.call("PUT", path, key, json=OPENING | {"title": "Architect"})
    assert answer.status_code == 200
    version, value = await service.event_of(first["posting_id"])
    assert version == answer.json()["version"] > first["version"]
    assert (value["title"], value["posted_at"]) == ("Architect", "2026-03-10T15:30:00Z")
    assert "seniority" not in value
    view = (await service.call("GET", path, key)).json()
    assert (view["seniority"], view["url"], view["external_id"]) == (None, None, "REQ-1")
    again = await service.call("PUT", path, key, json=view)
    assert again.json()["version"] == version, "what was read and sent back unchanged is no change"


async def test_put_refuses_an_external_id_of_another_posting(service, key):
    await post(service, key, external_id="REQ-1")
    second = await post(service, key, external_id="REQ-2")
    answer = await service.call("PUT", f"{BASE}/{second['posting_id']}", key, json=OPENING | {"external_id": "REQ-1"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("if_match", "expected"), [("*", 200), ('"1"', 412), ("W/nonsense", 412), ('"1", {}', 200), ("²", 412)]
)
async def test_if_match_guards_a_change(service, key, if_match, expected):
    answer = await service.call("POST", BASE, key, json=OPENING)
    path, headers = answer.headers["location"], {"If-Match": if_match.format(answer.headers["etag"]).encode()}
    changed = await service.call("PUT", path, key, json=OPENING | {"title": "Lead"}, headers=headers)
    assert changed.status_code == expected
    if expected == 412:
        assert (await service.call("DELETE", path, key, headers=headers)).status_code == 412
        assert (await service.call("GET", path, key)).json()["title"] == "Data Engineer"
    else:
        headers["If-Match"] = changed.headers["etag"]
        assert (await service.call("DELETE", path, key, headers=headers)).status_code == 204


async def test_closing_twice_is_closing_once(service, key):
    first = await post(service, key)
    path = f"{BASE}/{first['posting_id']}"
    once = await service.call("POST", f"{path}/close", key)
    twice = await service.call("POST", f"{path}/close", key)
    assert (once.status_code, twice.status_code) == (200, 200)
    assert once.json() == twice.json()
    version, value = await service.event_of(first["posting_id"])
    assert (version, value["status"]) == (once.json()["version"], "closed")
    assert version > first["version"]


async def test_deleting_leaves_a_tombstone_of_a_higher_version(service, key):
    first = await post(service, key, external_id="REQ-1")
    path = f"{BASE}/{first['posting_id']}"
    assert (await service.call("DELETE", path, key)).status_code == 204
    version, value = await service.event_of(first["posting_id"])
    assert value is None
    assert version > first["version"]
    assert (await service.call("GET", path, key)).status_code == 404
    assert (await service.call("DELETE", path, key)).status_code == 404
    assert (await post(service, key, external_id="REQ-1"))["posting_id"] != first["posting_id"]


async def test_a_version_grows_though_the_clock_stands_behind(service, key):
    first = await post(service, key)
    ahead = first["version"] + 10**9
    await service.pool.execute(
        "UPDATE postings SET record = record || jsonb_build_object('version', $1::bigint)", ahead
    )
    closed = (await service.call("POST", f"{BASE}/{first['posting_id']}/close", key)).json()
    assert closed["version"] == ahead + 1


async def test_lists_are_paged_newest_first(service, key):
    moments = [
        "2026-03-01",
        "2026-03-03T10:00:00+02:00",
        "2026-03-03T08:00:00Z",
        "2026-02-01",
        "2026-03-10T15:30:00.000001Z",
    ]
    for number, moment in enumerate(moments):
        await post(service, key, posted_at=moment, title=f"T{number}")
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while cursor or not seen:
        answer = await service.call("GET", BASE, key, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += answer.json()["items"]
        cursor = answer.json()["next"]
    assert [item["title"] for item in seen][0::3] == ["T4", "T0"]
    assert {item["title"] for item in seen[1:3]} == {"T1", "T2"}
    assert [item["title"] for item in seen][-1] == "T3"
    assert len(seen) == 5


async def test_lists_are_narrowed(service, key):
    await post(service, key, title="Ärztin 100%", posted_at="2026-03-01")
    closed = await post(service, key, title="Engineer", company={"name": "ΟΜΕΓΑ"}, posted_at="2026-03-05")
    await service.call("POST", f"{BASE}/{closed['posting_id']}/close", key)

    async def titles(**params: str) -> list[str]:
        answer = await service.call("GET", BASE, key, params=params)
        assert answer.status_code == 200, answer.text
        return [item["title"] for item in answer.json()["items"]]

    assert await titles(status="closed") == ["Engineer"]
    assert await titles(status="open") == ["Ärztin 100%"]
    assert await titles(company="omega") == []
    assert await titles(company="ομεγα") == ["Engineer"]
    assert await titles(company="Initech.example") == ["Ärztin 100%"]
    assert await titles(title="ÄRZ") == ["Ärztin 100%"]
    assert await titles(title="0%") == ["Ärztin 100%"]
    assert await titles(title="_") == []
    assert await titles(posted_after="2026-03-05") == ["Engineer"]
    assert await titles(posted_before="2026-03-05") == ["Ärztin 100%"]


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("cursor", {"cursor": "x"}),
        ("cursor", {"cursor": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwieCJd"}),  # before the first moment there is
        ("limit", {"limit": "0"}),
        ("status", {"status": "lost"}),
        ("company", {"company": "\x00"}),
        ("title", {"title": ""}),
        ("posted_after", {"posted_after": "soon"}),
        ("posted_before", {"posted_before": "9999-12-31T23:59:59-10:00"}),
    ],
)
async def test_a_bad_parameter_is_named(service, key, field, params):
    answer = await service.call("GET", BASE, key, params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_path_that_is_no_id_is_a_422(service, key):
    answer = await service.call("GET", f"{BASE}/%00", key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "posting_id")


async def test_a_repeated_request_has_one_effect(service, key, other_key):
    headers = {"Idempotency-Key": "once"}
    first = await service.call("POST", BASE, key, json=OPENING, headers=headers)
    again = await service.call("POST", BASE, key, json=OPENING, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    other = await service.call("POST", BASE, key, json=OPENING | {"title": "Lead"}, headers=headers)
    assert other.status_code == 409
    theirs = await service.call("POST", BASE, other_key, json=OPENING, headers=headers)
    assert theirs.json()["posting_id"] != first.json()["posting_id"]
    assert len(await service.events()) == 2


async def test_repeated_at_the_same_time_it_has_one_effect_too(service, key):
    headers = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*(service.call("POST", BASE, key, json=OPENING, headers=headers) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["posting_id"] for answer in answers}) == 1
    assert len(await service.events()) == 1


async def test_a_refused_request_does_not_use_its_key_up(service, key):
    headers = {"Idempotency-Key": "once"}
    bad = OPENING | {"valid_through": "2026-03-09"}
    assert (await service.call("POST", BASE, key, json=bad, headers=headers)).status_code == 422
    assert (await service.call("POST", BASE, key, json=OPENING, headers=headers)).status_code == 201


async def test_a_commit_that_fails_leaves_nothing(service, key):
    await service.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_up CHECK (topic <> 'postings.v1') NOT VALID")
    answer = await service.call("POST", BASE, key, json=OPENING, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 500
    assert "full_up" not in answer.text
    for table in ("postings", "outbox", "idempotency"):
        assert await service.pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - names from above
