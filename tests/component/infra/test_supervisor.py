"""The stack without containers: started, restarted, killed, refused, and its error messages."""

import asyncio
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx2
import pytest

from infra.local import supervisor
from infra.local.folder import DataFolder
from infra.local.ports import free_port
from infra.local.postgres import Postgres
from infra.local.process import LocalError, spawn, tail, wait_exit
from infra.local.supervisor import Stack
from shared.testing.wait import until

ONE = {"postings": None}  # on any free port: other stacks may be starting on this machine


pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.usefixtures("_one_service")]


@pytest.fixture
def _one_service(monkeypatch):
    """One service is enough to see what the supervisor does; the integration tests start all."""
    monkeypatch.setattr(supervisor, "PORTS", ONE)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)


@pytest.fixture
def given_kafka(kafka, monkeypatch, _one_service):
    """A broker that is there: enough to see what becomes of services."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap)


def _quiet(_line):
    pass


async def _sql(stack, statement):
    connection = await asyncpg.connect(stack.postgres.dsn("postings"))
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def _processes_naming(*words):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if any(word in line for word in words):
            found.append(line)
    return found


async def test_a_fresh_stack_leaves_nothing_behind_its_folder_is_used_again_and_a_store_that_dies_ends_it(data_folder):
    data, said = data_folder / "data", []
    with DataFolder(data).locked() as earlier:
        (data / "postgres").mkdir()
    async with Stack.start(data, fresh=True, progress=said.append) as stack:
        assert stack.operator_token != earlier.operator_token
        async with httpx2.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{stack.urls['postings']}/live")).status_code == 200
        _describes_itself(stack)
        with pytest.raises(LocalError, match="already"):
            async with Stack.start(data, progress=_quiet):
                pass
        assert (data / "stack.json").exists()
        await _catches_mail(stack)
        token, cluster = stack.operator_token, _cluster(data_folder)
        await _sql(stack, "CREATE TABLE kept AS SELECT 7 AS n")
    assert [line for line in said if "PostgreSQL is ready" in line]
    assert [line for line in said if "postings is ready" in line]
    assert _processes_naming(str(data)) == []
    assert not (data / "stack.json").exists()

    async with Stack.start(data, progress=_quiet) as stack:
        assert stack.operator_token == token
        assert _cluster(data_folder) == cluster
        assert [row["n"] for row in await _sql(stack, "SELECT n FROM kept")] == [7]
        assert stack._kafka.pid is not None
        os.kill(stack._kafka.pid, signal.SIGKILL)
        with pytest.raises(LocalError, match="Apache Kafka ended"):
            await asyncio.wait_for(stack.watch(), 20)


def _describes_itself(stack):
    told = json.loads((stack.folder / "stack.json").read_text())
    assert told["urls"] == stack.urls
    assert told["kafka"] == stack.bootstrap
    assert set(told["pids"]) == {"postings", "postgres", "kafka"}
    secrets = [told["operator_token"], told["service_token"], told["dsn"].split(":")[2].split("@")[0]]
    assert _processes_naming(*secrets) == []


def _cluster(data_folder):
    lines = (data_folder / "data" / "kafka" / "records" / "meta.properties").read_text().splitlines()
    return next(line for line in lines if line.startswith("cluster.id="))


async def _catches_mail(stack):
    await asyncio.to_thread(_send, int(stack.services[0]._env["WARMPATH_SMTP_PORT"]))
    (mail,) = (stack.mail / "new").iterdir()
    assert "To: zora@example.org" in mail.read_text()
    assert "X-Envelope-To: zora@example.org" in mail.read_text()


def _send(port):
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@example.org", ["zora@example.org"], "From: a@example.org\r\nTo: zora@example.org\r\n\r\nHi")


@pytest.mark.usefixtures("given_kafka")
async def test_a_service_that_dies_is_reported_with_the_end_of_its_log_and_started_again(data_folder, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(supervisor, "RESTARTS", 2)
    said = []
    async with Stack.start(data_folder / "data", progress=said.append) as stack:
        assert stack.failure() is None
        watching = asyncio.create_task(stack.watch())
        try:
            for time in (1, 2):
                said.clear()
                await stack.services[0].kill()
                await until(lambda: watching.done() or "postings is ready again" in said, timeout=60)
                assert not watching.done()
                assert "postings ended (exit code -9)" in said[0]
                assert "Application startup complete" in said[0]
                assert said[1] == f"Starting postings again in {0.1 * time:.0f} s (time {time} of 2)"
                described = json.loads((data_folder / "data" / "stack.json").read_text())
                assert described["pids"]["postings"] == stack.services[0].pid
            async with httpx2.AsyncClient(trust_env=False) as client:
                assert (await client.get(f"{stack.urls['postings']}/live")).status_code == 200
            await stack.services[0].kill()
            with pytest.raises(LocalError) as told:
                await asyncio.wait_for(watching, 10)
        finally:
            watching.cancel()
    assert "postings ended 3 times within 10 minutes, so everything is stopped." in str(told.value)
    assert "postings ended (exit code -9)" in str(told.value)
    assert "Application startup complete" in str(told.value)


@pytest.mark.usefixtures("given_kafka")
async def test_a_service_that_cannot_start_is_reported_and_everything_stopped(data_folder):
    data = data_folder / "data"
    with pytest.raises(LocalError) as told:
        async with Stack.start(data, progress=_quiet, settings={"WARMPATH_LOG_LEVEL": "LOUD"}):
            pass
    assert "postings ended (exit code 1)" in str(told.value)
    assert "log_level" in str(told.value)
    assert _processes_naming(str(data)) == []


async def test_two_stacks_started_at_once_each_have_their_own_ports(data_folder, monkeypatch):
    preferred = free_port()
    monkeypatch.setattr(supervisor, "PORTS", {"postings": preferred})
    both = asyncio.Barrier(2)
    create_roles = Postgres.create_roles

    async def create_roles_and_wait(self):
        await create_roles(self)
        await both.wait()

    monkeypatch.setattr(Postgres, "create_roles", create_roles_and_wait)
    async with AsyncExitStack() as stopping:
        starts = (Stack.start(data_folder / name, progress=_quiet) for name in ("one", "two"))
        one, two = await asyncio.gather(*(stopping.enter_async_context(start) for start in starts))
        urls = [stack.urls["postings"] for stack in (one, two)]
        assert f"http://127.0.0.1:{preferred}" in urls
        assert len(set(urls)) == 2
        async with httpx2.AsyncClient(trust_env=False) as client:
            for stack in (one, two):
                mine = {"Authorization": f"Bearer {stack.operator_token}"}
                assert (await client.get(f"{stack.urls['postings']}/metrics", headers=mine)).status_code == 200
        assert (one.failure(), two.failure()) == (None, None)


SCRIPT = """
import asyncio, sys
from pathlib import Path
from infra.local import supervisor

