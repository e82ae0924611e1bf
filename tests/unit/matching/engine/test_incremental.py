"""Section 7: what must hold for every history of events, against the plain rules from scratch."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.engine import Engine, Event
from services.matching.rules import bridge
from services.matching.rules.suggestions import Key, Suggestion, all_suggestions
from tests.tiers import examples
from tests.unit.matching.engine.histories import VOCABULARY, events, histories

slow = examples(60)


@pytest.fixture(scope="module", autouse=True)
def _small_circles() -> Iterator[None]:
    """With so few people nobody has thirty ties: let two be enough, so that bridges move."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 2)
        yield


def told(view: dict[Key, Suggestion], engine: Engine, burst: list[Event]) -> None:
    """What a reader of the changes would believe."""
    changes = engine.apply_all(burst)
    for change, found in zip(changes, engine.current(changes), strict=True):
        key = (change.seeker, change.posting)
        assert view.get(key) != found, "a change that changes nothing"
        if found is None:
            del view[key]
        else:
            view[key] = found


@slow
@given(histories(), st.randoms(use_true_random=False))
def test_live_suggestions_equal_those_from_scratch_after_every_step(history, chance):
    engine, view = Engine(VOCABULARY), {}
    rest = history
    while rest:
        size = chance.choice([1, 1, 2, 40])
        told(view, engine, rest[:size])
        rest = rest[size:]
        assert engine.suggestions() == all_suggestions(engine.state) == view


@slow
@given(histories(), st.randoms(use_true_random=False))
def test_any_interleaving_that_keeps_each_keys_order_ends_the_same(history, chance):
    queues: dict[tuple[str, str], list[Event]] = {}
    for one in history:
        queues.setdefault((one.topic, one.key), []).append(one)
    one_way, another = Engine(VOCABULARY), Engine(VOCABULARY)
    one_way.apply_all(history)
    waiting = list(queues.values())
    while waiting:
        queue = chance.choice(waiting)
        another.apply(queue.pop(0))
        waiting = [queue for queue in waiting if queue]
    assert another.suggestions() == one_way.suggestions()


@slow
@given(histories())
def test_applying_everything_again_in_any_order_changes_nothing(history):
    engine = Engine(VOCABULARY)
    engine.apply_all(history)
    for one in [*reversed(history), *history]:
        assert engine.apply(one) == []


@slow
@given(histories())
def test_splitting_the_openings_over_several_engines_changes_nothing(history):
    whole = Engine(VOCABULARY)
    shards = [
        Engine(VOCABULARY, answers_for=lambda posting, shard=shard: int(posting[1:]) % 2 == shard) for shard in (0, 1)
    ]
    for one in history:
        for engine in (whole, *shards):
            engine.apply(one)
    assert whole.suggestions() == shards[0].suggestions() | shards[1].suggestions()


@slow
@given(histories(), st.lists(events(), max_size=6))
def test_an_unreadable_person_counts_as_not_introducing(history, later):
    engine = Engine(VOCABULARY)
    engine.apply_all(history)
    engine.suspend_introductions("m0")
    engine.update()
    assert not any(
        path.introducer == "m0" and path.ask == "app" for s in engine.suggestions().values() for path in s.paths
    )
    engine.apply_all(later)
    assert engine.suggestions() == all_suggestions(engine.state)


@pytest.mark.long
def test_the_histories_make_suggestions_of_every_sort():
    """The tests above would prove little on histories in which nobody has a path."""
    seen: set[str] = set()
    direct = {f"direct {label} {ask}" for label in ("warm", "possible") for ask in ("app", "hand")}
    every = {*direct, "between warm app", "bridge"}

    @settings(max_examples=150, derandomize=True)
    @given(histories())
    def look(history):
        if seen == every:
            return
        engine = Engine(VOCABULARY)
        engine.apply_all(history)
        for found in engine.suggestions().values():
            for path in found.paths:
                seen.add(f"{'direct' if path.introducer == path.insider else 'between'} {path.label} {path.ask}")
                seen.update("bridge" for reason in path.reasons if "both" in reason)

    look()
    assert seen == every
