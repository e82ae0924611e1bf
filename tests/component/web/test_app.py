"""The application every service is, through ASGI: problems, request ids, limits, health, callers, streams."""

import asyncio
import json

import httpx2
import pytest
import structlog
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from shared.observability import trace
from shared.web.app import create_app
from shared.web.client import internal_client
from shared.web.health import Heartbeat
from tests.component.web.small_app import API_KEY, MEMBER, OPERATOR, SERVICE, SETTINGS, ZOE, is_problem

# Problems


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({}, ["title", "salary"]),
        ({"title": "x", "salary": {"min": "a"}}, ["salary.min"]),
        ({"title": "x" * 11, "salary": {}}, ["title", "salary.min"]),
        ([], ["body"]),
        ("text", ["body"]),
    ],
)
async def test_a_bad_body_is_a_422_naming_each_field(client, content, fields):
    said = is_problem(await client.post("/v1/things/1", json=content), 422)
    assert [each["field"] for each in said["errors"]] == fields
    assert all(each["reason"] for each in said["errors"])


@pytest.mark.parametrize("content", [b"{", b"", b"{'a': 1}", b"\xff\xfe", b"\x00", b"[" * 1900])
async def test_a_body_that_is_not_json_is_a_422_naming_the_body(client, content):
    answer = await client.post("/v1/things/1", content=content, headers=OPERATOR | {"content-type": "application/json"})
    assert [each["field"] for each in is_problem(answer, 422)["errors"]] == ["body"]


async def test_a_body_of_another_type_says_what_is_expected(client):
    answer = await client.post("/v1/things/1", content=b'{"title": "x"}', headers={"content-type": "text/plain"})
    assert "application/json" in is_problem(answer, 415)["detail"]


async def test_a_body_that_is_no_object_says_so_in_the_words_of_json(client):
    answer = await client.post("/v1/things/1", json=[])
    assert is_problem(answer, 422)["errors"] == [{"field": "body", "reason": "a JSON object is expected"}]
    answer = await client.post("/v1/things/1", json={"title": "x", "salary": 5})
    assert is_problem(answer, 422)["errors"] == [{"field": "salary", "reason": "should be a JSON object"}]


async def test_a_bad_query_parameter_is_named(client):
    answer = await client.post("/v1/things/1?limit=many", json={"title": "x", "salary": {"min": 1}})
    assert [each["field"] for each in is_problem(answer, 422)["errors"]] == ["limit"]


async def test_unknown_path_wrong_method_and_odd_statuses_are_problems(client):
    is_problem(await client.get("/nowhere"), 404)
    answer = await client.get("/v1/things/1")
    is_problem(answer, 405)
    assert answer.headers["allow"] == "POST"
    is_problem(await client.get("/v1/fail/http"), 418)


async def test_a_raised_problem_is_the_answer(client):
    said = is_problem(await client.get("/v1/fail/problem"), 409)
    assert (said["title"], said["detail"], said["type"]) == ("Conflict", "the posting has moved on", "about:blank")


@pytest.mark.parametrize(("kind", "status"), [("bug", 500), ("database", 500), ("away", 503)])
async def test_an_unforeseen_error_shows_no_internals_and_is_logged_once_with_its_id(client, out, kind, status):
    answer = await client.get(f"/v1/fail/{kind}")
    said = is_problem(answer, status)
    assert ZOE not in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)
    logged = [json.loads(line) for line in out.getvalue().splitlines()]
    (failure,) = [line for line in logged if "exception" in line]
    assert failure["request_id"] == said["request_id"]
    assert ZOE not in out.getvalue()


# Request ids, traces, logs, headers


