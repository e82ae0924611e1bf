"""The database is lost and comes back from a backup, by the commands in docs/operations.md; the topics knew more."""

import asyncio
import os
import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest

from cli.demo.load import Account
from cli.demo.load import load as bring
from infra.local.postgres import ADMIN, ROLES, binaries
from infra.local.process import ROOT
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.fault.storm import INPUTS, MEMBERS, SETTLED_S, Storm, _published, _same, _wanted, storm
from tests.integration.cluster import operator
from tests.integration.whole_stack import nothing_unread

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PAGE = (ROOT / "docs" / "operations.md").read_text()
OWNED = {"people.v1": "profiles", "ties.v1": "profiles", "postings.v1": "postings", "clock.v1": "postings"}
"""In the page's order."""
KINDS = ("different", "missing", "unknown", "revived")
TOLD = """SELECT suggestion_id FROM notifications.items
    WHERE kind = 'suggestion' AND (told_at > $1 AND told_seq IS NOT NULL OR waiting)"""
KNOWN = "SELECT suggestion_id FROM notifications.items WHERE kind = 'suggestion' AND told_at IS NOT NULL"


def commands(word: str) -> str:
    """The one block of commands of the page that has this word."""
    [found] = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if word in block]
    return str(found)


@dataclass
class Restored:
    """A running system that will lose its database, and who does what before and after the backup."""

    running: Storm
    folder: Path
    refuser: Account
    leaver: Account
    tie: tuple[Account, str]

    async def execute(self, script: str) -> None:
        """Run commands as an administrator of the database would: everything from the environment."""
        way = urlsplit(self.running.database.admin_dsn)
        passwords = {
            role: unquote(urlsplit(self.running.postgres.dsn(role)).password or "") for role in (ADMIN, *ROLES)
        }
        env = {
            "PATH": f"{binaries()}:{os.environ['PATH']}",
            "PGHOST": way.hostname or "",
            "PGPORT": str(way.port),
            "PGUSER": ADMIN,
            "PGPASSWORD": passwords[ADMIN],
            "PGDATABASE": self.running.database.name,
            **{f"WARMPATH_{role.upper()}_PASSWORD": passwords[role] for role in ROLES},
        }
        script = script.replace("warmpath.dump", str(self.folder / "warmpath.dump"))
        done = await asyncio.create_subprocess_exec("bash", "-euo", "pipefail", "-c", script, cwd=ROOT, env=env)
        assert await done.wait() == 0

    async def ask(self, topic: str, **how: str) -> dict[str, Any]:
        """Have a topic compared, or mended."""
        params = {"topic": topic, **how}
        path = "/internal/v1/reconcile"
        return dict(await self.running.persist(OWNED[topic], "POST", path, params=params, headers=operator()))

    async def lose(self) -> None:
        """The services with tables stop, and the database is gone with its folder."""
        await asyncio.gather(*(self.running.services[role].stop() for role in ROLES))
        server = self.running.postgres
        await server.kill()
        shutil.rmtree(server.folder)
        await server.start(server.port)

    async def start(self) -> None:
        """What was stopped."""
        await asyncio.gather(*(self.running.services[role].start() for role in ROLES))

    @asynccontextmanager
    async def tables(self) -> Any:
        """The administrator's way in."""
        async with asyncpg.create_pool(self.running.database.admin_dsn, min_size=1, max_size=2) as pool:
            yield pool

    async def settled(self) -> dict[str, dict[str, tuple[int, Any]]]:
        """Wait until the inboxes are what the plain rules say of the topics; the topics then."""
        async with self.tables() as pool:
            await until(lambda: _published(pool), timeout=SETTLED_S, every=0.3)
            held = {
                each.name: await latest(self.running.broker.bootstrap, each.name, each.partitions) for each in INPUTS
            }
            wanted = _wanted(held)
            assert len(wanted) > MEMBERS / 2, "a world that suggests nothing shows nothing"
            await until(lambda: _same(pool, wanted), timeout=SETTLED_S, every=0.3)
        return held


def cast(running: Storm, folder: Path) -> Restored:
    """Three people whom the load leaves alone."""
    willing = [each for each in running.accounts if each.member.introduces]
    refuser, leaver = willing[:2]
    a, b = next((a, b) for a, b in sorted(running.ratings) if not {a, b} & {refuser.id, leaver.id})
    owner = next(each for each in running.accounts if each.id == a)
    for account in (refuser, leaver):
        del running.introduces[account.id]
    kept = {(a, b)} | {pair for pair in running.ratings if leaver.id in pair}
    running.ratings = {pair: value for pair, value in running.ratings.items() if pair not in kept}
    return Restored(running, folder, refuser, leaver, (owner, b))


