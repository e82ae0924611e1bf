"""Brings the example network in through the front door: every member, profile, address book and rating by HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2

from cli.demo.network import Member, connections_csv

AT_ONCE = 16
"""Requests under way at the same time."""

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told (what, done, of) as work goes on."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member as the stack knows them."""

    member: Member
    id: str
    token: str

    @property
    def auth(self) -> dict[str, str]:
        """Headers that speak for this member."""
        return {"Authorization": f"Bearer {self.token}"}


async def load(profiles: httpx2.AsyncClient, members: list[Member], progress: Progress) -> list[Account]:
    """Create the members, then import everybody's address book, then their ratings.

    Args:
        profiles: speaks as an operator.
        members: in the order in which the accounts come back.
        progress: told as work goes on.
    """

    async def create(member: Member) -> Account:
        made = await call(profiles, "POST", "/internal/v1/members", json=_account(member))
        return Account(member, made["member_id"], made["token"])

    accounts = await _side_by_side("members", members, create, progress)

    async def bring_book(account: Account) -> None:
        headers = account.auth | {"Content-Type": "text/csv; charset=utf-8"}
        book = connections_csv(account.member).encode()
        await call(profiles, "POST", "/v1/contacts/import?source=linkedin", content=book, headers=headers)

    await _side_by_side("address books", accounts, bring_book, progress)
    by_url = {account.member.url: account.id for account in accounts}

    async def rate(account: Account) -> None:
        ratings = [{"contact_id": by_url[url], "value": value} for url, value in account.member.closeness.items()]
        await call(profiles, "PUT", "/v1/contacts/closeness", json={"ratings": ratings}, headers=account.auth)

    raters = [account for account in accounts if account.member.closeness]
    await _side_by_side("people who say how well they know whom", raters, rate, progress)
    return accounts


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
    }


async def _side_by_side(
    what: str, items: list[Any], work: Callable[[Any], Awaitable[T]], progress: Progress
) -> list[T]:
    """Do `work` for every item, `AT_ONCE` at a time; results in the order of the items."""
    gate, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(item: Any) -> T:
        nonlocal done
        async with gate:
            result = await work(item)
        done += 1
        progress(what, done, len(items))
        return result

    return list(await asyncio.gather(*map(one, items)))


class RefusedError(Exception):
    """A service answered with a problem; the text is its own."""


async def call(client: httpx2.AsyncClient, method: str, path: str, **options: Any) -> Any:
    """A request that must succeed: its JSON.

    Raises:
        RefusedError: with the service's words.
    """
    answer = await client.request(method, path, **options)
    if answer.is_error:
        raise RefusedError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
    return answer.json() if answer.content else None
