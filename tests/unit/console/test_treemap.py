"""The drawing of where contacts work: areas are as counts, nothing overlaps, nothing sticks out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.treemap import layout

COUNTS = st.lists(st.integers(1, 5000), min_size=1, max_size=40).map(lambda found: sorted(found, reverse=True))


@given(COUNTS)
def test_boxes_are_as_large_as_their_counts_and_within_the_drawing(counts):
    boxes = layout([(f"c{number}", count) for number, count in enumerate(counts)], 960, 540)
    unit = 960 * 540 / sum(counts)
    for box, count in zip(boxes, counts, strict=True):
        assert box.width * box.height == pytest.approx(count * unit)
        assert -1e-6 <= box.x <= 960 - box.width + 1e-6
        assert -1e-6 <= box.y <= 540 - box.height + 1e-6
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart_x = one.x + one.width <= other.x + 1e-6 or other.x + other.width <= one.x + 1e-6
            apart_y = one.y + one.height <= other.y + 1e-6 or other.y + other.height <= one.y + 1e-6
            assert apart_x or apart_y


def test_nothing_is_drawn_of_nothing():
    assert layout([], 960, 540) == []


@pytest.mark.parametrize("width", [12, 30, 60, 90, 400])
def test_a_label_fits_or_is_left_out(width):
    (box,) = layout([("Tidewater Health, Incorporated", 3)], width, 100)
    assert len(box.label) * 9.0 <= width
    assert box.label == "" or (len(box.label) >= 8 and box.name.startswith(box.label.rstrip("…")))
