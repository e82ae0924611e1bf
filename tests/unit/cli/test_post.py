"""How `warmpath post` splits a file into requests."""

import json

import pytest

from cli.post import MAX_BYTES, MAX_ROWS, chunks_of, rows_of


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"title": "A"}', [(1, {"title": "A"})]),
        ('[{"title": "A"}, {"title": "B"}]', [(1, {"title": "A"}), (2, {"title": "B"})]),
        ('{"title": "A"}\r\n\r\n{"title": "Ж"}\n', [(1, {"title": "A"}), (3, {"title": "Ж"})]),
        ("[]", []),
        ("", []),
    ],
)
def test_each_format_gives_its_rows_with_their_positions(text, rows):
    assert [(place, json.loads(row)) for place, row in rows_of(text)] == rows


def test_a_line_that_is_not_json_is_sent_with_the_others():
    assert rows_of('{"title": "A"}\nnot json\n') == [(1, '{"title": "A"}'), (2, "not json")]


def test_requests_stay_within_the_limits_and_lose_no_row():
    rows = [(number, "x" * 20_000) for number in range(3 * MAX_ROWS)]
    chunks = list(chunks_of(rows))
    assert [row for chunk in chunks for row in chunk] == rows
    assert all(len(chunk) <= MAX_ROWS for chunk in chunks)
    assert all(sum(len(row) + 1 for _, row in chunk) <= MAX_BYTES for chunk in chunks)
