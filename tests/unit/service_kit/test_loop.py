"""The background loop: rounds, pauses, failures, waking and stopping."""

import asyncio
from collections.abc import Iterator
from itertools import repeat

import pytest

from shared.observability.metric_list import LOOP_FAILURES
from shared.service_kit.loop import Loop
from shared.testing.wait import until

LONG = 3600.0


class Rounds:
    """Does what it is told, one thing a round; after that it says how many rounds there were."""

    def __init__(self, *outcomes: float | Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.count = 0

    async def __call__(self) -> float | None:
        self.count += 1
        outcome = self.outcomes.pop(0) if self.outcomes else LONG
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def failures(name: str) -> float:
    return LOOP_FAILURES.labels(name)._value.get()


def at_once() -> Iterator[float]:
    return repeat(0.0)


async def test_rounds_follow_one_another_with_the_pause_each_names():
    work = Rounds(0.0, None, None)
    loop = Loop("counting", work)
    await loop.start()
    await until(lambda: work.count == 4)
    assert await loop.check() is None
    await loop.stop()
    assert work.count == 4
    assert await loop.check() == "the loop counting does not run"


async def test_an_error_is_logged_counted_and_tried_again(caplog):
    work = Rounds(ValueError("private"), ConnectionError(), 0.0)
    loop, before = Loop("mending", work, pauses=at_once), failures("mending")
    await loop.start()
    await until(lambda: work.count == 4)
    await loop.stop()
    assert failures("mending") - before == 2
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "test_loop.py" in caplog.text, "an error that nobody expects is shown with its trace"
    assert "private" not in caplog.text


async def test_expected_errors_are_warnings(caplog):
    loop = Loop("expecting", Rounds(LookupError()), pauses=at_once, expected=(LookupError,))
    await loop.start()
    await until(lambda: caplog.records)
    await loop.stop()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_pauses_grow_while_rounds_fail_and_begin_anew_after_a_good_one():
    taken: list[float] = []

    def pauses() -> Iterator[float]:
        for step in (0.001, 0.002, 0.003):
            taken.append(step)
            yield step

    work = Rounds(OSError(), OSError(), 0.0, OSError())
    loop = Loop("pausing", work, pauses=pauses)
    await loop.start()
    await until(lambda: work.count == 5)
    await loop.stop()
    assert taken == [0.001, 0.002, 0.001]


async def test_progress_within_a_long_round_begins_the_pauses_anew():
    taken: list[float] = []

    def pauses() -> Iterator[float]:
        for step in (0.001, 0.002):
            taken.append(step)
            yield step

    rounds = 0

    async def work() -> float:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            loop.moved()
        if rounds < 3:
            raise OSError
        return LONG

    loop = Loop("moving", work, pauses=pauses)
    await loop.start()
    await until(lambda: rounds == 3)
    await loop.stop()
    assert taken == [0.001, 0.001]


async def test_the_latest_failure_is_told_until_a_round_goes_well():
    work = Rounds(OSError(), OSError(), 0.0)
    told: list[str | None] = []

    def pauses() -> Iterator[float]:
        while True:
            told.append(loop.failure)
            yield 0.0

    loop = Loop("telling", work, pauses=pauses)
    await loop.start()
    await until(lambda: work.count == 4)
    assert told == ["OSError", "OSError"]
    assert loop.failure is None
    await loop.stop()


async def test_waking_ends_a_pause_and_is_not_missed_during_a_round():
    inside, go_on, rounds = asyncio.Event(), asyncio.Event(), 0

    async def work() -> float:
        nonlocal rounds
        rounds += 1
        inside.set()
        await go_on.wait()
        return LONG

    loop = Loop("waking", work)
    await loop.start()
    await inside.wait()
    loop.wake()  # while the first round is under way
    go_on.set()
    await until(lambda: rounds == 2)
    loop.wake()
    await until(lambda: rounds == 3)
    await loop.stop()


async def test_waking_does_not_hurry_a_loop_that_fails():
    work = Rounds(OSError())
    loop = Loop("failing", work, pauses=lambda: iter([LONG]))
    await loop.start()
    await until(lambda: work.count == 1)
    for _ in range(10):
        loop.wake()
        await asyncio.sleep(0)
    assert work.count == 1
    await asyncio.wait_for(loop.stop(), 5)


async def test_a_stop_cancels_the_round_under_way():
    inside, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        inside.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    loop = Loop("hanging", work)
    await loop.start()
    await inside.wait()
    await asyncio.wait_for(loop.stop(), 5)
    assert cancelled.is_set()


@pytest.mark.parametrize("answer", [OSError("connection lost while it was given back"), None])
async def test_a_stop_ends_a_loop_whose_round_answers_the_cancellation_otherwise(answer):
    inside, rounds = asyncio.Event(), 0

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        inside.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if answer is not None:
                raise answer from None

    loop = Loop("stubborn", work)
    await loop.start()
    await inside.wait()
    await asyncio.wait_for(loop.stop(), 5)
    assert rounds == 1


async def test_a_stop_lets_the_round_finish_where_it_may():
    inside, go_on, finished = asyncio.Event(), asyncio.Event(), False

    async def work() -> None:
        nonlocal finished
        inside.set()
        await go_on.wait()
        finished = True

    loop = Loop("finishing", work, finish_s=30)
    await loop.start()
    await inside.wait()
    stopping = asyncio.create_task(loop.stop())
    await until(lambda: loop.stopping)
    go_on.set()
    await asyncio.wait_for(stopping, 5)
    assert finished


async def test_a_long_round_pauses_until_it_is_stopped():
    inside = asyncio.Event()

    async def work() -> None:
        while not loop.stopping:
            inside.set()
            await loop.pause(LONG)

    loop = Loop("long", work, finish_s=30)
    await loop.start()
    await inside.wait()
    await asyncio.wait_for(loop.stop(), 5)


async def test_a_loop_that_does_not_move_is_noticed():
    now = [100.0]
    inside = asyncio.Event()

    async def work() -> None:
        inside.set()
        await asyncio.Event().wait()

    loop = Loop("stuck", work, stuck_after_s=10, clock=lambda: now[0])
    patient = Loop("patient", work, clock=lambda: now[0])
    await loop.start()
    await inside.wait()
    now[0] = 110.0
    assert await loop.check_moving() is None
    now[0] = 125.0
    assert await loop.check_moving() == "the loop stuck has not moved for 25 s"
    assert await patient.check_moving() is None
    loop.moved()
    assert await loop.check_moving() is None
    await loop.stop()


async def test_a_loop_can_be_started_again():
    work = Rounds()
    loop = Loop("again", work)
    await loop.stop()  # nothing to stop
    for count in (1, 2):
        await loop.start()
        await until(lambda wanted=count: work.count == wanted)
        await loop.stop()
