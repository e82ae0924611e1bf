"""Notifications in this process: a real database, a real HTTP server, stand-ins for profiles and the mail server."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from services.notifications.app import make_app
from services.notifications.channels.sender import Sender
from services.notifications.handlers import Handlers
from services.notifications.settings import Settings
from shared.events.envelope import seal, unseal
from shared.events.suggestions import Opening, PathV1, SuggestionV1, suggestion_id
from shared.mail.email import Mailer
from shared.messaging.consume.decoding import Record
from shared.messaging.consume.handlers import TracedRecord
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import PEOPLE, SUGGESTIONS
from shared.testing.broker import Broker
from shared.testing.database import Database, empty
from shared.testing.mail import MailServer, mail_server

SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20
NAMES = {"ada": "Ada Sol", "bob": "Bob Lind", "dana": "Dana Okafor", "ben": "Ben Ito", "ines": "Ines Sider"}
EMAILS = {"ada": "ada@mail.example", "bob": "bob@mail.example"}
HEARTBEAT_S = 0.3
PUBLIC = "https://notify.example"
VERSIONS = iter(range(int(time.time() * 1000), 2**62))


def token(member: str) -> str:
    """A member's token, as the stand-in for profiles knows it."""
    return f"wpm_{member}"


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server of its own; gives its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    server.capture_signals = nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.exception()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        for end in getattr(app.state, "on_stop", ()):
            end()
        server.should_exit = True
        await task


@dataclass
class Profiles:
    """Stands in for profiles: who a token belongs to, and cards. Counts only whom and how often it was asked.

    `tokens`: other answers than usual about some of them.
    """

    names: dict[str, str] = field(default_factory=lambda: dict(NAMES))
    emails: dict[str, str] = field(default_factory=lambda: dict(EMAILS))
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: bool = False
    introspected: int = 0
    asked: set[str] = field(default_factory=set)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/internal/v1/introspect")
        async def introspect(request: Request) -> Any:
            shown = (await request.json())["token"]
            self.introspected += 1
            if self.away:
                return Response(status_code=503)
            if shown in self.tokens:
                return self.tokens[shown]
            if shown.startswith("wpr_"):
                return {"active": True, "kind": "recruiter", "id": "org"}
            if shown.startswith("wpm_nobody"):
                return {"active": False}
            return {"active": True, "kind": "member", "id": shown.removeprefix("wpm_")}

        @app.post("/internal/v1/cards")
        async def cards(request: Request) -> Any:
            if self.away or request.headers["authorization"] != f"Bearer {SERVICE}":
                return Response(status_code=503)
            body = await request.json()
            self.asked.update(body["ids"])
            found = [each for each in body["ids"] if each in self.names]
            return {"cards": [self._card(each, body["viewer"]) for each in found]}

        return app

    def _card(self, person: str, viewer: str) -> dict[str, Any]:
        email = self.emails.get(person) if person == viewer else None
        return {
            "id": person,
            "given_name": self.names[person].split()[0],
            "headline": "Engineer" if person == viewer else None,
            "name": self.names[person],
            "email": email,
            "member": True,
            "company": None,
            "title": None,
        }


