"""Finds the fields of `ties.v1` records in a decompressed Kafka batch, if they are written exactly as our writers do.

Any other record is marked OTHER and left to the general decoder. Invariant: the general decoder would accept every
record that is not OTHER, apart from its evidence, which is checked elsewhere.

Bounds: the only indexes from outside are varint lengths and counts. `varint` reads inside the buffer or fails; `_field`
compares a length with the bytes that are left before anything uses it; `_record` uses no field before it has checked
that all of them end where the record does. Each further index is within a field whose length was checked before.
"""

import numpy as np

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.storage.arrays import I64, U8

OTHER = 0
"""Left to the general decoder."""
TIE = 1
TOMBSTONE = 2

VERDICT, OFFSET, KEY, COLON, KEY_END, VERSION, EVIDENCE, DAY, DAY_END, END = range(10)
"""Columns of the result. Positions count from the start of the buffer. EVIDENCE to END is the array with its brackets;
DAY to DAY_END the day of the first connection in it (both 0 if there is none)."""

COLUMNS = 10
MIN_RECORD_BYTES = 7
"""A record without key, value and headers, its length included."""

MAX_ID_BYTES = 200
MAX_VERSION_DIGITS = 18
"""Any number of so many digits is below 2^63."""


def _text(text: str) -> U8:
    return np.frombuffer(text.encode(), np.uint8)


_PERSON = _text('{"person_id":"')
_CONTACT = _text('","contact_id":"')
_VERSION = _text('","version":')
_EVIDENCE = _text(',"evidence":[')
_CONNECTED = _text('[{"kind":"connected","source":"')
_ON = _text('","on":"')
_NUMBER = _text("ce_version")
_TIME = _text("ce_time")
_ID = _text("ce_id")
_SOURCE = _text("ce_source")
_TYPE = _text("ce_type")
_ALL_NAMES = 31
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)

_DAY_SHAPE = _text("0000-00-00")
_TIME_SHAPE = _text("0000-00-00T00:00:00.000Z")
_ZERO, _NINE, _QUOTE, _BACKSLASH, _SEPARATOR = ord("0"), ord("9"), ord('"'), ord("\\"), ord(":")


@lean
def scan(buffer: U8, found: I64) -> bool:
    """Fill the rows of `found`, one for each record. `found` has COLUMNS columns.

    False if the buffer does not consist of exactly as many records, with increasing offsets.
    """
    at, before = 0, -1
    for row in found:
        row[:] = 0
        length, at = varint(buffer, at)
        if at < 0 or length < 0 or length > len(buffer) - at:
            return False
        if not _record(buffer, at, at + length, row) or row[OFFSET] <= before:
            return False
        at, before = at + length, row[OFFSET]
    return at == len(buffer)


@shared
def varint(buffer: U8, at: int) -> tuple[int, int]:
    """A zigzag-encoded number and its end; the end is -1 if it is cut off or has more than 63 bits, or `at` is -1."""
    number = 0
    for shift in range(0, 63, 7):
        if not 0 <= at < len(buffer):
            break
        byte = int(buffer[at])
        at += 1
        number |= (byte & 127) << shift
        if byte == byte & 127:
            return (number >> 1) ^ -(number & 1), at
    return 0, -1


@shared
def _field(buffer: U8, at: int) -> tuple[int, int, int]:
    """A length-prefixed field: start, end (both -1: null) and the next position (-1: it exceeds the buffer)."""
    length, at = varint(buffer, at)
    if at < 0 or length > len(buffer) - at:
        return -1, -1, -1
    if length < 0:
        return -1, -1, at
    return at, at + length, at + length


@inner
def _record(buffer: U8, at: int, end: int, row: I64) -> bool:
    """Fill one record's row. False if its fields do not end where the record does."""
    _, at = varint(buffer, at)  # attributes
    _, at = varint(buffer, at)  # timestamp delta
    delta, at = varint(buffer, at)
    key, key_end, at = _field(buffer, at)
    value, value_end, at = _field(buffer, at)
    digits, digits_end, at = _headers(buffer, at)
    if at != end:
        return False
    row[OFFSET] = delta
    if digits < 0 or key < 0 or not _key(buffer, key, key_end, row) or not _version(buffer, digits, digits_end, row):
        return True
    if value < 0:
        row[VERDICT] = TOMBSTONE
    elif _body(buffer, value, value_end, digits, digits_end, row):
        row[VERDICT] = TIE
    return True


@inner
def _headers(buffer: U8, at: int) -> tuple[int, int, int]:
    """Start and end of the version's digits (-1: left to the general decoder), and the headers' end (-1: malformed)."""
    count, at = varint(buffer, at)
    digits, digits_end, seen, plain = -1, -1, 0, True
    if at < 0 or count < 0:
        return -1, -1, -1
    for _ in range(count):
        name, name_end, at = _field(buffer, at)
        if at < 0 or name < 0:
            return -1, -1, -1
        start, end, at = _field(buffer, at)
        if at < 0:
            return -1, -1, -1
        kind = _name(buffer, name, name_end)
        plain = plain and _ascii(buffer, start, end)
        seen |= kind
        if kind == 1:
            digits, digits_end = start, end
        elif kind == 2:  # noqa: PLR2004 - the bits of `_name`
            plain = plain and _is_time(buffer, start, end)
    return (digits, digits_end, at) if plain and seen == _ALL_NAMES else (-1, -1, at)


