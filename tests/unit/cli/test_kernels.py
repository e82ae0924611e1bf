"""Which engine `demo` and `up` start with, and that what they compile meanwhile does not outlive them."""

import os
import sys

import pytest

from cli import kernels
from shared.testing.wait import until


@pytest.mark.parametrize(("left", "settings"), [(0, {}), (1, {"MATCHER_ENGINE": "plain"})])
def test_the_plain_engine_is_taken_only_while_something_is_left_to_compile(monkeypatch, left, settings):
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", f"import sys; sys.exit({left})"))
    said = []
    assert kernels.engine_settings(said.append) == settings
    assert bool(said) == bool(settings)


async def test_compiling_ends_with_the_stack(monkeypatch, tmp_path):
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", script))
    log, said = tmp_path / "kernels.log", []
    async with kernels.compiling(log, said.append):
        await until(lambda: log.read_text().strip(), what="the process to be there")
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)
    assert len(said) == 1


@pytest.mark.parametrize(("code", "told"), [(0, "are compiled"), (3, "failed")])
async def test_the_end_of_compiling_is_reported(monkeypatch, tmp_path, code, told):
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", f"import sys; sys.exit({code})"))
    said = []
    async with kernels.compiling(tmp_path / "kernels.log", said.append):
        await until(lambda: len(said) > 1, what="the end to be told")
    assert told in said[-1]
