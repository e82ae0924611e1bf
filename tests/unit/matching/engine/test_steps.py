"""Steps come in order, whatever parts they are sorted in, and never for somebody who is worked out as a whole."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine import invalidation

PEOPLE = 71
people = st.integers(0, PEOPLE - 1)


@given(st.lists(st.tuples(people, people), max_size=60), st.sets(people, max_size=5), st.sampled_from([1, 2, 7, 1000]))
def test_steps_in_parts_of_any_size(steps, whole, size):
    store: Any = SimpleNamespace(names=range(PEOPLE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invalidation, "STEPS", 64)
        patch.setattr(invalidation, "PEOPLE", PEOPLE)
        patch.setattr(invalidation, "OPENINGS", 1)
        patch.setattr(invalidation, "SORTED", size)
        patch.setattr(invalidation, "PARTED", size)
        marked = invalidation.Concerned(store)
        for number, (seeker, other) in enumerate(steps):
            marked._steps.keys[number] = seeker << 32 | other
        marked._steps.counts[0] = len(steps)
        for person in whole:
            marked.seeker(person)
        slices = marked.all_steps()
        while True:
            try:
                next(slices)
            except StopIteration as end:
                found = [(key >> 32, key & 0xFFFF_FFFF) for key in end.value.tolist()]
                break
    assert found == sorted(step for step in steps if step[0] not in whole)
