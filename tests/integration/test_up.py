"""`warmpath up` as a newcomer runs it: from a clone whose kernels are not compiled, until Ctrl-C."""

import json
import os
import signal
import sys

import httpx2
import pytest

from infra.local.process import ROOT, spawn, tail, wait_exit
from shared.testing.wait import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def test_without_compiled_kernels_it_starts_on_the_plain_engine_and_answers_at_once(data_folder):
    stack, log = data_folder / "stack", data_folder / "up.log"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "WARMPATH_KERNELS": str(data_folder / "kernels")}
    env.pop("KAFKA_BOOTSTRAP_SERVERS", None)
    command = [sys.executable, "-u", "-c", "from cli.main import main; main()", "up", "--data", stack]
    process = spawn(command, log=log, env=env)
    try:
        await until(lambda: process.poll() is not None or "Ctrl-C stops" in log.read_text(), timeout=170)
        assert process.poll() is None, tail(log, 50)
        printed = log.read_text()
        assert "starting on the plain engine" in printed
        assert "Compiling the kernels in the background" in printed
        described = json.loads((stack / "stack.json").read_text())
        headers = {"Authorization": f"Bearer {described['operator_token']}"}
        async with httpx2.AsyncClient(base_url=described["urls"]["matching"], headers=headers, timeout=5) as matching:
            answer = await matching.get("/v1/paths", params={"member": "nobody", "company": "Example"})
        assert answer.status_code == 404, answer.text
    finally:
        process.send_signal(signal.SIGINT)
        assert await wait_exit(process, 60)
    assert "Stopped." in tail(log)
