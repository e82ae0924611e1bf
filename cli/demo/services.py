"""HTTP clients of a local stack's services, and the conditions that the demo waits for."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields

import httpx2

from cli.demo.load import call
from infra.local.process import LocalError
from infra.local.supervisor import Stack
from shared.testing.wait import until

STALLED_S = 60.0
"""The matcher reads thousands of records a second: one that reads none for so long never will."""
_TOLD = ("ties", "people", "versions")


@dataclass(frozen=True, slots=True)
class Services:
    """A client of each service that the demo uses."""

    postings: httpx2.AsyncClient
    profiles: httpx2.AsyncClient
    matching: httpx2.AsyncClient
    introductions: httpx2.AsyncClient
    notifications: httpx2.AsyncClient
    console: httpx2.AsyncClient


@asynccontextmanager
async def connected(stack: Stack) -> AsyncIterator[Services]:
    """Clients of the stack's services, authenticated as an operator."""
    headers = {"Authorization": f"Bearer {stack.operator_token}"}
    async with AsyncExitStack() as opened:
        clients = {
            each.name: await opened.enter_async_context(
                httpx2.AsyncClient(base_url=stack.urls[each.name], headers=headers, timeout=60, trust_env=False)
            )
            for each in fields(Services)
        }
        yield Services(**clients)


async def suggested(to: Services, postings: Iterable[str]) -> int | None:
    """How many suggestions the matcher has for these openings; None until it has read them all."""
    answers = [await to.matching.get(f"/internal/v1/openings/{posting}/suggestions") for posting in postings]
    return sum(answer.json()["suggestions"] for answer in answers) if all(a.is_success for a in answers) else None


async def until_read(to: Services, posting: str, version: int = 0) -> None:
    """Wait until the matcher has read the opening, in this version or a newer one."""

    async def read() -> bool:
        answer = await to.matching.get(f"/internal/v1/openings/{posting}/suggestions")
        return answer.is_success and bool(answer.json()["version"] >= version)

    await until(read, what="the matcher reads the opening")


async def until_book_read(to: Services, member: str, told: Callable[[int, int], None]) -> None:
    """Wait until the matcher has read a member's whole address book as it is now, by the versions of its records.

    It also knows the day by then, without which it answers nothing.

    Args:
        to: clients authenticated as an operator.
        member: whose address book.
        told: called with the records read so far, and how many there are.

    Raises:
        LocalError: it read nothing more for a minute.
    """
    best, moved = -1, time.monotonic()
    while True:
        path = f"/internal/v1/members/{member}/book"
        published, read = await call(to.profiles, "GET", path), await call(to.matching, "GET", path)
        whole, done = (book["ties"] + book["people"] for book in (published, read))
        told(done, whole)
        if read["day"] and all(published[name] == read[name] for name in _TOLD):
            return
        if done > best:
            best, moved = done, time.monotonic()
        elif time.monotonic() - moved > STALLED_S:
            raise LocalError(
                f"the matcher has read {done:,} of {whole:,} records of the address book, and no more for a minute"
            )
        await asyncio.sleep(0.3)
