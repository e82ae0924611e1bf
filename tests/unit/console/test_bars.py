"""Bars are as long as their counts, inside the drawing, on screens and on phones."""

from hypothesis import given
from hypothesis import strategies as st

from services.console.bars import charts

COUNTS = st.lists(st.tuples(st.text(max_size=30), st.integers(0, 10**12)), min_size=1, max_size=30)


@given(COUNTS)
def test_bars_are_in_order_inside_the_drawing_and_none_is_longer_than_a_larger_count(counts):
    for drawn in charts(counts):
        assert [(bar.label, bar.number) for bar in drawn.bars] == counts
        assert all(bar.x + bar.width <= drawn.width and bar.y < drawn.height for bar in drawn.bars)
        by_count = sorted(drawn.bars, key=lambda bar: bar.number)
        lengths = [bar.width for bar in by_count]
        assert lengths == sorted(lengths)
        assert all((bar.width == 0) == (bar.number == 0) for bar in drawn.bars)


def test_nothing_is_drawn_of_nothing():
    assert charts([]) == []
