"""All that profiles keeps of a member, as one ZIP: each list as JSON and as CSV. Made while it is sent, page by page.

Kept true: no connection is held while a slow reader reads, and no more than a page is in memory. Hashes, versions and
digests are left out: they tell nobody anything.
"""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.privacy import KEPT
from shared.storage.pool import Pool
from shared.storage.queries import load
from shared.web import audit

SQL = load(Path(__file__).with_name("export.sql"))
PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would calculate instead of showing."""

LISTS: Mapping[str, str] = {
    "contacts": "your address book: what the files that you imported say of people (sources), and what you said",
    "introductions": "in which introductions somebody said yes to you: ids, when, and whether you said that you talked",
    "sessions": "where you are signed in",
    "tokens": "your tokens for programs: names and dates",
    "proofs": "sign-ins and changes of your address that are under way",
    "audit": "what was done to your account, and by what kind of caller",
    "organisations": "the organisations you work in, as postings keeps it: your role, since when",
    "invitations": "whom you invited into them, and who has not accepted yet",
}
"""Files of the archive, each as JSON and CSV, and what is in them."""

FROM_POSTINGS = ("organisations", "invitations")

HOW_TO_GET = {
    "postings": "openings and who posted them hold nothing of you but your id, where you agreed to be named in them",
    "notifications": "GET /v1/inbox, GET /v1/hidden and GET /v1/preferences of notifications, with your token",
    "introductions": "GET /v1/introductions, /v1/keep-in-touch and /v1/limits of introductions, with your token",
    "matching": "GET /v1/paths, /v1/explain and /v1/ask-next of matching, with your token; it keeps no tables",
}


@dataclass(frozen=True, slots=True)
class Export:
    """One member's archive. `profile` is what they see of it; `elsewhere` are the lists that postings keeps of them."""

    pool: Pool
    member_id: str
    profile: Mapping[str, Any]
    elsewhere: Mapping[str, list[dict[str, Any]]]

    async def stream(self) -> AsyncIterator[bytes]:
        """The archive's bytes, as they come into being."""
        out = _Sent()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _readme())
            archive.writestr("profile.json", _json(await self._account()))
            archive.writestr("elsewhere.json", _json(elsewhere()))
            for name in LISTS:
                for ending, write in (("json", _as_json), ("csv", _as_csv)):
                    with archive.open(f"{name}.{ending}", "w") as file:
                        async for text in write(self._pages(name)):
                            file.write(text.encode("utf-8", "replace"))
                            yield out.take()
        yield out.take()

    async def _account(self) -> dict[str, Any]:
        row = await self.pool.fetchrow(SQL["account"], self.member_id)
        return {**self.profile, **(dict(row) if row else {})}

    async def _pages(self, name: str) -> AsyncIterator[list[dict[str, Any]]]:
        """A list, in pages of rows without their keys."""
        if name in FROM_POSTINGS:
            if self.elsewhere[name]:
                yield self.elsewhere[name]
            return
        whose = audit.person(self.member_id) if name == "audit" else self.member_id
        last: list[str] | None = None
        while rows := await self.pool.fetch(SQL[name], whose, last, PAGE):
            last = rows[-1]["key"]
            yield [{column: value for column, value in row.items() if column != "key"} for row in rows]


def elsewhere() -> list[dict[str, str]]:
    """What else is kept of people, where, for how long, and how to get it."""
    return [
        {"what": one.what, "where": place, "how_long": one.how_long, "how_to_get": HOW_TO_GET.get(service, "")}
        for one in KEPT
        for place in one.places
        if (service := place.partition(".")[0]) != "profiles" and one.how_long
    ]


def _readme() -> str:
    files = "".join(f"{name}.json, {name}.csv\n    {about}\n" for name, about in LISTS.items())
    return (
        "What Warmpath keeps of you: its service profiles, and your part in organisations.\n\n"
        "profile.json\n    your profile, what you look for and what you agreed to\n"
        f"{files}"
        "elsewhere.json\n    what else is kept, where and for how long, and how to get it\n"
        "elsewhere/\n    that itself, as the services answer, where you downloaded this on the settings page\n\n"
        "In CSV files an apostrophe stands before what a spreadsheet would take for a formula; JSON has it plain.\n"
    )


class _Sent(io.RawIOBase):
    """A file that can only be written: what was written waits until it is taken."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        taken, self._waiting = bytes(self._waiting), bytearray()
        return taken


Pages = AsyncIterator[list[dict[str, Any]]]


async def _as_json(pages: Pages) -> AsyncIterator[str]:
    before = "[\n"
    async for page in pages:
        yield before + ",\n".join(_json(row) for row in page)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


async def _as_csv(pages: Pages) -> AsyncIterator[str]:
    header = True
    async for page in pages:
        rows: list[Iterable[str]] = [page[0].keys()] if header else []
        yield _lines([*rows, *([_cell(value) for value in row.values()] for row in page)])
        header = False


def _lines(rows: Sequence[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _json(value) if isinstance(value, (dict, list, bool)) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, default=str).encode
