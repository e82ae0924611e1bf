"""Whose processor time it was."""

import os
import subprocess
import sys
import time

from benchmarks.processor_time import busy_seconds

WORK = "import time\nwhile time.process_time() < 0.5: pass\n"
PARENT = (
    f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK!r}])\nprint(flush=True)\nsys.stdin.read()"
)


def test_each_second_counts_for_the_nearest_part():
    before = busy_seconds({"us": os.getpid()})["us"]
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603 - our own words
        assert child.stdout is not None
        child.stdout.readline()
        found = busy_seconds({"us": os.getpid(), "child": child.pid})
        alone = busy_seconds({"us": os.getpid()})
        child.communicate(b"")
    assert found["child"] >= 0.5
    assert found["us"] < before + 0.5, "not counted twice"
    assert alone["us"] >= before + 0.5
    assert time.process_time() < alone["us"]
