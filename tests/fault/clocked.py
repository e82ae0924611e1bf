"""`python -m tests.fault.clocked`: introductions by a clock that a file holds, with rounds that follow each other fast.

Where it dies, if anywhere, is in WARMPATH_FAULT.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

from infra.local.process import spawn
from services.introductions import departures, timers
from services.introductions.app import NAME, make_app
from services.introductions.settings import Settings
from shared.service_kit.process import run
from tests.fault.points import VARIABLE, arm
from tests.fault.storm import Mortal

CLOCK = "WARMPATH_TEST_CLOCK"
"""The file that holds the moment, in ISO 8601."""

ROUND_S = 0.1


class Clocked(Mortal):
    """Introductions as a process whose clock is in the file that its environment names."""

    def launch(self) -> None:
        """Start it as it is, but for its clock."""
        self.launch_doomed("")

    def launch_doomed(self, fault: str) -> None:
        """The same; it dies where `fault` says, see `points`."""
        env = {**self._env, VARIABLE: fault}
        self._process = spawn([sys.executable, "-m", "tests.fault.clocked"], log=self.log, env=env)


def move(clock: Path, moment: datetime) -> None:
    """Set the clock: whoever reads it meanwhile reads the moment before or this one."""
    beside = clock.with_suffix(".next")
    beside.write_text(moment.isoformat())
    beside.replace(clock)


def main() -> int:
    """Run until told to stop. Returns the exit code."""
    clock = Path(os.environ[CLOCK])
    if fault := os.environ.get(VARIABLE):
        arm(fault)
    for module in (timers, departures):
        setattr(module, "EVERY_S", ROUND_S)  # noqa: B010 - elsewhere nothing may set it
    return run(NAME, Settings, lambda settings: make_app(settings, lambda: datetime.fromisoformat(clock.read_text())))


if __name__ == "__main__":
    sys.exit(main())