async def since_the_backup(world: Restored, opening: str) -> tuple[str, Account]:
    """What nobody may undo, what is simply lost, and who came new: (an opening that was posted, the new member)."""
    running = world.running
    persist, recruiter = running.persist, running.recruiter
    await persist("postings", "DELETE", f"/v1/postings/{opening}", headers=recruiter)
    made = await persist("postings", "POST", "/v1/postings", json=running._drawn(), headers=recruiter)
    await persist("profiles", "PATCH", "/v1/me", json={"introduces": False}, headers=world.refuser.auth)
    owner, blocked = world.tie
    await persist("profiles", "PUT", f"/v1/contacts/{blocked}/block", headers=owner.auth)
    await persist("profiles", "DELETE", "/v1/me", headers=world.leaver.auth)
    twin = replace(running.accounts[0].member, key=900, last="Newcomer", closeness={})
    [newcomer] = await bring(running.clients["profiles"], [twin], lambda *_: None)
    return made["posting_id"], newcomer


async def erase_again(world: Restored) -> None:
    """Whoever has a tombstone on the topic and is a member in the tables, until there is nobody."""
    erased = True
    while erased:
        examples = (await world.ask("people.v1"))["examples"]
        revived = [each["key"] for each in examples if each["kind"] == "revived"]
        client = world.running.clients["profiles"]
        answers = [await client.delete("/v1/me", params={"member": key}) for key in revived]
        assert {each.status_code for each in answers} <= {204, 404}
        erased = any(each.is_success for each in answers)


async def reconcile_all(world: Restored) -> None:
    """As the page says: look, mend, look again. What is revived is told and left."""
    for topic in OWNED:
        dry = await world.ask(topic)
        done = await world.ask(topic, dry_run="false")
        assert [dry[kind] for kind in KINDS] == [done[kind] for kind in KINDS]
    async with world.tables() as pool:
        decided = "SELECT NOT EXISTS (SELECT FROM profiles.members WHERE to_refind)"  # who finds whom, by a timer
        await until(lambda: pool.fetchval(decided), timeout=60, every=0.3)
        await until(lambda: _published(pool), timeout=60, every=0.3)


@pytest.mark.timeout(400)
async def test_after_a_restore_the_topics_say_what_the_tables_say_and_nobody_is_told_twice(tmp_path):
    async with storm(51, tmp_path) as running:
        world = cast(running, tmp_path)
        async with running.load():
            await until(lambda: len(running.openings) > 40, timeout=60)
            kept = sorted(running.openings)
            await world.execute(commands("pg_dump -Fc"))
            await until(lambda: len(running.openings) > len(kept) + 30, timeout=60)
        lost, newcomer = await since_the_backup(world, kept[0])
        before = await world.settled()
        assert before["postings.v1"][lost][1]["status"] == "open"
        async with world.tables() as pool:
            known = {row[0] for row in await pool.fetch(KNOWN)}
        await world.lose()
        await world.execute(commands("pg_restore"))
        async with world.tables() as pool:
            moment: datetime = await pool.fetchval("SELECT clock_timestamp()")
            forgotten = known - {row[0] for row in await pool.fetch(KNOWN)}
        assert forgotten, "somebody was told after the backup"
        await world.start()

        await erase_again(world)
        await reconcile_all(world)
        held = await world.settled()
        for topic in OWNED:
            again = await world.ask(topic)
            found = [(each["kind"], each["key"]) for each in again["examples"]]
            assert found == ([("revived", kept[0])] if topic == "postings.v1" else []), topic
        _nothing_comes_back(world, held)
        assert held["postings.v1"][lost][1] is None
        assert held["people.v1"][newcomer.id][1] is None
        await until(lambda: nothing_unread(running.broker.bootstrap), timeout=60, every=0.5)
        await _and_it_goes_on(world, moment, known)


def _nothing_comes_back(world: Restored, held: dict[str, dict[str, tuple[int, Any]]]) -> None:
    """What somebody took back since the backup stays so: being there, a consent, a tie."""
    gone, (owner, blocked) = world.leaver.id, world.tie
    assert held["people.v1"][gone][1] is None
    assert all(value is None for key, (_, value) in held["ties.v1"].items() if gone in key.split(":"))
    assert held["people.v1"][world.refuser.id][1]["introduces"] is False
    assert {"kind": "blocked"} in held["ties.v1"][f"{owner.id}:{blocked}"][1]["evidence"]


async def _and_it_goes_on(world: Restored, moment: datetime, known: set[str]) -> None:
    """New openings are told; what had been told is not."""
    running = world.running
    for _ in range(40):
        await running.persist("postings", "POST", "/v1/postings", json=running._drawn(), headers=running.recruiter)
    await world.settled()
    async with world.tables() as pool:
        told = {row[0] for row in await pool.fetch(TOLD, moment)}
    assert told, "new openings are told"
    assert told & known == set()