@dataclass
class Introductions:
    """Stands in for introductions: what it says to whom about what, and who asked. Without an answer it is a 404.

    `link`: the address by which whoever is asked can answer. `linked`: for whom it was made.
    """

    says: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    link: str | None = None
    away: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    linked: list[tuple[str, str]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/internal/v1/introductions/{introduction_id}/message")
        async def message(request: Request, introduction_id: str, member: str, kind: str) -> Any:
            if self.away or request.headers["authorization"] != f"Bearer {SERVICE}":
                return Response(status_code=503)
            self.asked.append((introduction_id, member, kind))
            return self.says.get((member, kind)) or Response(status_code=404)

        @app.post("/internal/v1/introductions/{introduction_id}/links")
        async def link(request: Request, introduction_id: str) -> Any:
            self.linked.append((introduction_id, (await request.json())["member_id"]))
            return {"url": self.link} if self.link else Response(status_code=404)

        @app.get("/internal/v1/keep-in-touch")
        async def keep_in_touch(member: str) -> Any:
            return self.says.get((member, "keep_in_touch")) or Response(status_code=404)

        return app


@dataclass
class World:
    """A running service and everything around it, for one test."""

    app: FastAPI
    settings: Settings
    http: httpx2.AsyncClient
    profiles: Profiles
    mail: MailServer
    introductions: Introductions = field(default_factory=Introductions)
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    @property
    def pool(self) -> Any:
        return self.app.state.pool

    def handlers(self, **changed: Any) -> Handlers:
        return Handlers(**({"quiet": self.settings.quiet, "longest": self.settings.longest, "email": True} | changed))

    def sender(self) -> Sender:
        """A sender whose loop is not started: tests take one message after another through it."""
        parts = self.app.state.dependencies
        return Sender(self.pool, Mailer(self.settings), parts.cards, parts.introductions, self.settings)

    async def get(self, path: str, member: str, **options: Any) -> httpx2.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {token(member)}"}, **options)

    async def inbox(self, member: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.get("/v1/inbox", member, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def apply(self, *records: Record, **changed: Any) -> None:
        """Handles records as the consumer does, each in a transaction."""
        handlers = self.handlers(**changed).by_topic()
        for each in records:
            async with self.pool.acquire() as connection, connection.transaction():
                await handlers[each.topic](connection, each)

    async def apply_together(self, *records: Record, **changed: Any) -> None:
        """Handles suggestions as the consumer does with a batch, in one transaction."""
        async with self.pool.acquire() as connection, connection.transaction():
            await self.handlers(**changed).suggestions(connection, [TracedRecord(each, None) for each in records])

    async def deliveries(self, member: str) -> list[tuple[str, str]]:
        rows = await self.pool.fetch("SELECT kind, state FROM deliveries WHERE member_id = $1 ORDER BY seq", member)
        return [tuple(row) for row in rows]

    async def events(self, member: str) -> list[str]:
        rows = await self.pool.fetch("SELECT kind FROM events WHERE member_id = $1 ORDER BY seq", member)
        return [row["kind"] for row in rows]

    async def make_due(self, member: str) -> None:
        await self.pool.execute("UPDATE digests SET due_at = clock_timestamp() WHERE member_id = $1", member)


def direct(who: str = "dana", score: float = 0.2, ask: str = "hand") -> PathV1:
    return PathV1(introducer_id=who, insider_id=who, score=score, label="warm", ask=ask, reasons=("both at Globex",))


def between(who: str = "ben", insider: str = "ines", score: float = 0.1) -> PathV1:
    return PathV1(introducer_id=who, insider_id=insider, score=score, label="warm", ask="app")


def suggestion(member: str, posting: str = "p1", *paths: PathV1, fit: int = 80, **opening: Any) -> SuggestionV1:
    posted = {"title": f"Role {posting}", "company": "Initech", "posted_at": datetime.now(UTC)}
    return SuggestionV1(
        suggestion_id=suggestion_id(member, posting),
        seeker_id=member,
        posting_id=posting,
        version=next(VERSIONS),
        fit=fit,
        opening=Opening(**(posted | opening)),
        paths=paths or (direct(),),
    )


def record(
    value: SuggestionV1 | str,
    *,
    cause: str = "opening",
    version: int | None = None,
    age: timedelta = timedelta(0),
    posted: timedelta | None = None,
) -> Record:
    """A record of suggestions.v1: a value, or the id of what is withdrawn. `posted`: the age of the opening's."""
    key = value if isinstance(value, str) else value.suggestion_id
    number = version or (next(VERSIONS) if isinstance(value, str) else value.version)
    now = datetime.now(UTC)
    cause_time = None if posted is None else now - posted
    headers = seal(SUGGESTIONS.name, key, number, "matching", cause=cause, cause_time=cause_time, now=now - age)
    return Record(SUGGESTIONS.name, 0, 0, key, None if isinstance(value, str) else value, number, unseal(headers), 0)


def erasure(member: str, version: int | None = None) -> Record:
    """The tombstone of a member."""
    number = version or next(VERSIONS)
    return Record(PEOPLE.name, 0, 0, member, None, number, unseal(seal(PEOPLE.name, member, number, "profiles")), 0)


@dataclass
class Events:
    """A live stream as a client reads it: (kind, id, data), comments apart."""

    response: httpx2.Response
    comments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lines = self.response.aiter_lines()

    async def next(self) -> tuple[str, int, dict[str, Any]]:
        """The next event."""
        found: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    found[name] = value
                elif "data" in found:
                    return found["event"], int(found["id"]), json.loads(found["data"])
        raise AssertionError("the stream ended")

    async def take(self, count: int) -> list[tuple[str, int, dict[str, Any]]]:
        return [await self.next() for _ in range(count)]

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            async for _ in self._lines:
                pass
        return True


@asynccontextmanager
async def listening(world: World, member: str, last: int | None = None) -> AsyncIterator[Events]:
    """An open live stream of a member."""
    headers = {"Authorization": f"Bearer {token(member)}"} | ({"Last-Event-ID": str(last)} if last is not None else {})
    async with world.http.stream("GET", "/v1/inbox/stream", headers=headers) as response:
        assert response.status_code == 200
        yield Events(response)


@asynccontextmanager
async def _world(database: Database, bootstrap: str | None, **changed: Any) -> AsyncIterator[World]:
    profiles, introductions = Profiles(), Introductions()
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(mail_server())
        settings = Settings(
            **{
                "database_url": SecretStr(database.dsn("notifications")),
                "service_token": SecretStr(SERVICE),
                "operator_token": SecretStr(OPERATOR),
                "urls": {
                    **dict.fromkeys(("profiles", "postings"), await stack.enter_async_context(served(profiles.app()))),
                    "introductions": await stack.enter_async_context(served(introductions.app())),
                    "notifications": PUBLIC,
                },
                "kafka_bootstrap_servers": bootstrap or "127.0.0.1:1",
                "smtp_host": "127.0.0.1",
                "smtp_port": mail.port,
                "smtp_from": "Warmpath <warmpath@news.example>",
                "smtp_timeout_seconds": 5,
                **changed,
            }
        )
        app = make_app(settings, background=bootstrap is not None)
        base = await stack.enter_async_context(served(app))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=base, timeout=20, trust_env=False))
        yield World(app, settings, http, profiles, mail, introductions)


def _api(database: Database) -> AbstractAsyncContextManager[World]:
    return _world(database, None, streams_per_member=3, stream_heartbeat_seconds=HEARTBEAT_S)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _started(module_database: Database) -> AsyncIterator[World]:
    async with _api(module_database) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def world(_started: World, module_database: Database) -> World:
    """The HTTP API on a real database; records are handed to the handlers, loops are stepped by the test."""
    await empty(module_database)
    vars(_started.profiles).update(vars(Profiles()))
    vars(_started.introductions).update(vars(Introductions()))
    vars(_started.mail).update(vars(MailServer(_started.mail.port)))
    _started.settings.stream_heartbeat_seconds = HEARTBEAT_S
    _started.app.state.dependencies.cards._cache.clear()
    return _started


@pytest_asyncio.fixture(loop_scope="session")
async def own_world(database: Database) -> AsyncIterator[World]:
    """A world of the test's own, of which it may stop parts."""
    async with _api(database) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def running(database: Database, clean_kafka: Broker) -> AsyncIterator[World]:
    """The whole service with all its loops, on a broker of its own."""
    await cluster.ensure(clean_kafka.bootstrap)
    async with _world(database, clean_kafka.bootstrap, digest_quiet_seconds=1.5) as made:
        yield made
