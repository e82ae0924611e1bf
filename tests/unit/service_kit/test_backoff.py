"""Pauses between tries."""

from shared.service_kit.backoff import delays


def test_waiting_doubles_up_to_its_cap():
    waits = delays(first=1, cap=8)
    for step in (1, 2, 4, 8, 8, 8):
        assert step / 2 <= next(waits) <= step
