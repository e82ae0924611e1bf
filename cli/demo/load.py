"""Loads the example network through the public HTTP API: members, profiles, address books and ratings."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2

from cli.demo.network import Member, connections_csv

CONCURRENCY = 16
"""Requests in flight at the same time."""

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Called with (what, done, total) as work proceeds."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member with the id and token that the stack gave them."""

    member: Member
    id: str
    token: str

    @property
    def auth(self) -> dict[str, str]:
        """Headers that authenticate this member."""
        return {"Authorization": f"Bearer {self.token}"}


async def load(profiles: httpx2.AsyncClient, members: list[Member], progress: Progress) -> list[Account]:
    """Create the members, then import their address books, then their ratings.

    Args:
        profiles: a client authenticated as an operator.
        members: the accounts come back in this order.
        progress: called as work proceeds.
    """

    async def create(member: Member) -> Account:
        made = await call(profiles, "POST", "/internal/v1/members", json=_account(member))
        return Account(member, made["member_id"], made["token"])

    accounts = await _concurrently("members", members, create, progress)

    async def import_contacts(account: Account) -> None:
        headers = account.auth | {"Content-Type": "text/csv; charset=utf-8"}
        book = connections_csv(account.member).encode()
        await call(profiles, "POST", "/v1/contacts/import?source=linkedin", content=book, headers=headers)

    await _concurrently("address books", accounts, import_contacts, progress)

    async def rate(account: Account) -> None:
        ids = await contact_ids(profiles, account)
        ratings = [{"contact_id": ids[url], "value": value} for url, value in account.member.closeness.items()]
        await call(profiles, "PUT", "/v1/contacts/closeness", json={"ratings": ratings}, headers=account.auth)

    raters = [account for account in accounts if account.member.closeness]
    await _concurrently("people who rate how well they know others", raters, rate, progress)
    return accounts


async def contact_ids(profiles: httpx2.AsyncClient, account: Account) -> dict[str, str]:
    """By profile link, the ids of somebody's contacts. Who did not let them find them has an id of the book alone."""
    ids: dict[str, str] = {}
    query: dict[str, str | int] = {"limit": 200}
    while True:
        page = await call(profiles, "GET", "/v1/contacts", params=query, headers=account.auth)
        ids |= {contact["profile_url"]: contact["id"] for contact in page["items"] if contact["profile_url"]}
        if page["next"] is None:
            return ids
        query["cursor"] = page["next"]


def _account(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "email": member.email,
        "profile_url": member.url,
        "verified": True,
        "employments": member.employments,
        "skills": member.skills,
        "seeking": member.seeking,
        "introduces": member.introduces,
        "visible_to_contacts": True,
        "discreet": member.discreet,
    }


async def _concurrently(
    what: str, items: list[Any], work: Callable[[Any], Awaitable[T]], progress: Progress
) -> list[T]:
    """Do `work` for every item, at most `CONCURRENCY` at a time; results in the order of the items."""
    gate, done = asyncio.Semaphore(CONCURRENCY), 0

    async def one(item: Any) -> T:
        nonlocal done
        async with gate:
            result = await work(item)
        done += 1
        progress(what, done, len(items))
        return result

    return list(await asyncio.gather(*map(one, items)))


class RequestError(Exception):
    """A service answered with an error; the text is its own."""


async def call(client: httpx2.AsyncClient, method: str, path: str, **options: Any) -> Any:
    """The JSON answer of a request that must succeed.

    Raises:
        RequestError: with the service's answer.
    """
    answer = await client.request(method, path, **options)
    if answer.is_error:
        raise RequestError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
    return answer.json() if answer.content else None