supervisor.PORTS = {"postings": None}
async def main():
    async with supervisor.Stack.start(Path(sys.argv[1]), progress=lambda line: print(line, flush=True)) as stack:
        print("up", stack.services[0].pid, flush=True)
        await stack.watch()
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "sent",
    [
        signal.SIGKILL,
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),  # goes the way of SIGTERM
    ],
    ids=lambda sent: sent.name,
)
async def test_however_the_supervisor_ends_no_process_is_left_and_the_folder_can_be_used_again(data_folder, sent):
    data, log = data_folder / "data", data_folder / "supervisor.log"
    running = spawn([sys.executable, "-c", SCRIPT, data], log=log)
    up = await until(
        lambda: running.poll() is not None or re.search(r"^up (\d+)$", log.read_text(), re.MULTILINE), timeout=110
    )
    assert running.poll() is None, tail(log)
    service = int(up[1])
    running.send_signal(sent)
    assert await wait_exit(running, 40), tail(log)
    if sent is not signal.SIGKILL:
        assert _processes_naming(str(data)) == []
        assert not _runs(service)
        return
    # Nobody waited for the children: they see that it is gone, or the next start ends them.
    await until(lambda: not _runs(service), timeout=30)
    async with Stack.start(data, progress=_quiet) as stack:
        assert stack.failure() is None


async def test_an_ignored_hangup_stays_ignored():
    """`nohup warmpath up &` outlives the terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with supervisor._ended_by_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def _runs(pid):
    return Path(f"/proc/{pid}").exists()


def test_without_java_the_command_says_what_to_install(data_folder):
    (data_folder / "bin").mkdir()
    env = {"PATH": str(data_folder / "bin"), "HOME": str(data_folder), "LANG": "C.UTF-8"}
    command = [
        sys.executable,
        "-c",
        "import typer; from cli.up import up; typer.run(up)",
        "--data",
        str(data_folder / "d"),
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours
    assert done.returncode == 1
    assert "Java is missing" in done.stderr
    assert "apt-get install openjdk-17-jre-headless" in done.stderr
    assert "Traceback" not in done.stderr
