"""Which engine a demo takes, and that what it compiles beside itself does not outlive it."""

import os
import sys

import pytest

from cli.demo import kernels
from shared.testing.wait import until


class Teller:
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


@pytest.mark.parametrize(("left", "settings"), [(0, {}), (1, {"MATCHER_ENGINE": "plain"})])
def test_the_plain_engine_is_taken_only_while_something_is_left_to_compile(monkeypatch, left, settings):
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", f"import sys; sys.exit({left})"))
    teller = Teller()
    assert kernels.settings(teller) == settings
    assert bool(teller.said) == bool(settings)


async def test_compiling_ends_with_the_demo(monkeypatch, tmp_path):
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", script))
    log, teller = tmp_path / "kernels.log", Teller()
    async with kernels.compiling(log, teller):
        await until(lambda: log.read_text().strip(), what="the process to be there")
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)
    assert len(teller.said) == 1


@pytest.mark.parametrize(("code", "told"), [(0, "is compiled"), (3, "failed")])
async def test_the_end_of_compiling_is_told(monkeypatch, tmp_path, code, told):
    monkeypatch.setattr(kernels, "COMMAND", (sys.executable, "-c", f"import sys; sys.exit({code})"))
    teller = Teller()
    async with kernels.compiling(tmp_path / "kernels.log", teller):
        await until(lambda: len(teller.said) > 1, what="the end to be told")
    assert told in teller.said[-1]
