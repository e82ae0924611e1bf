"""Whatever a peer does, a run goes on: limits of time and memory, and failures, end the copy it works in."""

import subprocess
import sys
from collections.abc import Iterator
from time import sleep

import numpy as np
import pytest

from benchmarks.limits import LimitError, Limits, limited

pytestmark = pytest.mark.slow  # processes that end

PLENTY = Limits(60.0, 1 << 40)


def ending(work: object, limits: Limits = PLENTY) -> tuple[list[int], str]:
    """What came, and how it ended."""
    found: list[int] = []
    try:
        found.extend(limited(work, limits))  # type: ignore[arg-type]  # tests hand over plain functions
    except LimitError as error:
        return found, str(error)
    return found, ""


def test_what_the_work_gives_comes_one_by_one_and_changes_nothing_here() -> None:
    held = [0]

    def work() -> Iterator[int]:
        for number in (1, 2):
            held[0] = number
            yield number

    assert ending(work) == ([1, 2], "")
    assert held == [0]


def test_a_failure_is_told_after_what_came_before() -> None:
    def work() -> Iterator[int]:
        yield 1
        raise ValueError("a peer's own trouble\nand its details")

    assert ending(work) == ([1], "ValueError: a peer's own trouble")


def test_too_long_is_too_long() -> None:
    def work() -> Iterator[int]:
        yield 1
        sleep(60)

    assert ending(work, Limits(0.3, 1 << 40)) == ([1], "more than 0 s")


def test_too_much_memory_is_too_much() -> None:
    def work() -> Iterator[int]:
        held = np.ones(1 << 27)
        sleep(60)
        yield len(held)

    found, why = ending(work, Limits(60.0, 900 << 20))
    assert (found, why) == ([], "more than 1 GiB")


def test_a_process_that_is_gone_is_told() -> None:
    def work() -> Iterator[int]:
        raise SystemExit(3)
        yield 1

    assert ending(work) == ([], "the process ended")


@pytest.mark.parametrize("count", [0, 1])
def test_who_stops_listening_ends_the_work(count: int) -> None:
    def work() -> Iterator[int]:
        yield 0
        sleep(60)

    heard = limited(work, PLENTY)
    for _ in range(count):
        assert next(heard) == 0
    heard.close()


def test_memory_of_child_processes_counts() -> None:
    def work() -> Iterator[int]:
        held = "held = bytearray(b'x') * (1 << 30); import time; print(flush=True); time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE) as child:  # noqa: S603 - our own words
            assert child.stdout is not None
            child.stdout.readline()
            sleep(60)
        yield 1

    assert ending(work, Limits(60.0, 900 << 20)) == ([], "more than 1 GiB")
