"""A member's archive holds what profiles put into it, and what the other services answer them, page by page."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.console.browser import SESSION
from services.console.pages.export import LISTS, SINGLE
from tests.unit.console.answering import browser

INBOX = [{"id": f"s{number}", "title": "Köchin"} for number in range(3)]


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        whole.writestr("profile.json", '{"name": "Mei"}')
    return made.getvalue()


class Services:
    """An inbox of three pages, of which one item each; other lists are empty. `away`: a path that is not answered."""

    def __init__(self, made: bytes, away: str = "") -> None:
        self.made, self.away, self.asked = made, away, list[str]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path, query = request.url.path, request.url.params
        assert request.headers["authorization"] == "Bearer wpm_somebody"
        self.asked.append(path)
        if path == self.away:
            return httpx2.Response(503, json={"detail": "away"})
        if path == "/v1/me/export":
            return httpx2.Response(200, content=self._pieces())
        if path == "/v1/inbox":
            at = int(query.get("cursor", 0))
            more: dict[str, Any] = {"next": str(at + 1)} if at + 1 < len(INBOX) else {}
            return httpx2.Response(200, json={"items": [INBOX[at]], **more})
        if path == "/v1/introductions":
            return httpx2.Response(200, json={"items": [{"note": "Hello"}] if query["role"] == "seeker" else []})
        return httpx2.Response(200, json={"said": path})

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield self.made[:20]
        yield self.made[20:]

    async def download(self) -> httpx2.Response:
        async with browser(self, **{SESSION: "wpm_somebody"}) as http:
            return await http.get("/settings/export")


async def test_an_archive_holds_what_each_service_answers():
    answer = await Services(archive()).download()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        assert whole.testzip() is None
        files = {name: json.loads(whole.read(name)) for name in whole.namelist()}
    assert files.pop("profile.json") == {"name": "Mei"}
    assert files.keys() == {f"elsewhere/{name}.json" for name in (*LISTS, *SINGLE)}
    assert files["elsewhere/inbox.json"] == INBOX
    assert files["elsewhere/introductions-as-seeker.json"] == [{"note": "Hello"}]
    assert files["elsewhere/introductions-as-target.json"] == []
    assert files["elsewhere/limits.json"] == {"said": "/v1/limits"}


@pytest.mark.parametrize("away", ["/v1/me/export", "/v1/limits", "/v1/inbox"])
async def test_it_is_whole_or_not_there(away):
    assert (await Services(archive(), away).download()).status_code == 503


async def test_one_that_broke_off_is_none():
    services = Services(archive()[:-30])
    assert (await services.download()).status_code == 503
    assert services.asked == ["/v1/me/export"]
