"""HTTP clients of a local stack's services, and the conditions that the demo waits for."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields

import httpx2

from infra.local.supervisor import Stack
from shared.testing.wait import until


@dataclass(frozen=True, slots=True)
class Services:
    """A client of each service that the demo uses."""

    postings: httpx2.AsyncClient
    profiles: httpx2.AsyncClient
    matching: httpx2.AsyncClient
    notifications: httpx2.AsyncClient


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
