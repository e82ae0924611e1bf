"""The ties in columns say after every step what the plain rules say, and tell of all that a step changed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.matching_columns.tie_worlds import Record, World, sides

pytestmark = pytest.mark.timeout(900)
"""The first run after a change compiles the kernels, which takes a minute or two on a busy machine."""

PEOPLE = 9
LARGEST = 2**48 - 2
"""The largest version that the columns hold."""

persons = st.integers(0, PEOPLE - 1)
versions = st.one_of(st.integers(0, 8), st.integers(LARGEST - 1, LARGEST + 3), st.just(2**62))
some = st.builds(Record, persons, persons, st.one_of(st.none(), sides, sides, sides), st.integers(0, 8))
any_version = st.builds(Record, persons, persons, st.one_of(st.none(), sides), versions)
kinds = st.sampled_from(("member", "member", "member", "contact", "gone"))
steps = st.one_of(
    st.lists(some, min_size=1, max_size=1),
    st.lists(some, max_size=40),
    st.lists(some, max_size=40),
    st.lists(any_version, max_size=4),
    st.dictionaries(persons, kinds, min_size=1, max_size=4),
    st.integers(1, 900),
    st.sampled_from(("compact", "move")),
)
people = st.dictionaries(persons, kinds, min_size=5)
quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@quick
@given(st.lists(steps, max_size=12), people)
def test_every_step_agrees_with_the_plain_rules(history, kinds_of_people):
    world = World(PEOPLE)
    world.check([world.persons(kinds_of_people)])
    _take(world, history)


@quick
@given(st.lists(some, max_size=80), people, st.lists(any_version, max_size=4), st.lists(steps, max_size=4))
def test_what_was_loaded_agrees_too_and_goes_on_from_there(records, kinds_of_people, later, history):
    world = World(PEOPLE, loading=True)
    for at in range(0, len(records), 7):
        world.put(records[at : at + 7])
        world.persons(kinds_of_people)
    world.put(later)
    world.check_readings()
    world.derive_all()
    world.before = world.facts()
    world.check([])
    _take(world, history)


def _take(world: World, history: list[object]) -> None:
    compaction: Iterator[None] = iter(())
    for step in history:
        # A pass of compaction goes on while steps come in.
        next(compaction, None)
        match step:
            case int():
                assert world.state.today is not None
                world.check(world.day(world.state.today + timedelta(days=step)))
            case dict():
                world.check([world.persons(step)])
            case "compact":
                compaction = world.ties.compact()
            case "move":
                world.moved().check([])
            case list():
                world.check([world.put(step)])
