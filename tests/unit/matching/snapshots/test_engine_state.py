"""An engine that is kept in a snapshot and put back, at any moment of its life, goes on as if nothing had happened.

Through a real file; then step by step against the plain engine, which was never kept.
"""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.engine import Engine
from services.matching.rules import bridge
from services.matching.rules.plain.engine import Engine as PlainEngine
from services.matching.rules.suggestions import Key, Suggestion
from services.matching.snapshots import matcher_state, snapshot_file
from services.matching.snapshots.matcher_state import MatcherState
from services.matching.snapshots.snapshot_file import Identity
from tests.tiers import examples
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY, histories
from tests.unit.matching.engine.side_by_side import SideBySide, key_of

OURS = Identity("cluster", {}, "contracts", "vocabulary", "layout")
Owns = Callable[[str], bool]
few = st.sampled_from([2, 3, 4, 6])
chances = st.integers(0, 2**32 - 1).map(random.Random)


def everything(_posting: str) -> bool:
    return True


def restored_copy(engine: Engine, owns: Owns = everything) -> Engine:
    """A new engine that has become what this one is; it may answer for other openings."""
    fresh = Engine(VOCABULARY, answers_for=owns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.snapshot"
        MatcherState(engine, {}, {}, {}, {}).writer(path, OURS, time.time())()
        with snapshot_file.read(path, OURS) as opened:
            matcher_state.restore_engine(opened, fresh)
    return fresh


def crowd_of(chance: random.Random) -> Crowd:
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(members=chance.randint(20, 50), contacts=20, openings=8, ties_each=chance.choice([3, 8]))
    return crowd


@examples(30)
@given(histories(), few, chances)
def test_at_any_moment_of_a_small_history(history, few_ties, chance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        both, rest = SideBySide(VOCABULARY), history
        while rest:
            size = chance.choice([1, 2, 5, 40])
            both.step(rest[:size], chance)
            rest = rest[size:]
            if chance.random() < 0.3:
                both.fast = restored_copy(both.fast)
                both.compare(both.fast.update(), [])
            both.ask(chance, 1)
        both.from_scratch()


@examples(20)
@given(chances, few, st.lists(st.sampled_from(STEPS), min_size=6, max_size=12))
def test_at_any_moment_of_a_crowd(chance, few_ties, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        crowd, both = crowd_of(chance), SideBySide(VOCABULARY)
        both.step(crowd.begin(), chance)
        for step in steps:
            if chance.random() < 0.4:
                both.fast = restored_copy(both.fast)
                both.compare(both.fast.update(), [])
                both.ask(chance, 1)
            both.step(step(crowd), chance)
            both.ask(chance, 1)
            if chance.random() < 0.1:
                both.suspend_introductions(crowd.anybody())
        both.from_scratch()


def a_share(chance: random.Random) -> Owns:
    count = chance.choice([1, 2, 2, 3])
    mine = chance.randrange(count)
    return lambda posting: int(posting[1:]) % count == mine


@examples(20)
@given(chances, few, st.lists(st.sampled_from(STEPS), min_size=6, max_size=12))
def test_what_is_answered_for_may_have_changed(chance, few_ties, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", few_ties)
        crowd, plain, owns = crowd_of(chance), PlainEngine(VOCABULARY), a_share(chance)
        fast = Engine(VOCABULARY, answers_for=owns)
        for burst in (crowd.begin(), *(step(crowd) for step in steps)):
            fast.apply_all(burst)
            plain.apply_all(burst)
            before, owns = the_own(plain, owns), a_share(chance)
            assert fast.suggestions() == before
            fast = restored_copy(fast, owns)
            wanted, told = the_own(plain, owns), fast.update()
            assert set(map(key_of, told)) == wanted.keys() - before.keys()
            assert dict(zip(map(key_of, told), fast.current(told), strict=True)).items() <= wanted.items()
            assert fast.suggestions() == wanted
            assert {name: fast.reach(name) for name in crowd.openings} == {
                name: plain.reach(name) for name in crowd.openings
            }


def the_own(plain: PlainEngine, owns: Owns) -> dict[Key, Suggestion]:
    return {key: found for key, found in plain.suggestions().items() if owns(key[1])}


def test_versions_are_kept_too(monkeypatch):
    """Everything told once more, to an engine that was put back: nothing is new."""
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    chance = random.Random(5)
    crowd, engine = crowd_of(chance), Engine(VOCABULARY)
    engine.apply_all(crowd.begin())
    for _ in range(20):
        engine.apply_all(chance.choice(STEPS)(crowd))
    fresh = restored_copy(engine)
    assert fresh.apply_all(crowd.told) == []
    assert fresh.suggestions() == engine.suggestions()
    keys = {(one.topic, one.key) for one in crowd.told}
    assert {key: fresh.version(*key) for key in keys} == {key: engine.version(*key) for key in keys}
