"""Checks: one that raises or hangs has failed, and says nothing it should not."""

import asyncio

from shared.web import health


async def _fine():
    return None


async def _sick():
    return "the relay is fenced"


async def _raising():
    raise ConnectionError("postgresql://ann:secret@db")


async def _hanging():
    await asyncio.Event().wait()


async def test_findings(monkeypatch):
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.01)
    checks = {"a": _fine, "b": _sick, "c": _raising, "d": _hanging}
    assert await health.run_checks(checks) == {
        "a": "ok",
        "b": "the relay is fenced",
        "c": "failed: ConnectionError",
        "d": "failed: TimeoutError",
    }


async def test_a_heart_that_stops_is_noticed():
    now = [0.0]
    heart = health.Heartbeat("the consume loop", 10, clock=lambda: now[0])
    now[0] = 10.0
    assert await heart.check() is None
    now[0] = 25.0
    assert await heart.check() == "the consume loop has not moved for 25 s"
    heart.beat()
    assert await heart.check() is None
