"""The commands as a shell runs them, against the session's broker."""

import asyncio
import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def warmpath(topics):
    """`await warmpath("topics", "list")` gives the finished process; `env` adds variables."""

    def run(args, env):
        base = {**os.environ, "WARMPATH_OPERATOR_TOKEN": "operator-token-of-a-test", "COLUMNS": "200"}
        base |= {"KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap, **(env or {})}
        command = [sys.executable, "-c", "from cli.main import main; main()", *args]
        return subprocess.run(command, capture_output=True, text=True, env=base, timeout=60, check=False)  # noqa: S603 - our own command

    async def warmpath(*args, env=None):
        return await asyncio.to_thread(run, args, env)

    return warmpath


@pytest.fixture
def lines():
    """A process's JSON lines."""

    def lines(done):
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return lines
