"""From bytes to lines of text, whatever program saved the file.

A byte order mark decides; without one, zero bytes at every second place mean UTF-16; otherwise UTF-8, and a line that
is not UTF-8 is read as Windows-1252. Never fails: a character that cannot be read becomes U+FFFD, with a warning.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 2_000
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(rb"(\r\n|\r|\n)")


def lines_of(data: bytes) -> tuple[list[str], list[str]]:
    """The lines of a file without their ends, and warnings about what had to be guessed."""
    text, warnings = _decode(data)
    text = text.lstrip("\ufeff")
    if "\x00" in text:
        text = text.replace("\x00", "")
        warnings.append("the file holds zero bytes: they were left out")
    if "\ufffd" in text:
        warnings.append("some characters could not be read and stand as \ufffd")
    return _LINE_END.split(text), warnings


def _decode(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly_or_windows(data[len(mark) :], encoding)
    guessed = _wide(data[:_SAMPLE])
    if guessed:
        text, warnings = _strictly_or_windows(data, guessed)
        return text, [*warnings, f"no byte order mark: read as {guessed.upper()}"]
    return _strictly_or_windows(data, "utf-8")


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


def _strictly_or_windows(data: bytes, encoding: str) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError:
        return _line_by_line(data) if encoding == "utf-8" else (data.decode(encoding, errors="replace"), [])


def _line_by_line(data: bytes) -> tuple[str, list[str]]:
    """UTF-8 where a line is UTF-8, Windows-1252 elsewhere: one odd byte must not garble the rest of the file."""
    pieces: list[str] = []
    strange: list[int] = []
    for number, piece in enumerate(_LINE_END_BYTES.split(data)):
        try:
            pieces.append(piece.decode())
        except UnicodeDecodeError:
            strange.append(number // 2 + 1)  # the pieces are line, end, line, end, ...
            pieces.append(piece.decode("cp1252", errors="replace"))
    count = f"{len(strange)} lines are" if len(strange) > 1 else "1 line is"
    return "".join(pieces), [f"line {strange[0]}: not UTF-8; {count} read as Windows-1252 (cp1252)"]
