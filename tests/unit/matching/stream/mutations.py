"""Ties, and records of them that are spoilt in every way somebody thought of, or by chance."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from shared.events.ties import Address, Blocked, Closeness, Connected, Introduced, Messages, TieV1, WorkedTogether
from tests.unit.matching.stream.records import Written, tombstone, written

VERSIONS = st.integers(0, 2**63 - 1) | st.integers(1_690_000_000_000, 1_700_000_000_000)
NAMES = st.text("abcXYZ019-_.~!'#", min_size=1, max_size=40)
ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2025, 12, 31)])
WORDS = st.text("abc XYZ{}[],:'/é", min_size=1, max_size=12).filter(lambda text: text.strip() == text)
COUNTS = st.integers(0, 10_000_000) | st.integers(0, 50)
SIZES = st.none() | st.integers(1, 5_000) | st.integers(1, 2**70)
KINDS = st.one_of(
    st.builds(Connected, source=WORDS, on=st.none() | DAYS, of=SIZES),
    st.builds(Address, source=WORDS),
    st.builds(
        WorkedTogether, company=WORDS, months=COUNTS, ended=st.none() | DAYS, company_size=SIZES, stated=st.booleans()
    ),
    st.builds(Messages, sent=COUNTS, received=COUNTS, last=DAYS),
    st.builds(Introduced, times=COUNTS),
    st.builds(Closeness, value=st.integers(1, 5)),
    st.just(Blocked()),
)
TIES = st.builds(
    TieV1,
    person_id=NAMES,
    contact_id=NAMES,
    version=VERSIONS,
    evidence=st.lists(KINDS, max_size=4).map(tuple),
)
GOOD = TIES.map(written)

PIECES = (
    b'"5"', b"5.0", b"-1", b"01", b"1e2", b"1e400", b"NaN", b"Infinity", b"null", b"true", b"9" * 25, b"9" * 4400,
    b'""', b'" x"', b'"x "', b'"\\u0041"', b'"\\ud800"', b'"\\u0000"', b'"\x00"', b'"\x1f"', b'"\x7f"', b'"\xff"',
    b'"\xc3\xa9"', b'"\xed\xa0\x80"', b'"2025-02-30"', b'"2025-02"', b'"2025-02-03T10:00:00Z"', b'"0000-01-01"',
    b"20250101", b"[]", b"[" * 300 + b"]" * 300, b"{}", b'{"kind":"blocked"}', b'{"kind":"new"}', b"x" * 301,
    b'"' + b"x" * 301 + b'"',
)  # fmt: skip
"""To be put in the place of a value."""

TAILS = (
    b" ", b"\n", b",", b"}", b"]", b"[]", b',"person_id":"other"', b'],"person_id":["x"', b'[],"person_id":"a"',
    b'],"evidence":[', b',"version":1', b',"new":{"a":[1]}', b',"evidence":null', b"\xff", b"\x00",
    b',"kind":"address"', b',"on":"2025-01-01"', b',"on":5', b',"of":null', b',"source":"b"', b'\\"', b"},{",
    b'{"kind":"blocked"},',
)  # fmt: skip
"""To be put in somewhere."""

TIMES = (
    b"2026-01-05T10:00:00.000Z", b"2026-02-29T10:00:00.000Z", b"2024-02-29T23:59:59.999Z", b"2026-01-05T24:00:00.000Z",
    b"2026-01-05T10:60:00.000Z", b"2026-13-05T10:00:00.000Z", b"0000-01-05T10:00:00.000Z", b"2026-01-05", b"",
    b"2026-01-05T10:00:00.000z", b"2026-01-05 10:00:00.000Z", b"2026-00-05T10:00:00.000Z", b"2026-01-00T10:00:00.000Z",
    b"2100-02-29T10:00:00.000Z", b"2026-01-05T10:00:60.000Z", b"2026-04-31T10:00:00.000Z", None, b"\xff",
)  # fmt: skip
NUMBERS = (b"7", b"007", b"+7", b" 7", b"", b"-1", b"7.0", b"9" * 18, b"9" * 19, str(2**63 - 1).encode(), b"9" * 20,
           None, b"\xd9\xa7", b"\xff")  # fmt: skip
NAMES_OF_HEADERS = ("ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_version", "traceparent", "other", "é")

Draw = Callable[[st.SearchStrategy[Any]], Any]


def _replaced_value(draw: Draw, one: Written) -> Written:
    """Another piece where a value of the JSON stood."""
    body = one.value or b""
    colons = [place for place in range(len(body)) if body[place : place + 1] in b":["]
    if not colons:
        return one
    start = draw(st.sampled_from(colons)) + 1
    end = next((place for place in range(start, len(body)) if body[place : place + 1] in b",}]"), len(body))
    return Written(one.key, body[:start] + draw(st.sampled_from(PIECES)) + body[end:], one.headers)


def _put_in(draw: Draw, one: Written) -> Written:
    body = one.value or b""
    at = draw(st.integers(0, len(body)) | st.integers(max(0, len(body) - 40), len(body)))
    return Written(one.key, body[:at] + draw(st.sampled_from(TAILS)) + body[at:], one.headers)


def _any_bytes(draw: Draw, one: Written) -> Written:
    body = one.value or b""
    start = draw(st.integers(0, len(body)))
    cut = draw(st.integers(0, 3))
    return Written(one.key, body[:start] + draw(st.binary(max_size=2)) + body[start + cut :], one.headers)


def _written_again(draw: Draw, one: Written) -> Written:
    """The same JSON in another order, with spaces or escapes, or with too many items."""
    try:
        whole = json.loads(one.value or b"")
        names = draw(st.permutations(sorted(whole)))
    except (ValueError, TypeError, RecursionError):
        return one
    again = {name: whole[name] for name in names}
    if draw(st.booleans()) and isinstance(again.get("evidence"), list):
        again["evidence"] = again["evidence"] * draw(st.sampled_from([2, 20, 51]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    try:
        return Written(one.key, json.dumps(again, separators=separators).encode(), one.headers)
    except ValueError:
        return one


def _other_key(draw: Draw, one: Written) -> Written:
    key = one.key or b""
    at = draw(st.integers(0, len(key)))
    spoilt = key[:at] + draw(st.sampled_from([b":", b" ", b"\x01", b"\xff", b'"', b"x", b"\\"])) + key[at:]
    return Written(draw(st.sampled_from([None, b"", b"a", b":", b"a:", spoilt, key[1:]])), one.value, one.headers)


def _other_ids(draw: Draw, _one: Written) -> Written:
    """Ids that print oddly, or are long, in body and key alike."""
    names = ODD | st.sampled_from(["a:b", "a b", " a", "a ", '"', "\\", "x" * 200, "x" * 201, "\x7f", "é", "\x01"])
    person, contact = draw(names), draw(names)
    body = json.dumps(
        {"person_id": person, "contact_id": contact, "version": 7, "evidence": []},
        separators=(",", ":"),
        ensure_ascii=draw(st.booleans()),
    )
    return Written(f"{person}:{contact}".encode(), body.encode(), tombstone("a", "b", 7).headers)


def _other_header(draw: Draw, one: Written) -> Written:
    headers = list(one.headers)
    at = draw(st.integers(0, len(headers)))
    name = draw(st.sampled_from(NAMES_OF_HEADERS))
    value = draw(st.sampled_from((*TIMES, *NUMBERS, b"x", "é".encode())))
    match draw(st.sampled_from(["drop", "swap", "put in", "change", "change"])):
        case "drop":
            del headers[at : at + 1]
        case "swap":
            headers = headers[at:] + headers[:at]
        case "put in":
            headers.insert(at, (name, value))
        case "change":
            headers = [(known, value if known == name else held) for known, held in headers]
    return Written(one.key, one.value, headers)


def _no_value(_draw: Draw, one: Written) -> Written:
    return Written(one.key, None, one.headers)


MUTATIONS = (
    _replaced_value, _put_in, _any_bytes, _written_again, _other_key, _other_ids, _other_header, _no_value
)  # fmt: skip


@st.composite
def spoilt(draw: Draw) -> Written:
    one: Written = draw(GOOD)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        one = draw(st.sampled_from(MUTATIONS))(draw, one)
    return one


RECORDS = st.lists(GOOD | spoilt(), min_size=1, max_size=6)
