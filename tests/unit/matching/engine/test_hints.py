"""Hints of arcs miss nobody, and whichever way a question is answered, the answer is the plain one."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine import path_questions
from services.matching.engine.columns import company_hints
from services.matching.engine.engine import Engine
from services.matching.kernels.graph.layout import TIED
from services.matching.rules import bridge, questions
from tests.records import Json, closeness, event_of, events_of, job, person, tie
from tests.tiers import examples
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY, histories
from tests.unit.matching.engine.side_by_side import SideBySide
from tests.unit.matching.snapshots.test_engine_state import restored_copy

chances = st.integers(0, 2**32 - 1).map(random.Random)
some = examples(25)

WAYS = {"hints": 1 << 40, "hints that tell nothing": 1 << 40, "an index": -1}


@pytest.fixture(scope="module", autouse=True)
def _small_circles() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 3)
        yield


def crowd_of(chance: random.Random) -> Crowd:
    crowd = Crowd(chance, SMALL_TOWN)
    crowd.settle_in(members=chance.randint(20, 40), contacts=20, openings=4, ties_each=chance.choice([3, 8]))
    return crowd


def check_hints(engine: Engine) -> None:
    """Of nobody's contact is a company missing, be the job long over or still to come."""
    store = engine.store
    arcs, people, company = store.ties.arcs, store.people.columns, store.people.jobs.company
    for number in range(len(store.names)):
        begin = int(arcs.start[number])
        for at in range(begin, begin + int(arcs.size[number])):
            other = arcs.other[at]
            if arcs.flags[at] & TIED:
                first = people.job_start[other]
                for employer in company[first : first + people.job_size[other]].tolist():
                    assert company_hints.hint_of(employer) & ~int(arcs.hint[at]) == 0


@some
@given(histories(), chances)
def test_no_company_of_a_contact_is_missing_after_any_history(history, chance):
    engine, rest = Engine(VOCABULARY), history
    while rest:
        size = chance.choice([1, 2, 5, 40])
        engine.apply_all(rest[:size])
        rest = rest[size:]
        if chance.random() < 0.2:
            engine = restored_copy(engine)
            engine.update()
        check_hints(engine)


@some
@given(chances, st.lists(st.sampled_from(STEPS), min_size=4, max_size=10))
def test_nor_in_a_crowd(chance, steps):
    crowd, engine = crowd_of(chance), Engine(VOCABULARY)
    for burst in (crowd.begin(), *(step(crowd) for step in steps)):
        engine.apply_all(burst)
        if chance.random() < 0.2:
            engine = restored_copy(engine)
            engine.update()
        check_hints(engine)


@pytest.mark.parametrize("way", WAYS)
@some
@given(chance=chances, steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=5))
def test_each_way_to_answer_gives_the_plain_answer(way, chance, steps):
    crowd, both = crowd_of(chance), SideBySide(VOCABULARY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path_questions, "ARCS_A_WORKER", WAYS[way])
        if way == "hints that tell nothing":
            patch.setattr(company_hints, "HINTS", (7,))
        for burst in (crowd.begin(), *(step(crowd) for step in steps)):
            both.step(burst, chance)
            state = both.plain.state
            for name in chance.sample(sorted(state.people), min(10, len(state.people))):
                for company in map(VOCABULARY.company, SMALL_TOWN.companies, [None] * 4):
                    expected = questions.paths(both.plain.network, state.people[name], company)
                    assert both.fast.paths(name, company) == expected


def test_an_insider_is_found_wherever_they_stand_among_many_ties():
    """Alone among those of other company_hints: hints are read eight at a time, from any beginning."""
    engine = Engine(VOCABULARY)
    engine.apply(event_of({"day": "2026-03-01"}))
    told = [_person(name, f"At {name}") for name in ("m0", "m1", *_contacts())]
    known = [("m0", "m1"), ("m1", "m0"), *(("m1", contact) for contact in _contacts())]
    engine.apply_all(events_of(*told, *(tie(*ends, closeness(4)) for ends in known)))
    for version, contact in enumerate(_contacts(), 2):
        engine.apply(event_of(_person(contact, "Initech"), 2 * version))
        found, _ = engine.paths("m0", VOCABULARY.company("Initech", None))
        assert [(path.introducer, path.insider) for path in found] == [("m1", contact)]
        engine.apply(event_of(_person(contact, "Elsewhere"), 2 * version + 1))
        assert engine.paths("m0", VOCABULARY.company("Initech", None)) == ([], [])


def _contacts() -> list[str]:
    return [f"c{number:02}" for number in range(45)]


def _person(name: str, company: str) -> Json:
    member = name.startswith("m")
    return person(name, job(company, title="Developer"), member=member, introduces=member)


def test_every_hint_has_three_bits_of_a_byte():
    assert len(set(company_hints.HINTS)) == 56
    assert all(hint.bit_count() == 3 and hint < 256 for hint in company_hints.HINTS)
    assert company_hints.hint_of_all([]) == 0
    assert np.uint8(company_hints.hint_of_all(range(56))) == 255
