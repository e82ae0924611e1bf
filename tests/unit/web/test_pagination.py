"""Cursors: opaque to callers, checked when they come back."""

import base64
import json
from datetime import UTC, datetime

import pytest

from shared.web.pagination import bigint, decode_cursor, encode_cursor, page_of
from shared.web.problems import Problem


def forged(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_there_and_back():
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    cursor = encode_cursor(moment, 7, "é-1")
    assert decode_cursor(cursor, 3) == (moment.isoformat(), "7", "é-1")
    assert decode_cursor(cursor, 3, datetime.fromisoformat, bigint, str) == (moment, 7, "é-1")
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "!",
        "a",
        "****",
        "é",
        encode_cursor("1"),
        encode_cursor("1", "2", "3"),
        encode_cursor("not a number", "2"),
        encode_cursor("1", "a\x00b"),
        encode_cursor(2**63, "2"),
        encode_cursor(-(2**63), "2"),
        forged({"a": 1}),
        forged([1, "2"]),
        forged([["1"], "2"]),
        forged("12"),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_broken_cursor_is_a_422_that_names_it(broken):
    with pytest.raises(Problem) as caught:
        decode_cursor(broken, 2, bigint, str)
    assert (caught.value.status, caught.value.errors[0].field) == (422, "cursor")


def test_the_number_of_parts_counts_also_where_texts_are_taken_as_they_are():
    with pytest.raises(Problem):
        decode_cursor(encode_cursor("1"), 2)


def test_a_page_has_a_next_only_when_there_is_more():
    page = page_of([1, 2, 3], 2, item=str, cursor=lambda row: (row,))
    assert page.items == ["1", "2"]
    assert page.next is not None
    assert decode_cursor(page.next, 1, bigint) == (2,)
    assert page_of([1, 2], 2, item=str, cursor=lambda row: (row,)).next is None
    assert page_of([], 2, item=str, cursor=lambda row: (row,)).model_dump() == {"items": [], "next": None}
