"""First hops come in order, whatever parts they are sorted in, and never of a seeker who is matched as a whole."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine import invalidation

PEOPLE = 71
people = st.integers(0, PEOPLE - 1)


@given(st.lists(st.tuples(people, people), max_size=60), st.sets(people, max_size=5), st.sampled_from([1, 2, 7, 1000]))
def test_hops_in_parts_of_any_size(hops, whole, size):
    store: Any = SimpleNamespace(names=range(PEOPLE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invalidation, "HOPS", 64)
        patch.setattr(invalidation, "PEOPLE", PEOPLE)
        patch.setattr(invalidation, "OPENINGS", 1)
        patch.setattr(invalidation, "HOPS_SORTED", size)
        patch.setattr(invalidation, "HOPS_PARTITIONED", size)
        marked = invalidation.Invalidation(store)
        for number, (seeker, other) in enumerate(hops):
            marked._hops.keys[number] = seeker << 32 | other
        marked._hops.counts[0] = len(hops)
        for person in whole:
            marked.mark_seeker(person)
        slices = marked.dirty_hops()
        while True:
            try:
                next(slices)
            except StopIteration as end:
                found = [(key >> 32, key & 0xFFFF_FFFF) for key in end.value.tolist()]
                break
    assert found == sorted(hop for hop in hops if hop[0] not in whole)
