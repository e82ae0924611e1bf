"""One person's story, told on the real stack: each step is a request, and what is told is what came of it."""

import time
from typing import Any

from cli.demo.ear import Ear
from cli.demo.load import Account, call
from cli.demo.network import COLLEAGUE, FAR_EMPLOYER, FRIEND, HEROINE, STORY_EMPLOYER, story_opening
from cli.demo.services import Services, until_read
from cli.demo.telling import Teller


class WrongError(Exception):
    """The story went otherwise than it is told; the text says how."""


class Story:
    """The heroine, her friend and her colleague, and the recruiter whose key is `key`."""

    def __init__(self, services: Services, accounts: list[Account], key: str, teller: Teller) -> None:
        self._to, self._tell = services, teller
        self._her, self._friend, self._colleague = (accounts[n] for n in (HEROINE, FRIEND, COLLEAGUE))
        self._names = {account.id: account.member.name for account in accounts}
        self._recruiter = {"Authorization": f"Bearer {key}"}
        self.posted: dict[str, float] = {}

    async def tell(self) -> None:
        """Tell it from the opening to the end. Raises when a step does not come true."""
        async with Ear(self._to.notifications, self._her.auth) as ear:
            posting = await self._she_hears(ear)
            await self._she_says_how_well(ear, posting)
            await self._bonus_is_doubled(posting)
            await self._consent_is_withdrawn(ear, posting)
            await self._no_path()
            await self._opening_closes(ear, posting)

    async def _she_hears(self, ear: Ear) -> str:
        began = time.perf_counter()
        posting = await self._post(story_opening())
        data, at = await ear.hear("suggestion", lambda d: bool(d["item"]) and d["item"]["posting_id"] == posting)
        names = [path["name"] for path in data["item"]["paths"]]
        self._tell.step(
            f"{STORY_EMPLOYER.name} posts “{data['item']['title']}”. {self._her.member.first} hears of "
            f"{len(names)} people who can introduce her, and why:", at - began,
        )  # fmt: skip
        self._tell.introducers(data["item"])
        friend = self._friend.member.name
        _expect(len(names) == 2 and friend in names and names[0] != friend, f"two introducers, {friend} not first")
        self._tell.note(
            f"{friend} is her closest friend, yet not first: {names[0]} works there, in the very job that is open."
        )
        return posting

    async def _she_says_how_well(self, ear: Ear, posting: str) -> None:
        began = time.perf_counter()
        await self._rate(self._colleague, 2)
        data, at = await ear.hear("updated", lambda d: bool(d["item"]) and d["item"]["posting_id"] == posting)
        names = [path["name"] for path in data["item"]["paths"]]
        _expect(names[0] == self._friend.member.name, "the order changed")
        self._tell.step(
            f"On second thoughts she knows {self._colleague.member.first} only a little, and says so (2 of 5). "
            "The order changes:", at - began,
        )  # fmt: skip
        self._tell.introducers(data["item"])

    async def _bonus_is_doubled(self, posting: str) -> None:
        before = await self._item(posting)
        began = time.perf_counter()
        opening = story_opening() | {"referral_bonus": "2,000 EUR"}
        path = f"/v1/postings/{posting}"
        made = await call(self._to.postings, "PUT", path, json=opening, headers=self._recruiter)
        await until_read(self._to, posting, made["version"])
        took = time.perf_counter() - began
        _expect(await self._item(posting) == before, "nothing moved")
        self._tell.step("The referral bonus is doubled. Nothing moves: not the order, not a score, no message.", took)

    async def _consent_is_withdrawn(self, ear: Ear, posting: str) -> None:
        friend = self._friend.member
        began = time.perf_counter()
        await call(self._to.profiles, "PATCH", "/v1/me", json={"introduces": False}, headers=self._friend.auth)
        data, at = await ear.hear("updated", lambda d: bool(d["item"]) and d["item"]["posting_id"] == posting)
        names = [path["name"] for path in data["item"]["paths"]]
        _expect(friend.name not in names, f"{friend.first} is gone")
        self._tell.step(f"{friend.first} no longer wants to be asked. The suggestion to ask her is gone:", at - began)
        self._tell.introducers(data["item"])

    async def _no_path(self) -> None:
        began = time.perf_counter()
        posting = await self._post(story_opening(employer=FAR_EMPLOYER))
        await until_read(self._to, posting)
        who = {"member": self._her.id}
        why = await call(self._to.matching, "GET", "/v1/explain", params=who | {"posting_id": posting})
        paths = await call(self._to.matching, "GET", "/v1/paths", params=who | {"company": FAR_EMPLOYER.name})
        took = time.perf_counter() - began
        _expect(why["suggestion"] is None and not paths["paths"], "there is no path")
        self._tell.step(f"{FAR_EMPLOYER.name} posts the same job. {why['reason']}", took)
        for way in paths["ways"]:
            self._tell.note(f"What would make one: {self._in_words(way)}")

    async def _opening_closes(self, ear: Ear, posting: str) -> None:
        item = await self._item(posting)
        began = time.perf_counter()
        await call(self._to.postings, "POST", f"/v1/postings/{posting}/close", headers=self._recruiter)
        _, at = await ear.hear("withdrawn", lambda d: bool(d["id"] == item["id"]))
        self._tell.step("The opening closes. What she was told is taken back.", at - began)

    def _in_words(self, way: dict[str, Any]) -> str:
        name = self._names.get(way["person_id"])
        return (
            f"get to know {name} better: they know somebody there" if name and way["kind"] == "member" else way["says"]
        )

    async def _post(self, opening: dict[str, Any]) -> str:
        made = await call(self._to.postings, "POST", "/v1/postings", json=opening, headers=self._recruiter)
        self.posted[made["posting_id"]] = time.time()
        return str(made["posting_id"])

    async def _rate(self, whom: Account, value: int) -> None:
        path = f"/v1/contacts/{whom.id}/closeness"
        await call(self._to.profiles, "PUT", path, json={"value": value}, headers=self._her.auth)

    async def _item(self, posting: str) -> dict[str, Any]:
        page = await call(self._to.notifications, "GET", "/v1/inbox", headers=self._her.auth)
        found = [item for item in page["items"] if item["posting_id"] == posting]
        _expect(len(found) == 1, "the opening is in her inbox once")
        return dict(found[0])


def _expect(true: bool, what: str) -> None:
    if not true:
        raise WrongError(f"the story went wrong: not so that {what}")
