"""A mail server that can be made to fail, profiles that know everybody's address, and notifications between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from aiokafka import AIOKafkaProducer
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI, Request

from infra.local.ports import free_port
from shared.events.envelope import Headers, seal
from shared.events.suggestions import Opening, PathV1, SuggestionV1, suggestion_id
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import SUGGESTIONS
from shared.testing.database import Database
from shared.testing.processes import environment
from tests.component.notifications.conftest import served
from tests.fault.storm import Mortal
from tests.integration.cluster import operator


class _Silent(asyncio.Protocol):
    """Accepts a connection and says nothing, ever."""


class _Closing(asyncio.Protocol):
    """Greets with 421."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(b"421 4.3.2 not now\r\n")  # type: ignore[attr-defined]
        transport.close()


@dataclass
class MailServer:
    """`mood`: `well`, `hangs`, or `busy`, which is 421 at the door, 451 for a recipient, 452 for a message, in turn."""

    port: int = 0
    mood: str = "well"
    unknown: set[str] = field(default_factory=set)
    """Recipients that are refused for good."""
    taken: Counter[str] = field(default_factory=Counter)
    """Messages that were accepted, by recipient."""
    ids: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    def visitor(self) -> asyncio.Protocol:
        """What a new connection meets."""
        self.visits += 1
        if self.mood == "hangs":
            return _Silent()
        if self.mood == "busy" and self.visits % 3 == 0:
            return _Closing()
        made: asyncio.Protocol = SMTP(self, hostname="mail.test", loop=asyncio.get_running_loop())
        return made

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if address in self.unknown:
            self.refused[address] += 1
            return "550 5.1.1 no such mailbox"
        if self.mood == "busy" and self.visits % 3 == 1:
            return "451 4.7.1 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.mood == "busy":
            return "452 4.3.1 no room"
        self.taken.update(envelope.rcpt_tos)
        self.ids.add(message_from_bytes(envelope.content, policy=policy.default)["Message-ID"])
        return "250 OK"


@dataclass
class Post:
    """Notifications as a process of its own, and what stands around it."""

    bootstrap: str
    process: Mortal
    mail: MailServer
    producer: AIOKafkaProducer
    database: asyncpg.Pool
    client: httpx2.AsyncClient

    async def suggest(self, number: int) -> None:
        """Write the suggestion of this number."""
        key, value, headers = suggested(number)
        await self.producer.send_and_wait(SUGGESTIONS.name, value, key, headers=headers)

    async def emails(self, *outcomes: str) -> float:
        """Tries that ended so, as this process counted them."""
        lines = (await self.client.get("/metrics")).text.splitlines()
        wanted = [f'warmpath_emails_total{{outcome="{outcome}"}}' for outcome in outcomes]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(tuple(wanted)))

    async def states(self) -> dict[str, int]:
        """How many e-mails stand how."""
        rows = await self.database.fetch("SELECT state, count(*) AS n FROM notifications.deliveries GROUP BY state")
        return {row["state"]: row["n"] for row in rows}


def suggested(number: int) -> tuple[bytes, bytes, Headers]:
    """Key, value, headers: for a seeker of its own, as the matcher writes it when an opening came. Told at once."""
    seeker, posting, now = f"s{number}", "p1", datetime.now(UTC)
    key = suggestion_id(seeker, posting)
    path = PathV1(introducer_id="i", insider_id="i", score=0.2, label="warm", ask="app")
    opening = Opening(title="Engineer", company="Lumenforge", posted_at=now)
    value = SuggestionV1(
        suggestion_id=key, seeker_id=seeker, posting_id=posting, version=5, fit=80, opening=opening, paths=(path,)
    )
    headers = seal(SUGGESTIONS.name, key, 5, "matching", cause="opening", cause_time=now)
    return key.encode(), value.to_json(), headers


def address(member: str) -> str:
    """Where a member's mail goes."""
    return f"{member}@mail.example"


def _profiles() -> FastAPI:
    app = FastAPI()

    @app.post("/internal/v1/cards")
    async def cards(request: Request) -> Any:
        body = await request.json()
        return {"cards": [_card(each, body["viewer"]) for each in body["ids"]]}

    return app


def _card(person: str, viewer: str) -> dict[str, Any]:
    return {"id": person, "name": f"Name of {person}", "email": address(person) if person == viewer else None}


@asynccontextmanager
async def post_office(bootstrap: str, database: Database, folder: Path, patience_s: float) -> AsyncIterator[Post]:
    """Start all of it on an empty broker; stop it at the end. `patience_s`: for each step with the mail server."""
    await cluster.ensure(bootstrap)
    async with AsyncExitStack() as stack:
        mail = MailServer()
        server = await asyncio.get_running_loop().create_server(mail.visitor, "127.0.0.1", 0)
        stack.callback(server.close)
        mail.port = server.sockets[0].getsockname()[1]
        more = {
            "WARMPATH_PROFILES_URL": await stack.enter_async_context(served(_profiles())),
            "WARMPATH_SMTP_HOST": "127.0.0.1",
            "WARMPATH_SMTP_PORT": str(mail.port),
            "WARMPATH_SMTP_TIMEOUT_SECONDS": str(patience_s),
        }
        env = environment(bootstrap, database.dsn("notifications"), **more)
        process = Mortal("notifications", free_port(), env, log=folder / "notifications.log")
        stack.push_async_callback(process.kill)
        await process.start()
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        stack.push_async_callback(producer.stop)
        pool = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
        client = httpx2.AsyncClient(base_url=process.url, headers=operator(), timeout=20, trust_env=False)
        yield Post(bootstrap, process, mail, producer, pool, await stack.enter_async_context(client))
