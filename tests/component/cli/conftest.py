"""The commands as a shell runs them, against the session's broker."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.fixture
def warmpath(topics):
    """`await warmpath("topics", "list")` gives what it printed and its `exit_code`; `env` adds variables."""

    async def warmpath(*args, env=None):
        base = {"WARMPATH_OPERATOR_TOKEN": "operator-token-of-a-test", "COLUMNS": "200"}
        base |= {"KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap, **(env or {})}
        done = await asyncio.to_thread(CliRunner().invoke, app, list(args), env=base)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return warmpath


@pytest.fixture
def lines():
    """What a command printed as JSON lines."""

    def lines(done):
        assert done.exit_code == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return lines
