"""The check against the plain rules, of the engine in columns: silent on a sound one, and it finds a planted fault."""

import random
from typing import Any

import pytest

from services.matching.engine.engine import Engine
from services.matching.kernels.graph.layout import BLOCKED, OWN, TIED, WARM
from services.matching.kernels.suggestions.live import find_row
from services.matching.kernels.suggestions.rows import BEST
from services.matching.rules import bridge
from services.matching.rules.suggestions import Key
from services.matching.stream.engine_thread import EngineThread
from services.matching.stream.reconciler import Case, Reconciler, examine
from shared.observability.metric_list import MATCHER_REPAIRS
from shared.testing.wait import until
from tests.tiers import seeds
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY

EVERYTHING = 1500
"""So many comparisons, drawn at random, meet every suggestion and tie of a crowd of this size."""

ROUNDS = 3
"""A tie that was taken away or made up spoils what is counted of others, which a later round finds."""


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", 4)


def owned(_posting: str) -> bool:
    return True


def a_crowd(seed: int) -> Crowd:
    crowd = Crowd(random.Random(seed), SMALL_TOWN)
    crowd.settle_in(members=12, contacts=4, openings=4, ties_each=4)
    return crowd


@pytest.fixture
def engine() -> Engine:
    made = Engine(VOCABULARY)
    made.apply_all(a_crowd(3).begin())
    assert len(made.suggestions()) > 5
    return made


def cases(engine: Engine, most: int = EVERYTHING) -> list[Case]:
    return examine(engine, owned, random.Random(1), most=most).cases


def one_of(engine: Engine) -> Key:
    return min(engine.suggestions())


def tamper_with_a_row(engine: Engine, key: Key) -> None:
    seeker, posting = key
    live = engine._updater.rematcher.live
    row = find_row(live, engine.store.names.find(seeker), engine.store.openings.find(posting))
    live.rows.score[BEST * row] += 1e-16


def tamper_with_a_tie(engine: Engine, one: str, other: str, column: str = "strength", bit: int = 1) -> None:
    names, ties = engine.store.names, engine.store.ties
    getattr(ties.arcs, column)[ties.arc(names.find(one), names.find(other))] ^= bit


def repair(engine: Engine, found: list[Case]) -> None:
    for case in found:
        (engine.repair_tie if case.kind == "tie" else engine.repair)(case.one, case.other)


@seeds(1, long=4)
def test_a_sound_engine_differs_in_nothing_whatever_happens_to_it(seed):
    crowd, made = a_crowd(seed), Engine(VOCABULARY)
    made.apply_all(crowd.begin())
    for _ in range(12):
        made.apply_all(crowd.chance.choice(STEPS)(crowd))
        assert cases(made, most=150) == []


def test_a_score_off_by_its_last_digit_is_found_and_repaired(engine):
    key = one_of(engine)
    right = engine.suggestion(*key)
    tamper_with_a_row(engine, key)
    assert cases(engine) == [Case("suggestion", *key)]
    repair(engine, cases(engine))
    [change] = engine.update()
    assert (change.seeker, change.posting) == key
    assert engine.current([change]) == [right]
    assert cases(engine) == []


@pytest.mark.parametrize(
    ("column", "bit"), [("strength", 4096), ("flags", TIED), ("flags", WARM), ("flags", OWN), ("flags", BLOCKED)]
)
def test_a_tie_that_is_off_is_found_and_repaired_with_what_it_spoiled(engine, column, bit):
    right = engine.suggestions()
    (seeker, posting), introducer = next(
        (key, path.introducer)
        for key, found in sorted(right.items())
        for path in found.paths
        if path.introducer != path.insider and len(found.paths) == 1
    )
    tamper_with_a_tie(engine, seeker, introducer, column, bit)
    assert Case("tie", seeker, introducer) in cases(engine)
    engine.repair(seeker, posting)
    engine.update()
    assert (engine.suggestions() != right) == (bit != BLOCKED)  # paths look at that one from its other end
    assert (Case("suggestion", seeker, posting) in cases(engine)) == (bit != BLOCKED)
    for _ in range(ROUNDS):
        found = cases(engine)
        if not found:
            break
        repair(engine, [case for case in found if case.kind == "tie"])
        engine.update()
    assert engine.suggestions() == right
    assert not found or cases(engine) == []


async def test_rounds_beside_the_engine_count_tell_and_repair_and_then_find_nothing(engine, caplog):
    thread, made, unsettled = EngineThread(), Reconciler(0, random=random.Random(1)), list[str]()
    before = {kind: MATCHER_REPAIRS.labels(kind)._value.get() for kind in ("suggestion", "tie")}
    key, right = one_of(engine), engine.suggestions()
    introducer = right[key].paths[0].introducer

    async def a_round() -> None:
        await made.begin(thread, engine, owned, lambda: unsettled.append("again"))
        assert made._round is not None
        await until(made._round.done, timeout=60)

    try:
        await a_round()
        assert unsettled == []
        tamper_with_a_row(engine, key)
        tamper_with_a_tie(engine, key[0], introducer)
        await until(lambda: _repaired(a_round, engine, right), timeout=60)
        settled, unsettled = len(unsettled), []
        assert settled >= 1
        await a_round()
        assert unsettled == []
    finally:
        await made.stop()
        await thread.stop()
    now = {kind: MATCHER_REPAIRS.labels(kind)._value.get() for kind in ("suggestion", "tie")}
    assert all(now[kind] > before[kind] for kind in now)
    assert "engine_differs_from_the_rules" in caplog.text


async def _repaired(a_round: Any, engine: Engine, right: dict[Key, Any]) -> bool:
    await a_round()
    engine.update()
    return engine.suggestions() == right and not cases(engine)
