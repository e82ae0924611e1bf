"""Trace context as W3C asks: continued where it can be read, begun anew where not."""

import asyncio

import pytest

from shared.observability import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _clean():
    yield
    trace.unbind()


def test_what_comes_in_goes_on_unchanged_where_nothing_is_recorded():
    with trace.span("any", GIVEN) as span:
        assert span.traceparent == trace.current_traceparent() == GIVEN
    assert trace.current_traceparent() is None


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "garbage",
        GIVEN.upper(),
        GIVEN + "-extra",
        GIVEN.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        GIVEN + "\n",
    ],
)
def test_what_cannot_be_read_begins_a_new_trace(bad):
    assert trace.parse(bad) is None
    begun = trace.start("any", bad).traceparent
    assert trace.parse(begun) is not None
    assert begun != trace.start("any", bad).traceparent


def test_a_later_version_may_carry_more():
    assert trace.parse(GIVEN.replace("00-", "01-", 1) + "-more") == (
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00f067aa0ba902b7",
        "01",
    )


async def test_tasks_do_not_share_a_trace():
    async def work() -> str | None:
        trace.bind(trace.make())
        return trace.current_traceparent()

    first, second = await asyncio.gather(*(asyncio.create_task(work()) for _ in range(2)))
    assert first != second
    assert trace.current_traceparent() is None


def test_bound_is_what_leaves():
    trace.bind(GIVEN)
    assert trace.current_traceparent() == GIVEN
    trace.unbind()
    assert trace.current_traceparent() is None