async def test_a_sane_request_id_is_kept_and_bound(client):
    answer = await client.get("/v1/context", headers={"X-Request-Id": "abc-1.2:3"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc-1.2:3"
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize("odd", ["", " ", "a b", "a" * 101, "{}", '"', "-x"])
async def test_an_odd_request_id_is_replaced(client, odd):
    answer = await client.get("/v1/context", headers={"X-Request-Id": odd})
    assert len(answer.headers["x-request-id"]) == 32


async def test_a_trace_is_continued_and_ends_with_the_request(client):
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    seen = (await client.get("/v1/context", headers={"traceparent": given})).json()["trace"]
    assert seen == given, "no span is recorded here, so others' spans are to find this one's parent"
    assert trace.current_traceparent() is None


async def test_one_line_a_request_with_template_status_and_caller_but_no_query(client, out):
    await client.get("/v1/search?status=Zoe", headers={"Authorization": f"Bearer {MEMBER}", "X-Request-Id": "r-1"})
    await client.post("/v1/things/77", json={})
    await client.get("/wp-login.php")
    await client.get("/live")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(each["method"], each["path"], each["status"]) for each in lines] == [
        ("GET", "/v1/search", 200),
        ("POST", "/v1/things/{thing_id}", 422),
        ("GET", "unmatched", 404),
    ]
    assert (lines[0]["caller"], lines[0]["request_id"]) == ("member:m-1", "r-1")
    assert lines[0]["ms"] >= 0
    assert "Zoe" not in out.getvalue()
    assert MEMBER not in out.getvalue()


async def test_answers_bear_safe_headers(client):
    for path in ("/live", "/nowhere", "/v1/fail/bug"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_the_internal_client_carries_token_request_id_and_trace(app):
    async with internal_client(SETTINGS, httpx2.ASGITransport(app=app)) as inner:
        with structlog.contextvars.bound_contextvars(request_id="r-9"):
            bound = trace.make()
            with trace.carry(bound):
                answer = await inner.get("http://t/v1/context")
        assert answer.json()["request_id"] == "r-9"
        assert answer.json()["trace"].split("-")[1] == bound.split("-")[1]
        assert (await inner.get("http://t/metrics")).status_code == 200


# Limits and streams


async def test_a_long_body_is_a_413_whether_or_not_its_length_is_told(client):
    async def chunks():
        for _ in range(30):
            yield b" " * 100

    for content in (b" " * 2001, chunks()):
        said = is_problem(await client.post("/v1/things/1", content=content), 413)
        assert "2000 bytes" in said["detail"]


async def test_a_prefix_may_have_a_limit_of_its_own(client):
    async def chunks(count):
        for _ in range(count):
            yield b" " * 1000

    assert (await client.post("/v1/upload/new", content=chunks(5))).json() == 5000
    is_problem(await client.post("/v1/upload/new", content=chunks(6)), 413)
    is_problem(await client.post("/v1/upload/new", content=b" " * 5001), 413)


def scope_of(path: str) -> dict:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("t", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }


async def test_a_body_that_says_it_is_too_long_is_refused_before_any_of_it_is_read(app):
    sent = []

    async def receive():
        assert sent[1]["body"], "the body was read before the answer"
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    told = {"method": "POST", "headers": [(b"content-length", b"2001")]}
    await app(scope_of("/v1/things/1") | told, receive, send)
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_stream_passes_chunk_by_chunk():
    go_on = asyncio.Event()
    router = APIRouter()

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def events():
            yield b"first"
            await go_on.wait()
            yield b"second"

        return StreamingResponse(events(), media_type="text/event-stream")

    app = create_app(SETTINGS, service="postings", routers=[router])
    sent: asyncio.Queue[dict] = asyncio.Queue()

    async def receive():
        await asyncio.Event().wait()

    task = asyncio.create_task(app(scope_of("/stream"), receive, sent.put))
    async with asyncio.timeout(5):
        assert (await sent.get())["type"] == "http.response.start"
        assert (await sent.get())["body"] == b"first"
        go_on.set()
        assert (await sent.get())["body"] == b"second"
        await task


async def test_a_stream_that_breaks_is_broken_off_and_not_followed_by_a_problem():
    router = APIRouter()

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def events():
            yield b"first"
            raise ValueError(ZOE)

        return StreamingResponse(events())

    app = create_app(SETTINGS, service="postings", routers=[router])
    sent: list[dict] = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    with pytest.raises(ValueError, match=ZOE):
        await app(scope_of("/stream"), receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


# Callers


def repr_without_token(headers):
    """The same in every worker: the token is made anew in each."""
    return str(headers).replace(MEMBER, "the member's token")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": MEMBER},
        {"Authorization": "Bearer wpm_" + "x" * 43},
        {"Authorization": "Bearer nobody"},
        {"Authorization": b"Bearer \xff\xfe"},
        {"X-API-Key": "wpr_" + "x" * 43},
        {"X-API-Key": MEMBER},
        {"X-API-Key": "operator-secret-of-a-test"},
    ],
    ids=repr_without_token,
)
async def test_without_a_known_token_401(client, headers):
    answer = await client.get("/v1/me", headers=headers)
    is_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"Authorization": f"Bearer {MEMBER}"}, "member m-1"),
        ({"authorization": f"bearer  {MEMBER} "}, "member m-1"),
        ({"Authorization": f"Bearer {API_KEY}"}, "recruiter o-1"),
        ({"X-API-Key": API_KEY}, "recruiter o-1"),
    ],
)
async def test_a_known_caller(client, headers, who):
    assert (await client.get("/v1/me", headers=headers)).json() == who


