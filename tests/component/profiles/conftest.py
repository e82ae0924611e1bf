"""The profiles service in this process: its HTTP API on a real database, or the whole of it with Kafka."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI
from pydantic import HttpUrl, SecretStr

from services.profiles.app import make_app
from services.profiles.settings import Settings
from shared.messaging.topics import cluster
from shared.testing.broker import Broker
from shared.testing.database import Database, empty
from shared.testing.mail import MailServer, mail_server

CONSOLE = "https://console.warmpath.example"
SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"


@dataclass
class Calendar:
    """A day that tests move."""

    day: date = date(2026, 3, 10)

    def __call__(self) -> date:
        return self.day


@dataclass(frozen=True)
class Letter:
    """What an e-mail that proves an address holds."""

    to: str
    subject: str
    code: str
    link: str | None
    text: str


@dataclass(frozen=True)
class Person:
    """A member and their token."""

    id: str
    token: str


@dataclass
class Service:
    """A running service and a client of it."""

    app: FastAPI
    http: httpx2.AsyncClient
    calendar: Calendar
    mail: MailServer

    @contextmanager
    def instead(self, **parts: Any) -> Iterator[None]:
        """Other dependencies while the block runs."""
        usual = self.app.state.dependencies
        self.app.state.dependencies = replace(usual, **parts)
        try:
            yield
        finally:
            self.app.state.dependencies = usual

    async def letters(self) -> list[Letter]:
        """Sends every e-mail that is due; what arrived since this was last asked."""
        while await self.app.state.dependencies.proof_sender.send_one():
            pass
        arrived, self.mail.tries = self.mail.tries, []
        return [_read(message) for message in arrived]

    async def ask(self, email: str, browser: str = "b" * 43, source: str = "192.0.2.1") -> httpx2.Response:
        """Asks for a sign-in as the console does."""
        asked = {"email": email, "browser": browser, "source": source}
        return await self.call("POST", "/internal/v1/sign-ins", SERVICE, json=asked)

    async def finish(self, **given: str) -> httpx2.Response:
        """Finishes a sign-in as the console does."""
        return await self.call("POST", "/internal/v1/sign-ins/finish", SERVICE, json=given)

    async def sign_in(self, email: str, **more: str) -> Person:
        """Signs somebody in by a code."""
        begun = await self.ask(email)
        [letter] = await self.letters()
        answer = await self.finish(sign_in_id=begun.json()["sign_in_id"], code=letter.code, **more)
        assert answer.status_code == 200, answer.text
        return Person(answer.json()["member_id"], answer.json()["token"])

    @property
    def pool(self) -> Any:
        return self.app.state.pool

    async def call(self, method: str, path: str, who: Person | str | None = None, **options: Any) -> httpx2.Response:
        token = who.token if isinstance(who, Person) else who
        headers = dict(options.pop("headers", {})) | ({"Authorization": f"Bearer {token}"} if token else {})
        return await self.http.request(method, path, headers=headers, **options)

    async def ok(self, method: str, path: str, who: Person | str, **options: Any) -> Any:
        answer = await self.call(method, path, who, **options)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def member(self, name: str, email: str, **more: Any) -> Person:
        """A new member, found by anyone who has their verified address or link unless `more` says otherwise."""
        person = {"name": name, "email": email, "findable": "anyone"} | more
        made = await self.ok("POST", "/internal/v1/members", OPERATOR, json=person)
        return Person(made["member_id"], made["token"])

    async def bring(self, who: Person, *rows: str) -> Any:
        """Import a file with these rows."""
        data = "\n".join(["Notes:", '"Some, are missing"', "", HEADER, *rows, ""]).encode()
        return await self.ok("POST", "/v1/contacts/import?source=linkedin", who, content=data)

    async def contacts(self, who: Person) -> dict[str, Any]:
        """A member's contacts by name."""
        page = await self.ok("GET", "/v1/contacts?limit=200", who)
        return {item["name"]: item for item in page["items"]}

    async def said(self, topic: str) -> dict[str, Any]:
        """What the topic would hold, by key; a tombstone is None. One row a key: the outbox replaces older ones."""
        rows = await self.pool.fetch("SELECT * FROM outbox WHERE topic = $1 AND not_before IS NULL", topic)
        return {row["key"]: row["value"] and json.loads(row["value"]) for row in rows}

    async def outbox(self) -> list[int]:
        """The outbox's rows, to see that nothing came."""
        return [row["seq"] for row in await self.pool.fetch("SELECT seq FROM outbox ORDER BY seq")]

    async def tie(self, who: Person, contact_id: str) -> dict[str, Any]:
        """The evidence of a tie by kind."""
        event = (await self.said("ties.v1"))[f"{who.id}:{contact_id}"]
        return {one["kind"]: {k: v for k, v in one.items() if k != "kind"} for one in event["evidence"]}


