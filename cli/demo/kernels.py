"""The matcher's compiled kernels, which a first demo does not wait for: until they are there, the plain engine answers.

Kept true: whatever compiles here ends with the block it was started in.
"""

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cli.demo.telling import Teller
from infra.local.process import ROOT, spawn, stop, wait_exit

COMMAND = (sys.executable, "-m", "services.matching.kernels")
PLAIN = {"MATCHER_ENGINE": "plain"}


def settings(teller: Teller) -> Mapping[str, str]:
    """What the matcher is told: nothing where all kernels are compiled, else to take the plain engine."""
    # In a process of its own: it reads the compiler.
    if subprocess.run([*COMMAND, "--check"], cwd=ROOT, check=False).returncode == 0:  # noqa: S603 - ours
        return {}
    teller.say("The fast engine is still to be compiled, once; meanwhile the plain one, with the same rules, answers")
    return PLAIN


@asynccontextmanager
async def compiling(log: Path, teller: Teller) -> AsyncIterator[None]:
    """Has them compiled while the block lasts, giving way to all else; says when it is done, and of a failure where."""
    teller.say("Compiling the fast engine in the background, for the next start")
    process = spawn([*COMMAND, "--gently"], log=log)
    telling = asyncio.create_task(_tell(process, log, teller))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await stop(process)


async def _tell(process: subprocess.Popen[bytes], log: Path, teller: Teller) -> None:
    await wait_exit(process, math.inf)
    done = process.returncode == 0
    teller.say("The fast engine is compiled: the next start has it" if done else f"Compiling failed; see {log}")
