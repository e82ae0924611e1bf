"""Trace context as W3C asks: continued where it can be read, begun anew where not."""

import asyncio

import pytest

from shared.observability import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _clean():
    yield
    trace.unbind()


def test_a_child_keeps_the_trace_and_has_a_span_of_its_own():
    version, trace_id, span, flags = trace.child(GIVEN).split("-")
    assert (version, trace_id, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "01")
    assert span != "00f067aa0ba902b7"
    assert len(span) == 16


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
    assert trace.parse(trace.child(bad)) is not None


def test_a_later_version_may_carry_more():
    assert trace.parse(GIVEN.replace("00-", "01-", 1) + "-more") == ("4bf92f3577b34da6a3ce929d0e0e4736", "01")


async def test_tasks_do_not_share_a_trace():
    async def work() -> str | None:
        return trace.bind(None)

    first, second = await asyncio.gather(*(asyncio.create_task(work()) for _ in range(2)))
    assert first != second
    assert trace.current_traceparent() is None


def test_bound_is_what_leaves():
    bound = trace.bind(GIVEN)
    assert trace.current_traceparent() == bound
    trace.unbind()
    assert trace.current_traceparent() is None
