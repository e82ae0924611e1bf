import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.ports import free_port, held_port, listen
from infra.local.process import LocalError, spawn, stop, stop_leftover, tail, wait_exit
from shared.testing.wait import until


def test_a_port_that_somebody_listens_on_is_refused():
    wanted = free_port()
    with listen(wanted), pytest.raises(LocalError, match=f"Port {wanted} on 127.0.0.1 is in use"):
        listen(wanted)


def test_a_held_port_is_free_only_for_a_server_that_reuses_it():
    with held_port() as port:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)):  # it sets SO_REUSEADDR, as servers do
            assert socket.create_connection(("127.0.0.1", port)).close() is None


async def test_output_goes_to_the_log_and_the_environment_to_the_process(tmp_path):
    log = tmp_path / "logs" / "child.log"
    command = [sys.executable, "-c", "import os; print(os.environ['SECRET'])"]
    assert await wait_exit(spawn(command, log=log, env={"SECRET": "s3"}), 20)
    assert tail(log) == "s3"


async def test_an_interrupt_ends_a_child_even_if_the_parent_ignores_interrupts(tmp_path):
    """A shell starts background jobs with SIGINT ignored, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = spawn(
            [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"], log=tmp_path / "log"
        )
    finally:
        signal.signal(signal.SIGINT, before)
    await until(lambda: tail(tmp_path / "log") == "up")
    assert await stop(child, signal.SIGINT)


async def test_a_process_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    log = tmp_path / "log"
    script = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True); child.wait()"
    )
    process = spawn([sys.executable, "-c", script], log=log)
    child = int(await until(lambda: tail(log)))
    assert not await stop(process, timeout=0.2)
    assert process.returncode == -signal.SIGKILL
    await until(lambda: not _alive(child))


async def test_children_end_with_a_killed_parent(tmp_path):
    log = tmp_path / "log"
    script = (
        "import sys, time; from pathlib import Path; from infra.local.process import spawn\n"
        f"child = spawn([sys.executable, '-c', 'import time; time.sleep(600)'], log=Path({str(log)!r}))\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    child = int(await parent.stdout.readline())
    assert _alive(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not _alive(child))


async def test_a_leftover_process_is_stopped_but_never_somebody_elses(tmp_path):
    pid_file = tmp_path / "kafka.pid"
    other = spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "log")
    ours = spawn([sys.executable, "-c", "import time; time.sleep(600)", tmp_path], log=tmp_path / "log")
    try:
        pid_file.write_text(f"{other.pid}\n")
        await stop_leftover(pid_file, tmp_path, signal.SIGTERM)
        assert other.poll() is None
        pid_file.write_text(f"{ours.pid}\n")
        ending = until(lambda: ours.poll() is not None)  # reaps it, as init would
        await stop_leftover(pid_file, tmp_path, signal.SIGTERM)
        await ending
    finally:
        await stop(other)
        await stop(ours)


async def test_a_timeout_names_the_condition_and_its_last_value():
    def never_true():
        return 0

    with pytest.raises(AssertionError, match=r"not within 0.05 s: never_true \(last seen: 0\)"):
        await until(never_true, timeout=0.05)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] != "Z"  # a zombie is dead, only not yet buried
