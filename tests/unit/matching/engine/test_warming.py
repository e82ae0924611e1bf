"""After the warm-up nothing is left to compile: every kernel was met, with the types that it is given."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # processes that load all kernels

LIVE = """
import random
from services.matching.rules import bridge
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.engine.side_by_side import SideBySide
bridge.FEW_TIES = 4
chance = random.Random(3)
crowd, both = Crowd(chance, SMALL_TOWN), SideBySide(VOCABULARY)
crowd.settle_in(members=25, contacts=15, openings=6, ties_each=6)
both.step(crowd.begin(), chance)
for step in dict.fromkeys(STEPS):
    both.step(step(crowd), chance)
    both.ask(chance, 2)
"""

COUNT = f"""
from numba.core import event
with event.install_recorder("numba:compile") as recorder:
    exec({LIVE!r})
print(*sorted({{each.data["dispatcher"].py_func.__qualname__ for _, each in recorder.buffer}}))
"""

MET = f"""
import sys
from services.matching.engine import warm_up
for _ in warm_up.use_every_kernel():
    pass
from numba.core.dispatcher import Dispatcher
def used():
    modules = [module for name, module in sys.modules.items() if name.startswith("services.matching.kernels.")]
    kernels = {{each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)}}
    return {{(kernel.__qualname__, types) for kernel in kernels for types in kernel.signatures}}
met = used()
exec({LIVE!r})
from services.matching.kernels.search import introducers, left_there
asked = {{kernel.__qualname__ for kernel in (introducers.find_introducers, left_there.find_left_there)}}
print(*sorted({{name for name, _ in used() - met}} | asked - {{name for name, _ in met}}))
"""


def run(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(  # noqa: S603 - this very project
        [sys.executable, *arguments], env=environment, check=True, capture_output=True, text=True, timeout=600
    )
    return done.stdout


def test_after_the_warm_up_a_new_process_compiles_nothing():
    run("-m", "services.matching.kernels")
    assert run("-c", COUNT).strip() == ""


def test_the_warm_up_meets_every_kernel_that_is_used_afterwards():
    """With the same types. The test above sees what is left out only once: then it has compiled and kept it itself."""
    assert run("-c", MET).strip() == ""


def test_a_second_warm_up_does_nothing():
    run("-m", "services.matching.kernels")
    assert run("-m", "services.matching.kernels") == ""
