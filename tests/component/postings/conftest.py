"""The postings service in this process: its HTTP API on a real database, or the whole of it with Kafka."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI
from pydantic import HttpUrl, SecretStr

from services.postings import organisations
from services.postings.app import make_app
from services.postings.handlers import handlers
from services.postings.settings import Settings
from shared.events.people import PersonV1
from shared.messaging.consume.decoding import Record
from shared.messaging.topics import cluster
from shared.testing.broker import Broker
from shared.testing.database import Database, empty
from shared.testing.mail import MailServer, mail_server
from shared.tokens import hash_token
from shared.web.identity import Authenticator, Caller, TableAuthenticator

SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20
ADA = "adas-own-" + "a" * 20  # an operator by name


class Members:
    """Knows every member's token: `wpm_` and the member's id. Profiles, whose table it is, does not run here."""

    owned = False

    async def find(self, token: str, **_: bool) -> Caller | None:
        return Caller("member", token.removeprefix("wpm_"))


def member(name: str) -> str:
    """The token of a member with this id."""
    return f"wpm_{name}"


@dataclass
class Clock:
    """A clock that tests move."""

    moment: datetime = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Service:
    """A running service, a client of it, and what its outbox would publish."""

    app: FastAPI
    http: httpx2.AsyncClient
    clock: Clock
    mail: MailServer
    keys: list[dict[str, str]] = field(default_factory=list)

    @property
    def pool(self) -> Any:
        return self.app.state.pool

    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> httpx2.Response:
        headers = dict(options.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return await self.http.request(method, path, headers=headers, **options)

    async def organisation(self, name: str = "Initech Recruiting") -> str:
        """A new organisation's API key."""
        answer = await self.call("POST", "/internal/v1/organisations", OPERATOR, json={"name": name})
        assert answer.status_code == 201, answer.text
        self.keys.append(answer.json())
        return answer.json()["api_key"]

    async def ok(self, method: str, path: str, token: str, **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = await self.call(method, path, token, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def letters(self) -> list[tuple[str, str, str]]:
        """Sends every e-mail that is due; (address, subject, text) of what arrived since this was last asked."""
        while await self.app.state.dependencies.proof_sender.send_one():
            pass
        arrived, self.mail.tries = self.mail.tries, []
        return [
            (each["X-Envelope-To"], each["Subject"], each.get_body(("plain",)).get_content().replace("\r", ""))
            for each in arrived
        ]

    async def erase(self, person_id: str) -> None:
        """That somebody was erased arrives."""
        record = Record("people.v1", 0, 2, person_id, None, 5, None, 0)
        async with self.pool.acquire() as conn, conn.transaction():
            await handlers(self.clock)["people.v1"](conn, record)

    async def agrees(self, person_id: str, *keys: dict[str, str]) -> None:
        """A member agrees to be named as hiring contact by the organisations of these (new) keys, and no others."""
        organisations = tuple(key["organisation_id"] for key in keys)
        await self.hear(PersonV1(person_id=person_id, version=1, member=True, hiring_contact_for=organisations))

    async def hear(self, person: PersonV1) -> None:
        """What people.v1 says of somebody arrives."""
        record = Record("people.v1", 0, 1, person.person_id, person, 5, None, 0)  # read are key and value
        async with self.pool.acquire() as conn, conn.transaction():
            await handlers(self.clock)["people.v1"](conn, record)

    async def events(self) -> list[tuple[str, str, int, Any]]:
        """(topic, key, version, value) of what waits in the outbox, oldest first."""
        rows = await self.pool.fetch("SELECT * FROM outbox WHERE not_before IS NULL ORDER BY seq")
        return [
            (
                row["topic"],
                row["key"],
                int(dict(zip(row["header_names"], row["header_values"], strict=True))["ce_version"]),
                None if row["value"] is None else json.loads(row["value"]),
            )
            for row in rows
        ]

    async def event_of(self, posting_id: str) -> tuple[int, Any]:
        """The version and value that wait for this posting."""
        [(version, value)] = [(v, value) for _, key, v, value in await self.events() if key == posting_id]
        return version, value


def _settings(database: Database, bootstrap: str, mail: MailServer) -> Settings:
    return Settings(
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_from="Warmpath <warmpath@news.example>",
        console_url=HttpUrl("https://console.warmpath.example"),
        database_url=SecretStr(database.dsn("postings")),
        service_token=SecretStr(SERVICE),
        operator_token=SecretStr(OPERATOR),
        operators=f"ada={hash_token(ADA)}",
        urls=dict.fromkeys(("profiles", "matching"), "http://127.0.0.1:1"),
        kafka_bootstrap_servers=bootstrap,
    )


def _client(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://postings.test")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _started(module_database: Database) -> AsyncIterator[Service]:
    clock = Clock()
    async with mail_server() as mail:
        settings = _settings(module_database, "127.0.0.1:1", mail)
        app = make_app(settings, clock, background=False)
        async with app.router.lifespan_context(app), _client(app) as http:
            keys = TableAuthenticator(app.state.pool, organisations.SQL["find_key"], "recruiter")
            app.state.authenticator = Authenticator(settings, member=Members(), recruiter=keys)
            yield Service(app, http, clock, mail)


@pytest_asyncio.fixture(loop_scope="session")
async def service(_started: Service, module_database: Database) -> AsyncIterator[Service]:
    """The HTTP API alone; its events stay in the outbox, where tests read them."""
    await empty(module_database)
    _started.clock.moment = Clock.moment
    vars(_started.mail).update(vars(MailServer(_started.mail.port)))
    dependencies = _started.app.state.dependencies
    yield replace(_started, keys=[])
    _started.app.state.dependencies = dependencies


@pytest_asyncio.fixture(loop_scope="session")
async def running(database: Database, clean_kafka: Broker) -> AsyncIterator[Service]:
    """The whole service, with a broker of its own: its made-up day must not reach other tests' matchers."""
    clock = Clock()
    await cluster.ensure(clean_kafka.bootstrap)
    async with mail_server() as mail:
        app = make_app(_settings(database, clean_kafka.bootstrap, mail), clock)
        async with app.router.lifespan_context(app), _client(app) as http:
            yield Service(app, http, clock, mail)


@pytest_asyncio.fixture(loop_scope="session")
async def key(service: Service) -> str:
    """An organisation's API key."""
    return await service.organisation()


@pytest_asyncio.fixture(loop_scope="session")
async def other_key(service: Service) -> str:
    """Another organisation's."""
    return await service.organisation("Globex")