@inner
def _name(buffer: U8, start: int, end: int) -> int:
    """A bit for each required header; 0 for any other."""
    length = end - start
    if length == len(_NUMBER):
        return 1 if _begins(buffer, start, end, _NUMBER) else 0
    if length == len(_TIME):
        return 2 if _begins(buffer, start, end, _TIME) else 16 if _begins(buffer, start, end, _TYPE) else 0
    if length == len(_ID):
        return 4 if _begins(buffer, start, end, _ID) else 0
    return 8 if length == len(_SOURCE) and _begins(buffer, start, end, _SOURCE) else 0


@shared
def _begins(buffer: U8, start: int, end: int, text: U8) -> bool:
    if end - start < len(text):
        return False
    differ = np.uint8(0)
    for one, other in zip(buffer[start : start + len(text)], text):  # noqa: B905 - of one length; compiled
        differ |= one ^ other  # no early exit, so that the loop is vectorized
    return bool(differ == 0)


@inner
def _ascii(buffer: U8, start: int, end: int) -> bool:
    """Whether it is not null and ASCII."""
    if start < 0:
        return False
    bits = np.uint8(0)
    for byte in buffer[start:end]:
        bits |= byte
    return bool(bits < 128)  # noqa: PLR2004 - ASCII has seven bits


@inner
def _is_time(buffer: U8, start: int, end: int) -> bool:
    """Whether it is a timestamp as `seal` writes it, in UTC with milliseconds."""
    if end - start != len(_TIME_SHAPE) or not _shaped(buffer, start, _TIME_SHAPE):
        return False
    hour, minute, second = _two(buffer, start + 11), _two(buffer, start + 14), _two(buffer, start + 17)
    return hour < 24 and minute < 60 and second < 60 and _is_day(buffer, start, end)  # noqa: PLR2004 - a clock's


@inner
def _shaped(buffer: U8, start: int, shape: U8) -> bool:
    """Whether the bytes equal the shape, with any digit for a 0. The caller has checked that they are in the buffer."""
    differ = False
    for byte, wanted in zip(buffer[start : start + len(shape)], shape):  # noqa: B905 - of one length; compiled
        digit = _ZERO <= byte <= _NINE
        differ |= (wanted == _ZERO and not digit) or (wanted != _ZERO and byte - wanted != 0)
    return not differ


@shared
def _two(buffer: U8, start: int) -> int:
    return (int(buffer[start]) - _ZERO) * 10 + int(buffer[start + 1]) - _ZERO


@shared
def _is_day(buffer: U8, start: int, end: int) -> bool:
    """Whether it begins with a valid date, `YYYY-MM-DD`."""
    if end - start < len(_DAY_SHAPE) or not _shaped(buffer, start, _DAY_SHAPE):
        return False
    year = _two(buffer, start) * 100 + _two(buffer, start + 2)
    month, day = _two(buffer, start + 5), _two(buffer, start + 8)
    if year < 1 or month < 1 or month > 12 or day < 1:  # noqa: PLR2004 - the calendar
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)  # noqa: PLR2004 - the calendar
    return bool(day <= _DAYS[month - 1] + leap)


@inner
def _key(buffer: U8, start: int, end: int, row: I64) -> bool:
    """Whether it is two ids separated by a colon, without characters that JSON escapes."""
    before, colons, strange = 0, 0, 0
    for byte in buffer[start:end]:
        colons += byte == _SEPARATOR
        before += colons == 0
        strange |= (byte <= 32) | (byte >= 127) | (byte == _QUOTE) | (byte == _BACKSLASH)  # noqa: PLR2004 - ASCII's
    row[KEY], row[COLON], row[KEY_END] = start, start + before, end
    return colons == 1 and strange == 0 and 0 < before <= MAX_ID_BYTES and 0 < end - start - before - 1 <= MAX_ID_BYTES


@inner
def _version(buffer: U8, start: int, end: int, row: I64) -> bool:
    """Whether it is a number in JSON's notation."""
    if not 0 < end - start <= MAX_VERSION_DIGITS or (buffer[start] == _ZERO and end - start > 1):
        return False
    number = 0
    for byte in buffer[start:end]:
        if not _ZERO <= byte <= _NINE:
            return False
        number = number * 10 + (int(byte) - _ZERO)
    row[VERSION] = number
    return True


@inner
def _body(buffer: U8, at: int, end: int, digits: int, digits_end: int, row: I64) -> bool:
    """Whether it has the ids and version of key and headers, and then evidence."""
    key, colon, key_end = row[KEY], row[COLON], row[KEY_END]
    for text, start, stop in ((_PERSON, key, colon), (_CONTACT, colon + 1, key_end), (_VERSION, digits, digits_end)):
        if not _begins(buffer, at, end, text):
            return False
        at += len(text)
        if not _begins(buffer, at, end, buffer[start:stop]):
            return False
        at += stop - start
    if not _begins(buffer, at, end, _EVIDENCE) or end - at < len(_EVIDENCE) + 2:
        return False
    at += len(_EVIDENCE) - 1
    if buffer[end - 2] != ord("]") or buffer[end - 1] != ord("}"):
        return False
    row[EVIDENCE], row[END] = at, end - 1
    _day_of_connection(buffer, at, end, row)
    return True


@inner
def _day_of_connection(buffer: U8, at: int, end: int, row: I64) -> None:
    """Find the day of the connection if that is the first evidence."""
    if not _begins(buffer, at, end, _CONNECTED):
        return
    at += len(_CONNECTED)
    while at < end and buffer[at] != _QUOTE:
        if buffer[at] == _BACKSLASH:
            return
        at += 1
    if not _begins(buffer, at, end, _ON):
        return
    day = at + len(_ON)
    if _is_day(buffer, day, end) and day + 10 < end and buffer[day + 10] == _QUOTE:
        row[DAY], row[DAY_END] = at + 1, day + 11
