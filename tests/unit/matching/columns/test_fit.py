"""Fit in columns is fit by the rules: for every pair, from both sides, through every change."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.columns.fit import LOOK
from tests.tiers import examples
from tests.unit.matching.columns.fit_worlds import TODAY, World, maybe, openings, people, random_opening, random_person

MEMBERS = [f"m{n}" for n in range(6)]
OPENINGS = [f"o{n}" for n in range(4)]
CLOSED = {
    "status": "closed",
    "company": {"name": "Initech"},
    "title": "Developer",
    "skills": ["skill 1"],
    "workplace": "remote",
    "posted_at": "2026-01-05T10:00:00Z",
    "vouched": True,
}

changes = st.one_of(
    st.tuples(st.just("person"), st.sampled_from(MEMBERS), maybe(people)),
    st.tuples(st.just("opening"), st.sampled_from(OPENINGS), maybe(openings)),
    st.tuples(st.just("release"), st.sampled_from(OPENINGS), st.none()),
    st.tuples(st.just("day"), st.integers(0, 2), st.none()),
)


def apply(world: World, change: tuple[str, Any, Any]) -> None:
    match change:
        case "person", key, content:
            world.put_person(key, content)
        case "opening", key, content:
            world.put_opening(key, content)
        case "release", key, _:
            number = world.fit.openings.find(key)
            if number >= 0 and key not in world.openings:
                world.fit.openings.release(number)
        case "day", after, _:
            world.set_day((world.today or TODAY) + timedelta(days=after))


# `look` 0 leaves all lists but the shortest unwalked; the closed openings make the search of openings go by lists.
@examples(250)
@given(
    st.lists(openings, max_size=4),
    st.lists(people, max_size=6),
    st.booleans(),
    st.sampled_from([0, 1, LOOK]),
    st.sampled_from([0, 60]),
)
def test_every_pair_fits_as_by_the_rules(
    offers: list[Any], seekers: list[Any], early: bool, look: int, closed: int
) -> None:
    world = World(TODAY if early else None, look)
    for number in range(closed):
        world.put_opening(f"closed {number}", CLOSED)
    for key, content in zip(OPENINGS, offers, strict=False):
        world.put_opening(key, content)
    for key, content in zip(MEMBERS, seekers, strict=False):
        world.put_person(key, content)
    world.check()
    world.set_day(TODAY)
    world.check()


@examples(150)
@given(st.lists(changes, max_size=25), st.sampled_from([0, LOOK]))
def test_through_changes(history: list[Any], look: int) -> None:
    world = World(look=look)
    for change in history:
        apply(world, change)
        world.check()


@examples(75)
@given(st.lists(changes, max_size=15), st.lists(changes, max_size=10))
def test_through_a_snapshot(before: list[Any], after: list[Any]) -> None:
    world = World()
    for change in before:
        apply(world, change)
    again = world.restored()
    again.check()
    for change in after:
        apply(again, change)
        again.check()


def test_many_searches_in_turn() -> None:
    # Nothing is left behind by a search that the next would take for its own.
    world = World()
    for n in range(4):
        skills = [f"skill {k}" for k in range(n, n + 5)]
        world.put_opening(f"o{n}", {**CLOSED, "status": "open", "skills": skills})
        world.put_person(f"m{n}", {"member": True, "skills": skills, "seeking": {"titles": ["Tester"]}})
    for _ in range(300):
        world.by_opening()
        world.by_person()
    world.check()
    assert world.expected()


@pytest.mark.parametrize("look", [0, LOOK])
@pytest.mark.parametrize("seed", range(3))
def test_a_larger_world(seed: int, look: int) -> None:
    # Lists long and short, so that every way to find candidates is taken.
    world, rng = World(look=look), random.Random(seed)
    for n in range(120):
        world.put_person(f"m{n}", random_person(rng))
    for n in range(50):
        world.put_opening(f"o{n}", random_opening(rng))
    world.check()
    world.set_day(TODAY + timedelta(days=2))
    for n in range(0, 120, 3):
        world.put_person(f"m{n}", random_person(rng) if n % 2 else None)
    for n in range(0, 50, 3):
        world.put_opening(f"o{n}", random_opening(rng) if n % 2 else None)
    world.check()
    world.restored().check()
    assert len(world.expected()) > 200
