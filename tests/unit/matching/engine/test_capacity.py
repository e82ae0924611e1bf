"""What outgrows the address space taken for it ends in an error, and is never written past an array."""

from dataclasses import replace
from itertools import islice

import pytest

from services.matching.engine import rematch, warm_up
from services.matching.engine.engine import Engine
from services.matching.kernels.storage.memory import CapacityError
from tests.unit.matching.engine.histories import VOCABULARY


@pytest.fixture
def network():
    return [event for _, burst in islice(warm_up.bursts(), 7) for event in burst]


def test_more_live_suggestions_than_there_is_room_for(network, monkeypatch):
    whole = Engine(VOCABULARY)
    whole.apply_all(network)
    count = len(whole.suggestions())
    assert count > 10
    monkeypatch.setattr(rematch, "ROWS", count - 1)
    with pytest.raises(CapacityError):
        Engine(VOCABULARY).apply_all(network)


def test_more_changes_than_there_is_room_for_before_they_are_taken(network, monkeypatch):
    monkeypatch.setattr(rematch, "ROWS", 50)
    engine = Engine(VOCABULARY)
    engine.apply_all(network)
    opening = next(event for event in network if event.topic == "postings.v1")
    with pytest.raises(CapacityError):
        _change_again_and_again(engine, opening)


def _change_again_and_again(engine, opening):
    for version in range(2, 100):
        engine.ingest([replace(opening, version=version, value=None if version % 2 == 0 else opening.value)])
        for _ in engine.update_in_slices():
            pass
