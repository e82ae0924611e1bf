"""Introductions as different people see them, for pictures: invented people ask, agree and wait on a running stack."""

import mailbox
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from cli.demo.load import call
from cli.demo.services import Services
from shared.services import ServiceName
from shared.testing.wait import until
from tests.browser.town import SEEKING, Person, opening, suggested

TITLE = "Data Engineer"
NOTE = (
    "I have built data pipelines for five years, and read with interest how the team there moved to streaming. "
    "May I hear how they work? A no is fine, too."
)
Scenes = Mapping[str, tuple[str, Mapping[str, str]]]
"""By who looks: a member's id ("" for nobody), and their pages by the names of the pictures."""


@dataclass(frozen=True)
class AsOperator:
    """The stack of the demo, as `town` asks it."""

    to: Services

    async def ok(self, name: ServiceName, method: str, path: str, token: str = "", **options: Any) -> Any:
        """The JSON of an answer that must be a success; without a token an operator asks."""
        headers = options.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        client: httpx2.AsyncClient = getattr(self.to, name)
        return await call(client, method, path, headers=headers, **options)


async def play(to: Services, mail: Path) -> Scenes:
    """Nadia asks three people: Jonas has not answered yet, Ebba has agreed to ask somebody, Tom has introduced her."""
    api = AsOperator(to)
    nadia, sam = Person("Nadia", "Rahman", "Glasshouse Software"), Person("Sam", "Costa", "Northwind Logistics")
    jonas, ebba, tom = (
        Person("Jonas", "Berg", "Globex"),
        Person("Ebba", "Lind", "Hooli"),
        Person("Tom", "Reyes", "Initech"),
    )
    there = [Person("Priya", "Nair", "Juniper Bank"), Person("Omar", "Said", "Koru Energy")]
    there += [Person("Lena", "Vogel", "Halcyon Rail")]
    for who in (nadia, jonas, ebba, tom, sam, *there):
        who.email = f"{who.first}.{who.last}@people.example".lower()
        seeks = {"seeking": SEEKING, "looks_openly": True} if who in (nadia, sam) else {}
        await who.join(api, **seeks)
    await nadia.knows(api, jonas, ebba, tom)
    await sam.knows(api, jonas)
    for knower, known in zip((jonas, ebba, tom), there, strict=True):
        await knower.knows(api, nadia, known, *([sam] if knower is jonas else []))
        await known.knows(api, knower)
    asked = [await _ask(api, nadia, knower, known) for knower, known in zip((jonas, ebba, tom), there, strict=True)]
    for number, knower in ((1, ebba), (2, tom)):
        await _say(api, knower, asked[number], "answer", {"answer": "yes"})
    await _say(api, there[2], asked[2], "target-answer", {"answer": "yes", "contact": there[2].email})
    link = await until(lambda: _link(mail, jonas.email), timeout=60, what="Jonas has an e-mail")
    pages = {"limits": "/limits", "keep-in-touch": "/keep-in-touch"}
    suggestion = await suggested(api, sam, there[0].company, TITLE)
    return {
        "seeker": (nadia.id, pages | {
            "introductions": "/introductions", "asked": f"/introductions/{asked[0]}",
            "introduced": f"/introductions/{asked[2]}",
        }),
        "other": (sam.id, {"ask": f"/introductions/ask?suggestion={suggestion}&introducer={jonas.id}"}),
        "introducer": (jonas.id, pages | {
            "introductions": "/introductions", "to-answer": f"/introductions/{asked[0]}", "give": "/give",
        }),
        "target": (there[1].id, {"introductions": "/introductions", "to-meet": f"/introductions/{asked[1]}"}),
        "nobody": ("", {"sign-in": "/sign-in", "link": link, "link-read": link, "forget-me": "/forget-me"}),
    }  # fmt: skip


async def _ask(api: AsOperator, seeker: Person, introducer: Person, insider: Person) -> str:
    await opening(api, insider.company, TITLE)
    form = {
        "suggestion_id": await suggested(api, seeker, insider.company, TITLE), "introducer_ids": [introducer.id],
        "note": NOTE, "known_as_looking": True,
    }  # fmt: skip
    made = await api.ok("introductions", "POST", "/v1/introductions", seeker.token, json=form)
    return str(made["id"])


async def _say(api: AsOperator, who: Person, introduction_id: str, what: str, body: dict[str, str]) -> None:
    await api.ok("introductions", "POST", f"/v1/introductions/{introduction_id}/{what}", who.token, json=body)


def _link(mail: Path, address: str) -> str | None:
    """The path of the link to answer by, in an e-mail to this address."""
    for message in mailbox.Maildir(mail, create=False):
        for part in message.walk() if message["X-Envelope-To"] == address else ():
            text = part.get_payload(decode=True)
            if isinstance(text, bytes) and (found := re.search(r"(/answer/[\w-]+)", text.decode(errors="replace"))):
                return found[1]
    return None
