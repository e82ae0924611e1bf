"""Many openings at once: good rows go in though others fail."""

import json
from typing import Any

import pytest

from services.postings import bulk_api

PATH = "/v1/postings/bulk"


def opening(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "external_id": f"REQ-{number}",
        "company": {"name": "Initech"},
        "title": f"T{number}",
        "workplace": "remote",
    } | changes


MIXED = [
    opening(0),
    opening(1, workplace="moon", title=""),
    "no opening",
    opening(3, valid_through="2026-03-09"),
    opening(4),
    opening(0, title="newer"),
    opening(6, description="𝄞" * 50_000, skills=[f"{n}" + "𝄞" * 250 for n in range(100)]),
]
EXPECTED = ["created", "refused", "refused", "refused", "created", "updated", "refused"]


def check_mixed(report: dict[str, Any]) -> None:
    results = report["results"]
    assert [result["status"] for result in results] == EXPECTED
    assert [result["index"] for result in results] == list(range(7))
    assert {status: report[status] for status in ("created", "updated", "unchanged", "refused")} == {
        "created": 2,
        "updated": 1,
        "unchanged": 0,
        "refused": 4,
    }
    fields = [[error["field"] for error in result.get("errors", [])] for result in results]
    assert fields == [[], ["title", "workplace"], ["row"], ["valid_through"], [], [], ["row"]]
    assert results[0]["posting_id"] == results[5]["posting_id"]
    assert results[5]["version"] > results[0]["version"]


async def check_stored(service, key, results: list[dict[str, Any]]) -> None:
    items = (await service.call("GET", "/v1/postings", key)).json()["items"]
    assert {item["external_id"]: item["title"] for item in items} == {"REQ-0": "newer", "REQ-4": "T4"}
    published = {posting_id: (version, value["title"]) for _, posting_id, version, value in await service.events()}
    assert published == {
        results[5]["posting_id"]: (results[5]["version"], "newer"),
        results[4]["posting_id"]: (results[4]["version"], "T4"),
    }


async def test_an_array_of_good_and_bad_rows(service, key):
    answer = await service.call("POST", PATH, key, json=MIXED)
    assert answer.status_code == 200
    check_mixed(answer.json())
    await check_stored(service, key, answer.json()["results"])


async def test_lines_of_good_and_bad_rows(service, key):
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in MIXED]
    body = b"\xef\xbb\xbf" + b"\r\n\r\n".join(lines) + b"\n"
    headers = {"content-type": "application/x-ndjson; charset=utf-8"}
    answer = await service.call("POST", PATH, key, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    check_mixed(answer.json())
    assert [result["line"] for result in answer.json()["results"]] == [1, 3, 5, 7, 9, 11, 13]
    await check_stored(service, key, answer.json()["results"])


async def test_a_line_that_cannot_be_read_spoils_no_other(service, key):
    good = json.dumps(opening(1)).encode()
    lines = [b"{", b"\xff\xfe", b"[" * 50_000, b'{"a": NaN}', b'{"\\ud800": 1}', good]
    answer = await service.call(
        "POST", PATH, key, content=b"\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 200, answer.text
    assert [result["status"] for result in answer.json()["results"]] == ["refused"] * 5 + ["created"]
    assert all(result["errors"] for result in answer.json()["results"][:5])


async def test_the_same_feed_again_changes_nothing(service, key):
    feed = [opening(number) for number in range(3)]
    first = (await service.call("POST", PATH, key, json=feed)).json()
    again = (await service.call("POST", PATH, key, json=feed)).json()
    assert [result["status"] for result in again["results"]] == ["unchanged"] * 3
    assert [result["version"] for result in again["results"]] == [result["version"] for result in first["results"]]
    assert len(await service.events()) == 3


async def test_rows_without_an_id_of_their_own_are_always_new(service, key):
    row = opening(1, external_id=None)
    report = (await service.call("POST", PATH, key, json=[row, row])).json()
    assert report["created"] == 2
    assert len({result["posting_id"] for result in report["results"]}) == 2


async def test_a_repeated_bulk_has_one_effect(service, key):
    headers = {"Idempotency-Key": "once"}
    rows = [opening(1, external_id=None), {"title": 1}]
    first = await service.call("POST", PATH, key, json=rows, headers=headers)
    again = await service.call("POST", PATH, key, json=rows, headers=headers)
    assert again.json() == first.json()
    assert len(await service.events()) == 1
    assert (await service.call("POST", PATH, key, json=rows[:1], headers=headers)).status_code == 409


async def test_another_organisations_rows_stay_their_own(service, key, other_key):
    mine = (await service.call("POST", PATH, key, json=[opening(1)])).json()["results"][0]
    theirs = (await service.call("POST", PATH, other_key, json=[opening(1)])).json()["results"][0]
    assert theirs["status"] == "created"
    assert theirs["posting_id"] != mine["posting_id"]


async def test_a_thousand_rows_are_taken_and_no_more(service, key):
    rows = [opening(number) for number in range(bulk_api.MAX_ROWS + 1)]
    refused = await service.call("POST", PATH, key, json=rows)
    assert refused.status_code == 413
    report = (await service.call("POST", PATH, key, json=rows[:-1])).json()
    assert report["created"] == bulk_api.MAX_ROWS
    assert len(await service.events()) == bulk_api.MAX_ROWS


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (415, "text/html", b"title\n"),
        (422, "text/csv", b"title\n"),
        (422, "text/csv", b"titel\nEngineer\n"),
        (415, "", b"[]"),
        (422, "application/json", b"[]"),
        (422, "application/json", b"{}"),
        (422, "application/json", b"["),
        (422, "application/json", b"[" * 100_000),
        (422, "application/x-ndjson", b"\n\n"),
        (413, "application/json", b" " * (bulk_api.MAX_BYTES + 1)),
    ],
)
async def test_what_is_no_feed_at_all_is_refused(service, key, status, kind, body):
    answer = await service.call("POST", PATH, key, content=body, headers={"content-type": kind} if kind else {})
    assert answer.status_code == status, answer.text


async def test_a_feed_longer_than_a_single_body_is_taken(service, key):
    rows = [opening(number, description="x" * 40_000) for number in range(50)]
    assert (await service.call("POST", PATH, key, json=rows)).json()["created"] == 50
