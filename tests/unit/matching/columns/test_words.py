"""Words as numbers."""

from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.columns.words import Words


@given(st.lists(st.text(max_size=5), max_size=12), st.lists(st.text(max_size=5), max_size=6))
def test_each_word_has_one_number_and_keeps_it(first, later):
    words, expected = Words(), {}
    for one in first:
        assert words.index(one) == expected.setdefault(one, len(expected))
    back = Words()
    back.restore({name: array.copy() for name, array in words.arrays()}, words.extra())
    for one in later:
        number = expected.setdefault(one, len(expected))
        assert words.index(one) == back.index(one) == number
    for table in (words, back):
        assert len(table) == len(expected)
        assert {table.text(number): number for number in range(len(table))} == expected
        assert all(table.find(one) == number for one, number in expected.items())
        assert table.find("not there at all") == -1
