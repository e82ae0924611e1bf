"""One person's story on the real stack: each step is a request, and what is printed is what came of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.demo.inbox_stream import InboxStream
from cli.demo.introduction import IntroductionStory
from cli.demo.load import Account, call
from cli.demo.network import COLLEAGUE, FAR_EMPLOYER, FRIEND, INSIDER, SEEKER, STORY_EMPLOYER, story_opening
from cli.demo.printer import Printer
from cli.demo.services import Services, until_read
from shared.testing.wait import until


class StoryError(Exception):
    """A step of the story had another outcome than expected; the text says which."""


class Story:
    """The seeker, her friend and her colleague, and the recruiter whose key is `key`."""

    def __init__(self, services: Services, accounts: list[Account], key: str, printer: Printer, mail: Path) -> None:
        self._to, self._printer = services, printer
        self._her, self._friend, self._colleague = (accounts[n] for n in (SEEKER, FRIEND, COLLEAGUE))
        self._recruiter = {"Authorization": f"Bearer {key}"}
        people = (self._her, self._friend, accounts[INSIDER])
        self._introduction = IntroductionStory(services, people, mail, printer)
        self.posted: dict[str, float] = {}

    async def tell(self) -> None:
        """Run it from the opening to the end. Raises StoryError at a step with an unexpected outcome."""
        async with InboxStream(self._to.notifications, self._her.auth) as stream:
            posting = await self._opening_reaches_her(stream)
            await self._rating_changes_the_order(stream, posting)
            await self._bonus_is_doubled(posting)
            await self._introduction.tell(await self._item(posting))
            await self._she_knows_somebody_there(posting)
            await self._consent_is_withdrawn(stream, posting)
            await self._no_path()
            await self._recruiter_sees_the_reach(posting)
            await self._opening_closes(stream, posting)
            await self._and_it_goes_on(stream)

    async def _opening_reaches_her(self, stream: InboxStream) -> str:
        began = time.perf_counter()
        posting = await self._post(story_opening())
        data, at = await stream.next_event("suggestion", _is_about(posting))
        names = [path["name"] for path in data["item"]["paths"]]
        self._printer.step(
            f"{STORY_EMPLOYER.name} posts “{data['item']['title']}”. {self._her.member.first} is told of "
            f"{len(names)} people who can introduce her, and why:", at - began,
        )  # fmt: skip
        self._printer.introducers(data["item"])
        friend = self._friend.member.name
        _expect(len(names) == 2 and names[1] == friend, f"there are two introducers and {friend} is second")
        self._printer.note(
            f"{friend} is her closest friend, but not first: {names[0]} works there, in the same job as the opening."
        )
        return posting

    async def _rating_changes_the_order(self, stream: InboxStream, posting: str) -> None:
        began = time.perf_counter()
        await self._rate(self._colleague, 1)
        data, at = await stream.next_event("updated", _is_about(posting))
        names = [path["name"] for path in data["item"]["paths"]]
        _expect(names[0] == self._friend.member.name, "the order changes")
        self._printer.step(
            f"She rates how well she knows {self._colleague.member.first}: barely (1 of 5). "
            "The order changes:", at - began,
        )  # fmt: skip
        self._printer.introducers(data["item"])

    async def _bonus_is_doubled(self, posting: str) -> None:
        before = await self._item(posting)
        began = time.perf_counter()
        opening = story_opening() | {"referral_bonus": "2,000 EUR"}
        path = f"/v1/postings/{posting}"
        made = await call(self._to.postings, "PUT", path, json=opening, headers=self._recruiter)
        await until_read(self._to, posting, made["version"])
        took = time.perf_counter() - began
        _expect(await self._item(posting) == before, "nothing changes")
        self._printer.step("The referral bonus is doubled. Nothing changes: no order, no score, no message.", took)

    async def _she_knows_somebody_there(self, posting: str) -> None:
        began = time.perf_counter()

        async def direct() -> bool:
            return self._introduction.knows_her_now(await self._item(posting))

        await until(direct, timeout=60, what="she has a direct way in")
        took = time.perf_counter() - began
        self._printer.step("Now she knows somebody there herself, a direct way in:", took)
        self._printer.introducers(await self._item(posting))

    async def _consent_is_withdrawn(self, stream: InboxStream, posting: str) -> None:
        friend = self._friend.member

        def without_friend(data: dict[str, Any]) -> bool:
            return _is_about(posting)(data) and friend.name not in [path["name"] for path in data["item"]["paths"]]

        began = time.perf_counter()
        await call(self._to.profiles, "PATCH", "/v1/me", json={"introduces": False}, headers=self._friend.auth)
        data, at = await stream.next_event("updated", without_friend)
        self._printer.step(f"{friend.first} no longer agrees to be asked. She is no longer suggested:", at - began)
        self._printer.introducers(data["item"])

    async def _no_path(self) -> None:
        began = time.perf_counter()
        posting = await self._post(story_opening(employer=FAR_EMPLOYER))
        await until_read(self._to, posting)
        who = {"member": self._her.id}
        why = await call(self._to.matching, "GET", "/v1/explain", params=who | {"posting_id": posting})
        paths = await call(self._to.matching, "GET", "/v1/paths", params=who | {"company": FAR_EMPLOYER.name})
        took = time.perf_counter() - began
        _expect(why["suggestion"] is None and not paths["paths"], "there is no path")
        self._printer.step(f"{FAR_EMPLOYER.name} posts the same job. {why['reason']}", took)

    async def _recruiter_sees_the_reach(self, posting: str) -> None:
        async def counted() -> dict[str, Any] | None:
            path = f"/v1/postings/{posting}/reach"
            reach: dict[str, Any] = await call(self._to.postings, "GET", path, headers=self._recruiter)
            return reach if reach["counted_at"] else None

        reach = await until(counted, timeout=60, what="the reach is worked out")
        self._printer.step(
            f"What the recruiter learns of seekers: about how many the opening reaches ({reach['seekers']}). It is "
            "worked out an hour after posting (here at once), then weekly, whatever pay they ask and whom they avoid."
        )

    async def _opening_closes(self, stream: InboxStream, posting: str) -> None:
        item = await self._item(posting)
        began = time.perf_counter()
        await call(self._to.postings, "POST", f"/v1/postings/{posting}/close", headers=self._recruiter)
        _, at = await stream.next_event("withdrawn", lambda d: bool(d["id"] == item["id"]))
        self._printer.step("The opening closes. The suggestion is withdrawn.", at - began)

    async def _and_it_goes_on(self, stream: InboxStream) -> None:
        """So that her page is not empty when somebody opens it after the story."""
        friend, began = self._friend.member, time.perf_counter()
        await call(self._to.profiles, "PATCH", "/v1/me", json={"introduces": True}, headers=self._friend.auth)
        posting = await self._post(story_opening("Staff Backend Engineer"))
        await stream.next_event("suggestion", _is_about(posting))

        async def both() -> bool:
            return friend.name in [path["name"] for path in (await self._item(posting))["paths"]]

        await until(both, timeout=60, what=f"{friend.first} is suggested again")
        took = time.perf_counter() - began
        self._printer.step(f"{friend.first} agrees again, and {STORY_EMPLOYER.name} posts the next opening:", took)
        self._printer.introducers(await self._item(posting))

    async def _post(self, opening: dict[str, Any]) -> str:
        made = await call(self._to.postings, "POST", "/v1/postings", json=opening, headers=self._recruiter)
        self.posted[made["posting_id"]] = time.time()
        return str(made["posting_id"])

    async def _rate(self, whom: Account, value: int) -> None:
        path = f"/v1/contacts/{whom.id}/closeness"
        await call(self._to.profiles, "PUT", path, json={"value": value}, headers=self._her.auth)

    async def _item(self, posting: str) -> dict[str, Any]:
        only = {"kind": "suggestion"}
        page = await call(self._to.notifications, "GET", "/v1/inbox", params=only, headers=self._her.auth)
        found = [item for item in page["items"] if item["posting_id"] == posting]
        _expect(len(found) == 1, "the opening is in her inbox exactly once")
        return dict(found[0])


def _is_about(posting: str) -> Callable[[dict[str, Any]], bool]:
    return lambda data: bool(data["item"]) and data["item"]["posting_id"] == posting


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise StoryError(f"unexpected outcome in the story; expected that {what}")