async def test_another_kind_of_caller_is_a_403(client):
    said = is_problem(await client.get("/v1/me", headers=OPERATOR), 403)
    assert said["detail"] == "for member or recruiter only; this token is of kind operator"


async def test_owners_answer_services_and_nobody_else(client):
    url = "/internal/v1/introspect"
    is_problem(await client.post(url, json={"token": MEMBER}), 401)
    is_problem(await client.post(url, json={"token": MEMBER}, headers=OPERATOR), 403)
    is_problem(await client.post(url, json={"token": MEMBER}, headers={"Authorization": f"Bearer {MEMBER}"}), 403)
    assert (await client.post(url, json={"token": MEMBER}, headers=SERVICE)).json() == {
        "active": True,
        "kind": "member",
        "id": "m-1",
        "scope": "all",
    }
    for other in ("wpm_" + "x" * 43, "operator-secret-of-a-test", ""):
        assert (await client.post(url, json={"token": other}, headers=SERVICE)).json() == {"active": False}


# Health


async def test_ready_says_which_check_fails(app, client):
    assert (await client.get("/ready")).json() == {"status": "ready", "checks": {}}

    async def broken() -> str | None:
        raise ConnectionError("postgresql://ann:secret@db")

    app.state.checks["database"] = broken
    answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"database": "failed: ConnectionError"}}
    assert (await client.get("/live")).status_code == 200, "waiting for a database is no reason to be restarted"


async def test_live_fails_when_a_loop_stands_still(app, client):
    now = [0.0]
    app.state.live_checks["relay"] = Heartbeat("the relay", 30, clock=lambda: now[0]).check
    assert (await client.get("/live")).status_code == 200
    now[0] = 31.0
    answer = await client.get("/live")
    assert (answer.status_code, answer.json()["status"]) == (503, "stuck")


async def test_metrics_are_for_services_and_operators(client):
    is_problem(await client.get("/metrics"), 401)
    is_problem(await client.get("/metrics", headers={"Authorization": f"Bearer {MEMBER}"}), 403)
    await client.get("/v1/me?x=1")
    text = (await client.get("/metrics", headers=OPERATOR)).text
    assert 'warmpath_http_requests_total{method="GET",path="/v1/me",status="401"}' in text
    assert (await client.get("/metrics", headers=SERVICE)).status_code == 200


# What the description says


async def test_a_query_parameter_that_nobody_knows_is_refused_with_the_name_that_is_meant(client):
    headers = {"Authorization": f"Bearer {MEMBER}"}
    said = is_problem(await client.get("/v1/search?stauts=closed&limit=2", headers=headers), 422)
    assert said["errors"] == [{"field": "stauts", "reason": "is unknown; is status meant?"}]
    said = is_problem(await client.get("/v1/search?zzz=1", headers=headers), 422)
    assert said["errors"] == [{"field": "zzz", "reason": "is unknown; there are limit, status"}]
    said = is_problem(await client.get("/v1/me?member=m-1", headers=headers), 422)
    assert said["errors"] == [{"field": "member", "reason": "is unknown; this takes no query parameters"}]
    assert (await client.get("/v1/search?status=open", headers=headers)).status_code == 200


async def test_a_stranger_is_not_told_which_query_parameters_there_are(client):
    is_problem(await client.get("/v1/search?stauts=closed"), 401)


async def test_allow_names_every_method_of_the_path(client):
    answer = await client.put("/v1/search")
    is_problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET"


async def test_the_api_documents_itself_without_a_token_and_without_another_host(client):
    described = (await client.get("/openapi.json")).json()
    assert "/v1/search" in described["paths"]
    assert "/docs" not in described["paths"]
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "unsafe" not in page.headers["content-security-policy"]
    for path in described["paths"]:
        assert path in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "<script" not in page.text
    assert (await client.get("/docs/style.css")).headers["content-type"].startswith("text/css")
