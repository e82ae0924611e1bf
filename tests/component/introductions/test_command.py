"""`warmpath introductions`, against the running service."""

import asyncio
from typing import Any

from typer.testing import CliRunner

from cli.main import app
from tests.component.introductions.conftest import OPERATOR
from tests.component.notifications.conftest import served


async def test_operators_list_and_follow_introductions(world, monkeypatch):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei", note="secret words")
    monkeypatch.setenv("WARMPATH_OPERATOR_TOKEN", OPERATOR)
    monkeypatch.setenv("COLUMNS", "160")
    async with served(world.app) as url:
        monkeypatch.setenv("WARMPATH_INTRODUCTIONS_URL", url)

        async def run(*args: str) -> Any:
            return await asyncio.to_thread(CliRunner().invoke, app, ["introductions", *args])

        listed = await run("list")
        assert listed.exit_code == 0, listed.output
        assert "1 asked; 0 overdue, 0 waiting for room" in listed.output
        assert one["id"] in listed.output
        assert one["id"] not in (await run("list", "--state", "closed")).output
        shown = await run("show", one["id"])
        assert "2026-03-01 00:00  asked" in shown.output
        assert "2026-03-08 00:00  the time to answer is over" in shown.output
        assert "secret" not in shown.output + listed.output
        unknown = await run("show", "none")
        assert unknown.exit_code == 1
        assert (await run("list", "--state", "none")).exit_code == 1
