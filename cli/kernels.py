"""The matcher's compiled kernels, which no start waits for: until they are compiled, the plain engine answers.

Kept true: what compiles here ends with the block that started it.
"""

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from infra.local.process import ROOT, Progress, spawn, stop, wait_exit

COMMAND = (sys.executable, "-m", "services.matching.kernels")
PLAIN = {"MATCHER_ENGINE": "plain"}


def engine_settings(progress: Progress) -> Mapping[str, str]:
    """The matcher's environment: nothing where all kernels are compiled, otherwise the plain engine."""
    # In a process of its own: it imports the compiler.
    if subprocess.run([*COMMAND, "--check"], cwd=ROOT, check=False).returncode == 0:  # noqa: S603 - ours
        return {}
    progress("The matcher's kernels are not compiled yet: starting on the plain engine (same answers, slower)")
    return PLAIN


@asynccontextmanager
async def compiling(log: Path, progress: Progress) -> AsyncIterator[None]:
    """Compiles the kernels at the lowest priority while the block lasts; reports when it is done or has failed."""
    progress("Compiling the kernels in the background, for the next start; this takes some minutes")
    process = spawn([*COMMAND, "--gently"], log=log)
    reporting = asyncio.create_task(_report(process, log, progress))
    try:
        yield
    finally:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
        await stop(process)


async def _report(process: subprocess.Popen[bytes], log: Path, progress: Progress) -> None:
    await wait_exit(process, math.inf)
    if process.returncode == 0:
        progress("The kernels are compiled: the next start uses the fast engine")
    else:
        progress(f"Compiling the kernels failed; see {log}")