def _read(message: EmailMessage) -> Letter:
    body = message.get_body(("plain",))
    assert body is not None
    text = "\n".join(body.get_content().splitlines())
    code = re.search(r"code: (\d{3}) (\d{3})$", text, re.MULTILINE)
    link = re.search(r"token=(\S+)$", text, re.MULTILINE)
    assert code is not None
    return Letter(message["X-Envelope-To"], message["Subject"], code[1] + code[2], link[1] if link else None, text)


def _settings(database: Database, bootstrap: str, mail: MailServer) -> Settings:
    return Settings(
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_from="Warmpath <warmpath@news.example>",
        smtp_timeout_seconds=5,
        console_url=HttpUrl(CONSOLE),
        operator_addresses="ada@operators.example",
        database_url=SecretStr(database.dsn("profiles")),
        service_token=SecretStr(SERVICE),
        operator_token=SecretStr(OPERATOR),
        kafka_bootstrap_servers=bootstrap,
    )


def _client(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://profiles.test", timeout=30)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _started(module_database: Database) -> AsyncIterator[Service]:
    calendar = Calendar()
    async with mail_server() as mail:
        app = make_app(_settings(module_database, "127.0.0.1:1", mail), calendar, background=False)
        async with app.router.lifespan_context(app), _client(app) as http:
            yield Service(app, http, calendar, mail)


@pytest_asyncio.fixture(loop_scope="session")
async def service(_started: Service, module_database: Database) -> Service:
    """The HTTP API alone; its events stay in the outbox, where tests read them."""
    await empty(module_database)
    _started.calendar.day = Calendar.day
    vars(_started.mail).update(vars(MailServer(_started.mail.port)))
    return _started


@pytest_asyncio.fixture(loop_scope="session")
async def running(database: Database, topics: Broker) -> AsyncIterator[Service]:
    """The whole service, with Kafka; its ids are its own."""
    calendar = Calendar()
    async with mail_server() as mail:
        app = make_app(_settings(database, topics.bootstrap, mail), calendar)
        async with app.router.lifespan_context(app), _client(app) as http:
            yield Service(app, http, calendar, mail)


@pytest_asyncio.fixture(loop_scope="session")
async def alone(database: Database, clean_kafka: Broker) -> AsyncIterator[tuple[Service, str]]:
    """The whole service with a broker of its own, and that broker's address: nobody else writes its topics."""
    await cluster.ensure(clean_kafka.bootstrap)
    async with mail_server() as mail:
        app = make_app(_settings(database, clean_kafka.bootstrap, mail), calendar := Calendar())
        async with app.router.lifespan_context(app), _client(app) as http:
            yield Service(app, http, calendar, mail), clean_kafka.bootstrap


@pytest_asyncio.fixture(loop_scope="session")
async def dana(service: Service) -> Person:
    """A member."""
    return await service.member("Dana Okafor", "dana@example.org", verified=True)
