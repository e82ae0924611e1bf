"""How a topic and a table may differ over a row."""

import pytest

from shared.events.clock import ClockV1
from shared.messaging.publish.reconciling import UNREADABLE, TableRow, TopicEntry, compare, digest

A, B = b"a", b"b"


@pytest.mark.parametrize(
    ("row", "entry", "kind"),
    [
        ((5, A), TopicEntry(5, 5, A), None),
        ((5, A), None, "missing"),
        ((5, A), TopicEntry(5, 5, B), "different"),
        ((4, A), TopicEntry(5, 5, A), "different"),
        ((6, A), TopicEntry(5, 5, A), "different"),
        ((5, None), TopicEntry(5, 5, A), "different"),
        ((5, A), TopicEntry(5, 5, UNREADABLE), "different"),
        ((5, A), TopicEntry(6, 6, None), "revived"),
        ((5, A), TopicEntry(6, 5, A), "different"),
    ],
    ids=[
        "same",
        "never told",
        "content",
        "table older",
        "table newer",
        "not kept",
        "unreadable",
        "tombstone",
        "last older",
    ],
)
def test_rows_and_the_topics_entries(row, entry, kind):
    assert compare(TableRow("k", "k", *row), entry) == kind


def test_a_digest_is_of_the_content_without_its_version():
    assert digest(ClockV1(day="2026-05-04", version=7)) == digest(ClockV1(day="2026-05-04"))
    assert digest(ClockV1(day="2026-05-04")) != digest(ClockV1(day="2026-05-05"))
