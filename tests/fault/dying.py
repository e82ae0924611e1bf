"""`python -m tests.fault.dying SERVICE`: the service as it is, but for the place in WARMPATH_FAULT where it dies."""

import os
import runpy
import sys

from tests.fault.points import VARIABLE, arm

if __name__ == "__main__":
    arm(os.environ[VARIABLE])
    runpy.run_module(f"services.{sys.argv[1]}", run_name="__main__", alter_sys=True)
