"""People's ids as numbers: dense, for good, and in the order of Python's strings."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.matching.engine.columns.names import Names
from services.matching.kernels.graph.person_ids import id_less
from services.matching.kernels.storage.memory import CapacityError

ids = st.text(st.characters(exclude_categories=()), max_size=6) | st.text("ab", max_size=4)


@given(st.lists(st.lists(ids, max_size=6), max_size=6))
def test_ids_get_numbers_in_the_order_of_their_first_appearance(bursts):
    names, expected = Names(), {}
    for burst in bursts:
        for one in burst:
            expected.setdefault(one, len(expected))
        given_ = names.indexes(burst)
        assert given_.dtype == np.int32
        assert given_.tolist() == [expected[one] for one in burst]
        again = names.indexes(burst)
        assert again.tolist() == given_.tolist()
    assert len(names) == len(expected)
    for one, number in expected.items():
        assert (names.index(one), names.find(one), names.name(number)) == (number, number, one)
    assert names.find("somebody else") == -1
    assert len(names) == len(expected)


@given(st.lists(ids, unique=True, max_size=8))
@example(["\uffff", "\U00010000", "é", "z", "", "zz"])
def test_ids_are_compared_as_python_compares_them(found):
    names = Names()
    names.indexes(found)
    for i, one in enumerate(found):
        for j, other in enumerate(found):
            assert id_less(names.text, names.start, i, j) is (one < other)


@given(st.lists(ids, unique=True, max_size=8), st.lists(ids, unique=True, max_size=8))
def test_what_was_kept_comes_back_and_goes_on(before, after):
    names, back = Names(), Names()
    names.indexes(before)
    back.restore({name: array.copy() for name, array in names.arrays()}, names.extra())
    for both in (names, back):
        both.indexes(after)
    for number in range(len(names)):
        assert back.name(number) == names.name(number)
        assert back.find(names.name(number)) == number
    assert len(back) == len(names)
    assert [a.tolist() for _, a in back.arrays()] == [a.tolist() for _, a in names.arrays()]


@pytest.mark.parametrize("names", [Names(2, 100), Names(10, 5)])
def test_a_full_table_says_so_and_keeps_what_it_has(names):
    names.indexes(["ab", "cd"])
    with pytest.raises(CapacityError):
        names.index("efgh")
    assert [names.name(0), names.name(1), names.find("efgh"), len(names)] == ["ab", "cd", -1, 2]


def test_what_does_not_fit_is_not_restored():
    names = Names()
    names.indexes(["ab", "cd", "ef"])
    with pytest.raises(CapacityError):
        Names(2, 100).restore(dict(names.arrays()), {})
