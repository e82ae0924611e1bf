"""What recruiters do to openings stands in the audit, and what operators do to topics and dead letters."""

import asyncio
from contextvars import Context
from datetime import timedelta

import pytest

from services.postings import timers
from tests.component.postings.conftest import ADA, OPERATOR
from tests.component.postings.test_api import OPENING


async def test_an_openings_life_is_found_by_its_id(service, key):
    made = (await service.call("POST", "/v1/postings", key, json=OPENING)).json()
    path = f"/v1/postings/{made['posting_id']}"
    await service.call("PUT", path, key, json=OPENING)  # the same: nothing was changed
    await service.call("PUT", path, key, json=OPENING | {"title": "Another"})
    await service.call("POST", f"{path}/close", key)
    await service.call("DELETE", path, key)
    answer = await service.call("GET", "/internal/v1/audit", OPERATOR, params={"about": made["posting_id"]})
    lines = answer.json()["items"]
    assert [line["action"] for line in reversed(lines)] == [
        "posting.posted",
        "posting.changed",
        "posting.closed",
        "posting.deleted",
    ]
    assert {line["actor"] for line in lines} == {"recruiter"}


async def test_each_row_of_a_bulk_is_noted(service, key):
    await service.call("POST", "/v1/postings/bulk", key, json=[OPENING, OPENING | {"title": "Another"}])
    lines = (await service.call("GET", "/internal/v1/audit", OPERATOR)).json()["items"]
    assert [line["action"] for line in lines].count("posting.posted") == 2


async def noted(service):
    lines = (await service.call("GET", "/internal/v1/audit", OPERATOR)).json()["items"]
    return [(line["actor"], line["action"], line["subject"]) for line in reversed(lines)]


async def test_that_an_opening_was_closed_by_nobody_is_said(service, key):
    made = (await service.call("POST", "/v1/postings", key, json=OPENING | {"valid_through": "2026-03-10"})).json()
    service.clock.moment += timedelta(days=1)
    tick = timers.tick(service.pool, service.clock)
    await asyncio.create_task(tick, context=Context())  # of no request's
    await timers.tick(service.pool, service.clock)
    assert (await noted(service))[-1] == ("service", "posting.expired", made["posting_id"])
    assert [action for _, action, _ in await noted(service)].count("posting.expired") == 1


async def test_a_comparison_that_was_cut_off_was_begun(service):
    for dry, expected in (("true", []), ("false", [("operator", "topic.reconciling", "postings.v1")])):
        params = {"topic": "postings.v1", "dry_run": dry}
        answer = await service.call("POST", "/internal/v1/reconcile", OPERATOR, params=params)
        assert answer.status_code == 503, "there is no Kafka here"
        assert await noted(service) == expected


async def test_what_is_done_with_letters_is_noted_by_place(service):
    told = {"step": "dropping", "letters": ["0:17", "2:4"]}
    answer = await service.call("POST", "/internal/v1/audit/letters", OPERATOR, json=told)
    assert answer.status_code == 204, answer.text
    rows = [("operator", "letter.dropping", f"postings.dlq {place}") for place in told["letters"]]
    assert await noted(service) == rows
    about = {"about": "postings.dlq 2:4"}
    found = (await service.call("GET", "/internal/v1/audit", OPERATOR, params=about)).json()["items"]
    assert [line["subject"] for line in found] == ["postings.dlq 2:4"]


async def test_an_operator_with_a_token_of_their_own_stands_there_by_name(service):
    told = {"step": "dropping", "letters": ["0:17"]}
    for token in (ADA, OPERATOR):
        assert (await service.call("POST", "/internal/v1/audit/letters", token, json=told)).status_code == 204
    lines = (await service.call("GET", "/internal/v1/audit", ADA)).json()["items"]
    assert [(line["actor"], line["actor_id"]) for line in reversed(lines)] == [
        ("operator", "ada"),
        ("operator", "operator"),
    ]


@pytest.mark.parametrize(
    "told",
    [
        {"step": "erased", "letters": ["0:17"]},
        {"step": "dropped", "letters": ["dana@example.org"]},
        {"step": "dropped", "letters": ["0:1\n"]},
        {"step": "dropped", "letters": []},
        {"step": "dropped", "letters": ["0:17"], "by": "Dana Okafor"},
    ],
)
async def test_nothing_else_can_be_noted(service, told):
    answer = await service.call("POST", "/internal/v1/audit/letters", OPERATOR, json=told)
    assert answer.status_code == 422
    assert await noted(service) == []


async def test_only_operators_have_letters_noted(service, key):
    told = {"step": "dropped", "letters": ["0:17"]}
    answer = await service.call("POST", "/internal/v1/audit/letters", key, json=told)
    assert answer.status_code == 403
