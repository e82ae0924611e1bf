"""The ties in columns say after every step what the plain rules say, and tell of all that a step changed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.ties import Address, Blocked, Closeness, Connected, Introduced, Messages, WorkedTogether
from tests.tiers import examples
from tests.unit.matching.columns.tie_worlds import TODAY, Record, World, sides

pytestmark = pytest.mark.timeout(900)
"""The first run after a change compiles the kernels, which takes a minute or two on a busy machine."""

PEOPLE = 9
LARGEST = 2**48 - 2
"""The largest version that the columns hold."""

WORK = WorkedTogether(company="Acme", months=24, ended=TODAY - timedelta(days=900), company_size=60)
SAID = WorkedTogether(company="Acme", months=12, stated=True)
MAIL = Messages(sent=30, received=30, last=TODAY - timedelta(days=100))
SIDES = (
    None,
    (),
    (Connected(source="net", of=900),),
    (Address(source="book"), Address(source="phone")),
    (WORK,),
    (SAID, WORK),
    (MAIL, Introduced(times=3)),
    (Messages(sent=9, received=0, last=TODAY),),
    *((Closeness(value=value),) for value in range(1, 6)),
    (Closeness(value=2), Closeness(value=5), Introduced(times=2)),
    (Closeness(value=5), MAIL, SAID),
    (Closeness(value=4), Connected(source="net"), WORK, Introduced(times=1), MAIL),
    (Blocked(), MAIL),
)

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
    st.tuples(persons, st.integers(0, 255)),
)
people = st.dictionaries(persons, kinds, min_size=5)
quick = examples(100)


def test_any_two_sides_make_the_tie_that_the_plain_rules_make():
    for kind, one, other in product(("member", "contact"), SIDES, SIDES):
        world = World(2)
        world.persons({0: "member", 1: kind})
        world.check([world.put([Record(0, 1, one, 1), Record(1, 0, other, 1)])])


def test_a_new_day_ages_both_sides_of_every_tie_once():
    for kinds_of_people in product(("member", "contact"), repeat=4):
        world = World(4)
        world.persons(dict(enumerate(kinds_of_people)))
        pairs = product(range(4), repeat=2)
        world.put([Record(a, b, (MAIL, SAID) if a < b else (MAIL, WORK), 1) for a, b in pairs])
        world.before = world.facts()
        days = world.day(TODAY + timedelta(days=400))
        assert sum(len(day.a) for day in days) == sum("member" in pair for pair in combinations(kinds_of_people, 2))
        world.check(days)


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
        world.sign(at % PEOPLE, at + 1)
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
            case (int(person), int(sign)):
                world.sign(person, sign)
                world.check([])
            case list():
                world.check([world.put(step)])
