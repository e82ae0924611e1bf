"""How many seekers an opening reaches: worked out by a timer now and then, kept as a step, never asked for at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from services.postings.reach import EVERY, RETRY, ReachTimer
from shared.web.client import internal_client

OPENING = {"company": {"name": "Initech"}, "title": "Engineer", "workplace": "remote"}
HOUR = timedelta(hours=1)
UNKNOWN = {"seekers": None, "counted_at": None}


class Matching:
    """A stand-in for matching: answers `answer`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answer: httpx2.Response | Exception = httpx2.Response(200, json={"seekers": 30, "ids": ["private"]})

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def reaches(self, seekers: int) -> None:
        self.answer = httpx2.Response(200, json={"seekers": seekers})


@pytest.fixture
def matching(service):
    made, state = Matching(), service.app.state
    settings = state.settings.model_copy(update={"urls": {"matching": "http://matching.test"}})
    client = internal_client(settings, httpx2.MockTransport(made))
    state.dependencies = replace(state.dependencies, client=client, settings=settings)
    return made


async def posted(service, key: str, **more) -> str:
    return (await service.call("POST", "/v1/postings", key, json=OPENING | more)).json()["posting_id"]


async def work_out(service) -> float | None:
    return await ReachTimer(service.app.state.dependencies).work_out()


async def shown(service, key: str, posting_id: str) -> dict:
    answer = await service.call("GET", f"/v1/postings/{posting_id}/reach", key)
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name != "posting_id"}


async def test_it_is_worked_out_when_the_opening_is_an_hour_old_and_then_once_a_week(service, key, matching):
    posting_id = await posted(service, key)
    service.clock.moment += HOUR - timedelta(seconds=1)
    await work_out(service)
    assert await shown(service, key, posting_id) == UNKNOWN
    assert matching.asked == []
    service.clock.moment += timedelta(seconds=1)
    first = service.clock.moment
    await work_out(service)
    matching.reaches(260)
    kept = {"seekers": 25, "counted_at": first.isoformat().replace("+00:00", "Z")}
    for _ in range(3):
        assert await shown(service, key, posting_id) == kept
        service.clock.moment += timedelta(days=2)
        await work_out(service)
    assert len(matching.asked) == 1
    service.clock.moment = first + EVERY
    await work_out(service)
    assert (await shown(service, key, posting_id))["seekers"] == 250
    assert len(matching.asked) == 2


async def test_matching_is_asked_by_the_service_about_seekers_of_a_week(service, key, matching):
    posting_id = await posted(service, key)
    service.clock.moment += HOUR
    await work_out(service)
    [asked] = matching.asked
    url = f"http://matching.test/internal/v1/openings/{posting_id}/reach?seeking_days=7"
    assert str(asked.url) == url
    token = service.app.state.settings.service_token.get_secret_value()
    assert asked.headers["authorization"] == f"Bearer {token}"


@pytest.mark.parametrize(
    ("seekers", "step"), [(0, "<10"), (9, "<10"), (10, 10), (24, 10), (25, 25), (99, 50), (731, 500), (26_000, 25_000)]
)
async def test_only_a_step_is_shown_and_stored(service, key, matching, seekers, step):
    posting_id = await posted(service, key)
    service.clock.moment += HOUR
    matching.reaches(seekers)
    await work_out(service)
    assert (await shown(service, key, posting_id))["seekers"] == step
    kept = await service.pool.fetchval("SELECT reach FROM postings WHERE posting_id = $1", posting_id)
    assert kept == (0 if step == "<10" else step)


async def test_no_change_brings_another_count_before_the_week_is_over(service, key, matching):
    posting_id = await posted(service, key, external_id="r-1")
    service.clock.moment += HOUR
    await work_out(service)
    kept, path = await shown(service, key, posting_id), f"/v1/postings/{posting_id}"
    matching.reaches(900)
    for number, (method, where, body) in enumerate(
        (
            ("PATCH", path, {"title": "Welder"}),
            ("PUT", path, OPENING | {"skills": ["Python"]}),
            ("POST", "/v1/postings", OPENING | {"external_id": "r-1", "title": "Baker"}),
            ("POST", f"{path}/close", None),
            ("PATCH", path, {"status": "open"}),
        ),
        start=1,
    ):
        answer = await service.call(method, where, key, **({"json": body} if body else {}))
        assert answer.is_success, answer.text
        service.clock.moment += timedelta(hours=number)
        await work_out(service)
        assert await shown(service, key, posting_id) == kept, (method, body)
    assert len(matching.asked) == 1


async def test_a_closed_opening_is_not_counted_until_it_is_open_again(service, key, matching):
    posting_id = await posted(service, key, status="closed")
    service.clock.moment += HOUR
    await work_out(service)
    assert (matching.asked, await shown(service, key, posting_id)) == ([], UNKNOWN)
    await service.call("PATCH", f"/v1/postings/{posting_id}", key, json={"status": "open"})
    await work_out(service)
    assert (await shown(service, key, posting_id))["seekers"] == 25


@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
        httpx2.Response(503),
        httpx2.Response(401),
        httpx2.Response(200, text="not json"),
        httpx2.Response(200, json={"seekers": -1}),
    ],
)
async def test_while_matching_is_away_what_was_known_is_shown_and_it_is_asked_again(service, key, matching, trouble):
    posting_id = await posted(service, key)
    service.clock.moment += HOUR
    await work_out(service)
    kept = await shown(service, key, posting_id)
    other = await posted(service, key)
    service.clock.moment += EVERY
    matching.answer = trouble
    assert await work_out(service) == RETRY.total_seconds()
    assert await shown(service, key, posting_id) == kept
    assert await shown(service, key, other) == UNKNOWN
    matching.reaches(100)
    service.clock.moment += RETRY
    assert await work_out(service) is None
    for each in (posting_id, other):
        assert (await shown(service, key, each))["seekers"] == 100


async def test_an_opening_that_matching_has_not_read_holds_nobody_up(service, key, matching):
    unread = await posted(service, key)
    service.clock.moment += HOUR
    matching.answer = httpx2.Response(404)
    assert await work_out(service) is None
    assert await shown(service, key, unread) == UNKNOWN
    matching.reaches(10)
    assert await work_out(service) is None
    assert await shown(service, key, unread) == UNKNOWN, "not before the pause is over"
    service.clock.moment += RETRY
    await work_out(service)
    assert (await shown(service, key, unread))["seekers"] == 10


async def test_two_processes_count_each_opening_once(service, key, matching):
    openings = [await posted(service, key) for _ in range(6)]
    service.clock.moment += HOUR
    await asyncio.gather(*(work_out(service) for _ in range(3)))
    assert len(matching.asked) == len({str(asked.url) for asked in matching.asked}) == len(openings)


async def test_both_times_can_be_set(service, key, matching):
    state = service.app.state
    settings = state.dependencies.settings.model_copy(update={"reach_after_seconds": 0.0, "reach_seeking_days": 0})
    state.dependencies = replace(state.dependencies, settings=settings)
    posting_id = await posted(service, key)
    await work_out(service)
    assert (await shown(service, key, posting_id))["seekers"] == 25
    assert matching.asked[0].url.params["seeking_days"] == "0"


async def test_somebody_elses_opening_is_a_404(service, key, other_key, matching):
    answer = await service.call("GET", f"/v1/postings/{await posted(service, key)}/reach", other_key)
    assert answer.status_code == 404
    assert matching.asked == []
