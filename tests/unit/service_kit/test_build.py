"""From a declaration to an application: the order of starting and stopping, checks, and the endpoints that follow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter

from shared.config import ServiceSettings
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration, Resources

SETTINGS = ServiceSettings(service_token="service-secret-of-a-test", operator_token="operator-secret-of-a-test")
FOLDER = Path("services/postings/migrations")


@dataclass
class Work:
    """Writes down what happens to it."""

    name: str
    happened: list[str]
    starts: Callable[[], None] = lambda: None
    finding: str | None = None

    async def start(self) -> None:
        self.happened.append(f"start {self.name}")
        self.starts()

    async def stop(self) -> None:
        self.happened.append(f"stop {self.name}")

    async def check(self) -> str | None:
        return self.finding


@dataclass
class MovingWork(Work):
    moving: str | None = None

    async def check_moving(self) -> str | None:
        return self.moving


@dataclass
class Dependencies:
    opened: Resources
    happened: list[str] = field(default_factory=list)


def declared(**more) -> Declaration[Dependencies]:
    return Declaration(
        name="matching", settings=SETTINGS, routers=[APIRouter()], **{"dependencies": Dependencies, **more}
    )


async def asked(app, path: str) -> tuple[int, dict]:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service.test") as client:
        answer = await client.get(path)
    return answer.status_code, answer.json()


def stream_relay_timer(**more) -> Declaration[Dependencies]:
    return declared(
        beside_api=lambda deps: {"stream": Work("stream", deps.happened)},
        background=lambda _, deps: {
            "relay": Work("relay", deps.happened, finding=more.get("relay")),
            "timer": MovingWork("timer", deps.happened, moving=more.get("timer")),
        },
    )


async def test_everything_is_started_in_order_and_stopped_in_reverse():
    app = build(stream_relay_timer())
    async with app.router.lifespan_context(app):
        happened = app.state.dependencies.happened
        assert happened == ["start stream", "start relay", "start timer"]
        assert not app.state.dependencies.opened.client.is_closed
    assert happened[3:] == ["stop timer", "stop relay", "stop stream"]
    assert app.state.dependencies.opened.client.is_closed


async def test_without_background_work_runs_what_the_api_needs_alone():
    app = build(stream_relay_timer(), background=False)
    async with app.router.lifespan_context(app):
        assert app.state.dependencies.happened == ["start stream"]
        assert set(app.state.checks) == {"stream"}


async def test_a_start_that_fails_stops_what_was_started():
    def fail() -> None:
        raise ConnectionError

    kept: list[Dependencies] = []
    declaration = declared(
        background=lambda _, deps: {
            "first": Work("first", deps.happened),
            "second": Work("second", deps.happened, fail),
            "third": Work("third", deps.happened),
        },
        dependencies=lambda opened: kept.append(Dependencies(opened)) or kept[0],
    )
    app = build(declaration)
    with pytest.raises(ConnectionError):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")
    assert kept[0].happened == ["start first", "start second", "stop second", "stop first"]


async def test_ready_asks_all_and_live_asks_what_moves():
    app = build(stream_relay_timer(relay="the relay was interrupted: OSError", timer="the loop timer has not moved"))
    async with app.router.lifespan_context(app):
        status, said = await asked(app, "/ready")
        assert status == 503
        assert said["checks"] == {"stream": "ok", "relay": "the relay was interrupted: OSError", "timer": "ok"}
        status, said = await asked(app, "/live")
        assert (status, said["checks"]) == (503, {"timer": "the loop timer has not moved"})


async def test_a_stop_is_told_before_open_requests_are_waited_for():
    app = build(declared(on_stop=lambda deps: deps.happened.append("stopping")))
    async with app.router.lifespan_context(app):
        for call in app.state.on_stop:
            call()
        assert app.state.dependencies.happened == ["stopping"]


async def test_background_work_can_end_the_process():
    app = build(declared())
    ended: list[str] = []
    app.state.end_process = lambda: ended.append("ended")
    async with app.router.lifespan_context(app):
        app.state.dependencies.opened.end_process()
    assert ended == ["ended"]


async def test_a_service_without_tables_has_no_database():
    app = build(declared())
    async with app.router.lifespan_context(app):
        with pytest.raises(RuntimeError, match="matching has no database"):
            _ = app.state.dependencies.opened.pool


async def test_the_owner_of_tokens_must_say_how_they_are_found():
    app = build(Declaration(name="profiles", settings=SETTINGS, routers=[], dependencies=Dependencies))
    with pytest.raises(ValueError, match="token_query"):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"token_query": "SELECT 1"}, "/internal/v1/introspect"),
        ({"migrations": FOLDER}, "/internal/v1/audit"),
        ({"name": "notifications"}, "/internal/v1/audit/letters"),
        ({"topic_owners": lambda _: {}}, "/internal/v1/reconcile"),
    ],
)
def test_endpoints_follow_from_what_a_service_has(more, path):
    settled = {"name": "matching", "settings": SETTINGS, "routers": [], "dependencies": Dependencies}
    assert path not in build(Declaration(**settled)).openapi()["paths"]
    assert path in build(Declaration(**settled | more)).openapi()["paths"]
