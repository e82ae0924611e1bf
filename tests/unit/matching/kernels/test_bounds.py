"""That `NUMBA_BOUNDSCHECK=1` checks kernels of every kind, whoever calls them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # processes that load the compiler

PLANTED = """
from typing import NamedTuple
import numpy as np
from services.matching.kernels.compiled import inner, kernel, lean, shared
from services.matching.kernels.storage.prefetch import prefetch

class Columns(NamedTuple):
    flat: object
    rows: object

@inner
def read_inner(columns, at):
    return columns.flat[at]

@shared
def read_shared(columns, at):
    return columns.flat[at]

@lean
def lean_itself(columns, at):
    return columns.flat[at]

@lean
def lean_writes(columns, at):
    columns.flat[at] = 1
    return 0

@lean
def lean_row(columns, at):
    return columns.rows[at].size

@lean
def lean_in_row(columns, at):
    return columns.rows[0, at]

@lean
def lean_by_inner(columns, at):
    return read_inner(columns, at)

@lean
def lean_by_shared(columns, at):
    return read_shared(columns, at)

@kernel
def kernel_itself(columns, at):
    return columns.flat[at]

@kernel
def kernel_own_array(columns, at):
    return np.zeros(3, np.int64)[at]

@kernel
def kernel_by_inner(columns, at):
    return read_inner(columns, at)

@kernel
def kernel_by_shared(columns, at):
    return read_shared(columns, at)

@kernel
def kernel_by_lean(columns, at):
    return lean_itself(columns, at)

@lean
def prefetches(columns, at):
    prefetch(columns.flat, at)
    return 0
"""

ASK = """
import numpy as np
import planted
columns = planted.Columns(np.arange(3), np.zeros((3, 3)))
for name, kernel in vars(planted).items():
    if name.startswith(("lean_", "kernel_", "prefetches")):
        said = []
        for at in (0, 2, 3, 1 << 40, -1, -4):
            try:
                kernel(columns, at)
                said.append("ok")
            except IndexError:
                said.append("IndexError")
        print(name, *said)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, list[str]]:
    """What each planted kernel says to two good indexes and four bad ones."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / "planted.py").write_text(PLANTED)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{Path.cwd()}:{folder}",
        "NUMBA_BOUNDSCHECK": "1",
        "WARMPATH_KERNELS": str(folder / "kept"),
    }
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", ASK], env=environment, check=True, capture_output=True, text=True
    )
    return {name: said for name, *said in map(str.split, done.stdout.splitlines())}


@pytest.mark.parametrize(
    "name", [line[4:].partition("(")[0] for line in PLANTED.splitlines() if line.startswith(("def lean", "def kernel"))]
)
def test_an_index_outside_an_array_is_an_error_in_a_kernel_of_any_kind(answers, name):
    assert answers[name] == ["ok", "ok", "IndexError", "IndexError", "IndexError", "IndexError"]


def test_only_prefetching_may_name_any_place(answers):
    assert answers["prefetches"] == ["ok"] * 6
