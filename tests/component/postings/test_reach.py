"""How many seekers an opening reaches: asked of matching, and never a count that might point at somebody."""

from dataclasses import replace

import httpx2
import pytest

from shared.web.client import internal_client

OPENING = {"company": {"name": "Initech"}, "title": "Engineer", "workplace": "remote"}


@pytest.fixture
def matching(service):
    """A stand-in for matching that answers `answers[0]` and keeps what it was asked."""
    asked: list[httpx2.Request] = []
    answers: list[httpx2.Response | Exception] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    client = internal_client(service.app.state.settings, httpx2.MockTransport(answer))
    state = service.app.state
    state.dependencies = replace(state.dependencies, client=client, matching_url="http://matching.test")
    return asked, answers


async def posted(service, key: str) -> str:
    return (await service.call("POST", "/v1/postings", key, json=OPENING)).json()["posting_id"]


@pytest.mark.parametrize(("seekers", "shown"), [(0, 0), (1, "<5"), (4, "<5"), (5, 5), (731, 731)])
async def test_a_count_and_nothing_else(service, key, matching, seekers, shown):
    asked, answers = matching
    answers.append(httpx2.Response(200, json={"seekers": seekers, "ids": ["private"]}))
    posting_id = await posted(service, key)
    answer = await service.call("GET", f"/v1/postings/{posting_id}/reach", key)
    assert answer.json() == {"posting_id": posting_id, "seekers": shown}
    assert str(asked[0].url) == f"http://matching.test/internal/v1/openings/{posting_id}/reach"
    token = service.app.state.settings.service_token.get_secret_value()
    assert asked[0].headers["authorization"] == f"Bearer {token}"


@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
        httpx2.Response(500),
        httpx2.Response(404),
        httpx2.Response(401),
        httpx2.Response(200, text="not json"),
        httpx2.Response(200, json={"seekers": -1}),
    ],
)
async def test_while_matching_is_away_it_is_a_503(service, key, matching, trouble):
    _, answers = matching
    answers.append(trouble)
    answer = await service.call("GET", f"/v1/postings/{await posted(service, key)}/reach", key)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_closed_opening_reaches_nobody(service, key, matching):
    asked, _ = matching
    posting_id = await posted(service, key)
    await service.call("POST", f"/v1/postings/{posting_id}/close", key)
    answer = await service.call("GET", f"/v1/postings/{posting_id}/reach", key)
    assert answer.json()["seekers"] == 0
    assert asked == []


async def test_somebody_elses_opening_is_not_asked_about(service, key, other_key, matching):
    asked, _ = matching
    answer = await service.call("GET", f"/v1/postings/{await posted(service, key)}/reach", other_key)
    assert answer.status_code == 404
    assert asked == []
