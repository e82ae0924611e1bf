"""All services as real processes on a broker, and when they have come to rest."""

import asyncio
import mailbox
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from cli.lag import _lags
from infra.local.mail import mail_server
from shared.messaging.inspection.groups import GroupInspector
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import RELAYS
from shared.services import SERVICES, ServiceName
from shared.testing.database import Database
from shared.testing.processes import OPERATOR_TOKEN, environments, service
from shared.testing.wait import until

REST_S = 60.0


@dataclass(frozen=True)
class WholeStack:
    """The running services: a client of each, the database's administrator, and the mail that was sent."""

    bootstrap: str
    clients: Mapping[ServiceName, httpx2.AsyncClient]
    admin: asyncpg.Pool
    mail: Path
    logs: Mapping[ServiceName, Path]

    async def call(
        self, name: ServiceName, method: str, path: str, token: str = OPERATOR_TOKEN, **options: Any
    ) -> httpx2.Response:
        """The answer to one request."""
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        return await self.clients[name].request(method, path, headers=headers, **options)

    async def ok(self, name: ServiceName, method: str, path: str, token: str = OPERATOR_TOKEN, **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = await self.call(name, method, path, token, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def rest(self) -> None:
        """Wait until whatever was said has arrived wherever it is read, and its mail is sent."""
        for _ in range(2):  # groups are asked one by one: what one writes may have come after the next was asked
            await until(self._nothing_waits, timeout=REST_S)

    async def _nothing_waits(self) -> bool:
        for name in RELAYS:
            waiting = f"SELECT count(*) FROM {name}.outbox WHERE not_before IS NULL"  # noqa: S608 - our own names
            assert await self.admin.fetchval(waiting) == 0
        assert await nothing_unread(self.bootstrap)
        unsent = "SELECT count(*) FROM notifications.deliveries WHERE state IN ('queued', 'sending')"
        assert await self.admin.fetchval(unsent) == 0
        return True

    async def mailed(self, address: str, pattern: str) -> str:
        """The first group of the pattern in the newest e-mail to an address, once there is one."""

        def found() -> str | None:
            messages = [each for each in mailbox.Maildir(self.mail) if each["X-Envelope-To"] == address]
            for message in sorted(messages, key=lambda each: each.get_date(), reverse=True):
                parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
                if match := re.search(pattern, parts[0].get_payload(decode=True).decode()):
                    return match[1]
            return None

        return str(await until(found, what=f"an e-mail to {address}"))

    def mails(self) -> list[str]:
        """Every e-mail so far, whole, in no order."""
        return [str(message) for message in mailbox.Maildir(self.mail)]


async def nothing_unread(bootstrap: str) -> bool:
    """`warmpath lag` shows zeros."""
    async with GroupInspector(bootstrap) as inspector:
        assert [each for each in await _lags(inspector) if each.lag] == []
    return True


@asynccontextmanager
async def whole_stack(bootstrap: str, database: Database, folder: Path, **more: str) -> AsyncIterator[WholeStack]:
    """Start the topics, a mail server and every service; stop them at the end. `more` is for their environment."""
    await cluster.ensure(bootstrap)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(mail_server(folder / "mail"))
        more |= {"WARMPATH_SMTP_HOST": "127.0.0.1", "WARMPATH_SMTP_PORT": str(port)}
        starting = [service(name, env, wait=False) for name, env in environments(bootstrap, database, **more).items()]
        processes = [await stack.enter_async_context(each) for each in starting]
        await asyncio.gather(*(process.until_ready() for process in processes))
        clients = {
            name: await stack.enter_async_context(httpx2.AsyncClient(base_url=process.url, timeout=30, trust_env=False))
            for name, process in zip(SERVICES, processes, strict=True)
        }
        admin = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
        logs = {name: process.log for name, process in zip(SERVICES, processes, strict=True)}
        yield WholeStack(bootstrap, clients, admin, folder / "mail", logs)
