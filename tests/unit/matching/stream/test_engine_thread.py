"""The engine's thread: jobs in slices, questions between them, everybody's error to themself."""

import asyncio
import threading

import pytest
import pytest_asyncio

from services.matching.stream.engine_thread import EngineThread, StoppedError
from shared.observability.metric_list import MATCHER_STEP_SECONDS
from shared.testing.wait import until


@pytest_asyncio.fixture(loop_scope="session")
async def thread():
    made = EngineThread()
    yield made
    await made.stop()


class Slow:
    """A job that waits in each slice until it is let on, and notes what happens."""

    def __init__(self, slices=3):
        self.log, self.slices, self.go = [], slices, threading.Semaphore(0)

    def steps(self):
        try:
            for number in range(self.slices):
                self.log.append(number)
                self.go.acquire()
                yield
        finally:
            self.log.append("end")
        return "done"


async def test_a_question_waits_for_one_slice_and_no_more(thread):
    job = Slow()
    running = asyncio.create_task(thread.run(job.steps()))
    await until(lambda: job.log)
    asked = [asyncio.create_task(thread.ask(lambda n=n: job.log.append(f"q{n}"))) for n in range(2)]
    await asyncio.sleep(0)  # both stand in the queue
    job.go.release()
    await asyncio.gather(*asked)
    await until(lambda: 1 in job.log)
    assert job.log == [0, "q0", "q1", 1]
    job.go.release(2)
    assert await running == "done"


async def test_jobs_come_one_after_another(thread):
    first, second = Slow(2), Slow(1)
    second.log = first.log
    running = [asyncio.create_task(thread.run(job.steps())) for job in (first, second)]
    await until(lambda: first.log)
    second.go.release()
    first.go.release(2)
    assert await asyncio.gather(*running) == ["done", "done"]
    assert first.log == [0, 1, "end", 0, "end"]


async def test_a_flood_of_questions_does_not_stop_a_job(thread):
    job, over = Slow(20), []

    async def asks():
        while not over:
            await thread.ask(lambda: None)

    job.go.release(20)
    flood = [asyncio.create_task(asks()) for _ in range(5)]
    assert await asyncio.wait_for(thread.run(job.steps()), 30) == "done"
    over.append(True)
    await asyncio.gather(*flood)


async def test_an_error_is_the_askers_and_the_thread_goes_on(thread):
    def job():
        yield
        raise KeyError("job")

    with pytest.raises(ZeroDivisionError):
        await thread.ask(lambda: 1 / 0)
    with pytest.raises(KeyError, match="job"):
        await thread.run(job())
    assert await thread.ask(lambda: 7) == 7


async def test_everything_happens_on_one_thread_that_is_not_the_loops(thread):
    def job():
        yield
        return threading.get_ident()

    one, other = await thread.ask(threading.get_ident), await thread.run(job())
    assert one == other != threading.get_ident()


async def test_who_gives_up_a_job_ends_it_after_its_slice(thread):
    job = Slow()
    running = asyncio.create_task(thread.run(job.steps()))
    await until(lambda: job.log)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()  # it is not left behind while its slice runs
    job.go.release()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert job.log == [0, "end"]
    assert await thread.ask(lambda: 7) == 7


async def test_a_question_given_up_before_its_turn_is_never_asked(thread):
    job, asked = Slow(1), []
    running = asyncio.create_task(thread.run(job.steps()))
    await until(lambda: job.log)
    question = asyncio.create_task(thread.ask(lambda: asked.append(1)))
    await asyncio.sleep(0)
    question.cancel()
    await asyncio.gather(question, return_exceptions=True)
    job.go.release()
    await running
    await thread.ask(lambda: None)
    assert asked == []


async def test_stopping_tells_everybody_who_waits():
    thread, job = EngineThread(), Slow()
    waiting = [asyncio.create_task(thread.run(job.steps())), asyncio.create_task(thread.run(Slow().steps()))]
    await until(lambda: job.log)
    waiting.append(asyncio.create_task(thread.ask(lambda: None)))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(thread.stop())
    await asyncio.sleep(0)
    job.go.release()
    await stopping
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in results[:2]] == [StoppedError, StoppedError]
    assert results[2] is None or isinstance(results[2], StoppedError)  # it may still have had its turn
    assert job.log == [0, "end"]
    with pytest.raises(StoppedError):
        await thread.ask(lambda: None)


async def test_slices_and_questions_are_timed(thread):
    def count(kind):
        return sum(s.value for m in MATCHER_STEP_SECONDS.collect() for s in m.samples
                   if s.name.endswith("_count") and s.labels["kind"] == kind)  # fmt: skip

    before = count("slice"), count("question")
    job = Slow(3)
    job.go.release(3)
    await thread.run(job.steps())
    await thread.ask(lambda: None)
    await thread.ask(lambda: None)
    assert count("slice") - before[0] == 4  # the last one finds that it is over
    assert count("question") - before[1] >= 1  # noted after the answer is given
