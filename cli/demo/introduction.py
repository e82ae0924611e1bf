"""One introduction on the real stack, from the question to a new acquaintance: each step is a request."""

import asyncio
import mailbox
import re
import time
from pathlib import Path
from typing import Any

import httpx2

from cli.demo.load import Account, RequestError, call
from cli.demo.printer import Printer
from cli.demo.services import Services
from shared.testing.wait import until

NOTE = "I have built payment systems for six years, and would like to hear what the team there works on."
ARRIVES_S = 60.0


class IntroductionStory:
    """The seeker asks her friend, whose friend works there."""

    def __init__(self, to: Services, people: tuple[Account, Account, Account], mail: Path, printer: Printer) -> None:
        self._to, self._mail, self._printer = to, mail, printer
        self._her, self._friend, self._insider = people

    async def tell(self, item: dict[str, Any]) -> None:
        """From asking about an item of her inbox to how it went. Raises RequestError where a step fails."""
        asked = await self._she_asks(item)
        await self._friend_says_yes_by_the_link(asked)
        await self._insider_agrees(asked)
        await self._it_is_closed(asked)

    async def _she_asks(self, item: dict[str, Any]) -> str:
        her, friend = self._her.member, self._friend.member
        form = {
            "suggestion_id": item["id"],
            "introducer_ids": [self._friend.id],
            "note": NOTE,
            "known_as_looking": True,
        }
        began = time.perf_counter()
        made = await call(self._to.introductions, "POST", "/v1/introductions", json=form, headers=self._her.auth)
        await self._told(self._friend, "introduction_asked")
        self._printer.step(
            f"{her.first} asks {friend.first} to introduce her. {friend.first} has it in her inbox; whom she knows "
            f"there, {her.first} is not told:", time.perf_counter() - began,
        )  # fmt: skip
        self._printer.note(f"“{NOTE}”")
        return str(made["id"])

    async def _friend_says_yes_by_the_link(self, asked: str) -> None:
        friend = self._friend.member
        path = await until(lambda: self._link(friend.email), timeout=ARRIVES_S, what=f"an e-mail to {friend.first}")
        began = time.perf_counter()
        opened = await self._console("POST", path)
        form = re.search(r'name="answer_token" value="([^"]+)"', opened)
        said = {"answer_token": form[1] if form else "", "what": "yes"}
        await self._console("POST", f"{path}/say", data=said)
        await self._told(self._insider, "target_asked")
        self._printer.step(
            f"{friend.first} says yes by the link in her e-mail, without signing in. "
            f"{self._insider.member.first}, who works there, is asked:", time.perf_counter() - began,
        )  # fmt: skip
        seen = await self._as(self._insider, asked)
        self._printer.note(f"{seen['seeker']['name']}, through {seen['introducer']['name']}: {seen['title']}")

    async def _insider_agrees(self, asked: str) -> None:
        insider = self._insider.member
        began = time.perf_counter()
        answer = {"answer": "yes", "contact": insider.email}
        where = f"/v1/introductions/{asked}/target-answer"
        await call(self._to.introductions, "POST", where, json=answer, headers=self._insider.auth)
        await self._told(self._her, "introduced")
        seen = await self._as(self._her, asked)
        self._printer.step(
            f"{insider.first} agrees. Only now does {self._her.member.first} learn who it is: "
            f"{seen['target']['name']}, {seen['contact']}.", time.perf_counter() - began,
        )  # fmt: skip

    async def _it_is_closed(self, asked: str) -> None:
        began = time.perf_counter()
        where = f"/v1/introductions/{asked}"
        told = {"outcome": "talked"}
        await call(self._to.introductions, "POST", f"{where}/outcome", json=told, headers=self._her.auth)
        await call(self._to.introductions, "POST", f"{where}/talked", headers=self._insider.auth)
        await self._told(self._friend, "outcome")
        self._printer.step(
            f"They talked. {self._friend.member.first} hears what came of her help, and it is remembered: she gave "
            f"{self._her.member.first} one introduction.", time.perf_counter() - began,
        )  # fmt: skip

    def knows_her_now(self, item: dict[str, Any]) -> bool:
        """Whether an item has a direct way through the insider."""
        return any(path["name"] == self._insider.member.name and path["way"] == "direct" for path in item["paths"])

    async def _told(self, who: Account, kind: str) -> None:
        async def there() -> bool:
            query = {"kind": kind}
            page = await call(self._to.notifications, "GET", "/v1/inbox", params=query, headers=who.auth)
            return bool(page["items"])

        await until(there, timeout=ARRIVES_S, every=0.02, what=f"{who.member.first} is told ({kind})")

    async def _as(self, who: Account, asked: str) -> dict[str, Any]:
        found = await call(self._to.introductions, "GET", f"/v1/introductions/{asked}", headers=who.auth)
        return dict(found)

    async def _link(self, address: str) -> str | None:
        return await asyncio.to_thread(_newest_link, self._mail, address)

    async def _console(self, method: str, path: str, **options: Any) -> str:
        answer = await self._to.console.request(method, path, headers={"Authorization": ""}, **options)
        if answer.status_code != httpx2.codes.OK:
            raise RequestError(f"{method} {path[:8]}… answered {answer.status_code}")
        return answer.text


def _newest_link(mail: Path, address: str) -> str | None:
    """The path of the link to answer by, in the newest e-mail to this address."""
    sent = [each for each in mailbox.Maildir(mail, create=False) if each["X-Envelope-To"] == address]
    for message in sorted(sent, key=lambda each: each.get_date(), reverse=True):
        for part in message.walk():
            if part.get_content_type() == "text/plain":
                text = part.get_payload(decode=True)
                if isinstance(text, bytes) and (found := re.search(r"(/answer/[\w-]+)", text.decode())):
                    return found[1]
    return None
