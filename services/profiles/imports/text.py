"""From a stream of bytes to lines of text, whatever program saved the file, in constant memory.

A byte order mark decides; without one, zero bytes at every second place mean UTF-16; otherwise UTF-8, and a line that
is not UTF-8 is read as Windows-1252. Never fails: a character that cannot be read becomes U+FFFD, with a warning.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE = 1024 * 1024
"""Bytes; a longer line becomes `TOO_LONG`, and is never held whole."""

TOO_LONG = "\x00too long"
"""Stands for a line longer than MAX_LINE. No other line holds a zero byte."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 64 * 1024
_SAMPLE = 2_000
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Lines:
    """The lines of a stream without their ends; afterwards `warnings` says what had to be guessed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zeros = self._unread = False
        self._strange: list[int] = []
        self._strange_count = 0
        self._guessed: str | None = None

    def __iter__(self) -> Iterator[str]:
        """Each line once, from where the stream stands."""
        for number, raw in enumerate(_split(self._chunks()), 1):
            line = TOO_LONG if raw is None else self._read(number, raw)
            yield line.lstrip("\ufeff") if number == 1 else line

    @property
    def warnings(self) -> list[str]:
        """What is to be said about the lines read so far."""
        found = []
        if self._strange:
            count = f"{self._strange_count} lines are" if self._strange_count > 1 else "1 line is"
            found.append(f"line {self._strange[0]}: not UTF-8; {count} read as Windows-1252 (cp1252)")
        if self._guessed:
            found.append(f"no byte order mark: read as {self._guessed.upper()}")
        if self._zeros:
            found.append("the file holds zero bytes: they were left out")
        if self._unread:
            found.append("some characters could not be read and stand as \ufffd")
        return found

    def _read(self, number: int, raw: bytes) -> str:
        try:
            line = raw.decode()
        except UnicodeDecodeError:
            line = raw.decode("cp1252", errors="replace")
            self._strange_count += 1
            self._strange = self._strange or [number]
        if "\x00" in line:
            self._zeros = True
            line = line.replace("\x00", "")
        self._unread = self._unread or "\ufffd" in line
        return line

    def _chunks(self) -> Iterator[bytes]:
        """The stream in UTF-8 as far as it is in another form of Unicode, otherwise as it is."""
        head = self._file.read(_CHUNK)
        mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
        if encoding is None:
            encoding = self._guessed = _wide(head[:_SAMPLE])
        head = head[len(mark) :]
        decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding not in {None, "utf-8"} else None
        while head:
            yield decoder.decode(head).encode() if decoder else head
            head = self._file.read(_CHUNK)
        if decoder:
            yield decoder.decode(b"", final=True).encode()


def _split(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """The lines of the chunks, None for one that is too long; what follows the last line end is a line, too."""
    rest, long = b"", False
    for chunk in chunks:
        pending = rest + chunk
        held = pending[-1:] if pending.endswith(b"\r") else b""  # the next chunk may go on with \n
        *whole, rest = _LINE_END.split(pending[: len(pending) - len(held)])
        for line in whole:
            yield None if long or len(line) > MAX_LINE else line
            long = False
        if len(rest) > MAX_LINE:
            rest, long = b"", True
        rest += held
    *whole, rest = _LINE_END.split(rest)
    for line in [*whole, rest]:
        yield None if long or len(line) > MAX_LINE else line
        long = False


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: in text that is mostly Latin, every second byte is zero."""
    half = len(sample) // 2
    if half < len("a,b"):
        return None
    even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    most, few = 0.6 * half, 0.1 * half
    if odd > most and even < few:
        return "utf-16-le"
    return "utf-16-be" if even > most and odd < few else None
