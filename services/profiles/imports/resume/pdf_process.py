"""Reads the text of a PDF, as a program of its own: a PDF on standard input, JSON on standard output.

A file from a stranger is read by a large library in C++, so it gets a process without secrets in its environment and
with hard limits of processor time, memory and output, that can open no file, connection or process any more. Imports
nothing of ours. Forms and scripts are never run.

Prints `{"pages": [[word, …], …], "more": bool}`, a word being `[text, left, top, right, bottom]` in points from the top
left corner, `more` whether there is more than was read; or `{"problem": "…"}`.
"""

import ctypes
import json
import resource
import sys
from typing import Any

import pypdfium2
from pypdfium2 import raw

CPU_SECONDS = 10
MEMORY = 768 * 1024 * 1024
OUTPUT = 8 * 1024 * 1024
PAGES = 20
CHARS_A_PAGE = 20_000
CHARS = 100_000
FILES = 0
"""Further ones; what is open stays so, and closing it makes no room."""
_GAP = 0.2
"""Between two letters of a word, in parts of the letters' height."""
_LINE = 0.5
_HYPHENS = {0x02, 0xAD}
"""What PDFium makes of some hyphens, and the soft one, which documents have for a plain one."""

Word = tuple[str, float, float, float, float]


def limit() -> None:
    """The limits hold for the rest of this process; neither it nor what it reads can lift them."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def read(data: bytes) -> dict[str, Any]:
    """What is printed."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        locked = raw.FPDF_GetLastError() in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
        return {"problem": "the PDF is encrypted with a password" if locked else "the PDF is damaged or cut off"}
    count, pages, left = len(document), [], CHARS
    for number in range(min(count, PAGES)):
        words, taken, whole = _words(document, number, left)
        pages.append(words)
        left -= taken
        if not whole:
            return {"pages": pages, "more": True}
    return {"pages": pages, "more": count > PAGES}


def _words(document: Any, number: int, most: int) -> tuple[list[Word], int, bool]:
    """A page's words, how many characters they were read from, and whether that is all of it."""
    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return [], 0, True  # a page that cannot be read does not spoil the others
    _, height = page.get_size()
    count = max(0, text.count_chars())
    taken = min(count, most, CHARS_A_PAGE)
    words, letters, box = [], "", (0.0, 0.0, 0.0, 0.0)
    for index in range(taken):
        letter, now = _letter(text, index, height)
        if letters and (not letter or not _goes_on(box, now)):
            words.append((letters, *box))
            letters = ""
        if letter:
            box = _around(box, now) if letters else now
            letters += letter
    if letters:
        words.append((letters, *box))
    return words, taken, taken == count


_Box = tuple[float, float, float, float]


def _letter(text: Any, index: int, height: float) -> tuple[str, _Box]:
    """A character and its box; "" for a space, a line's end and what is no character."""
    code = raw.FPDFText_GetUnicode(text, index)
    code = ord("-") if code in _HYPHENS else code
    letter = chr(code) if 0 < code < sys.maxunicode and not 0xD800 <= code < 0xE000 else ""  # noqa: PLR2004 - surrogates
    if not letter.strip() or not letter.isprintable():
        return "", (0.0, 0.0, 0.0, 0.0)
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box)):
        return "", (0.0, 0.0, 0.0, 0.0)
    top, bottom = height - max(box.top, box.bottom), height - min(box.top, box.bottom)
    return letter, (box.left, top, box.right, bottom)


def _goes_on(word: _Box, letter: _Box) -> bool:
    """Whether a letter belongs to the word before it: on its line, and right behind it."""
    size = max(word[3] - word[1], 1.0)
    on_line = abs(letter[3] - word[3]) < _LINE * size
    return on_line and -size < letter[0] - word[2] < _GAP * size


def _around(one: _Box, other: _Box) -> _Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


if __name__ == "__main__":
    limit()
    try:
        answer = read(sys.stdin.buffer.read())
    except MemoryError:
        answer = {"problem": "the PDF takes too much memory to read"}
    sys.stdout.write(json.dumps(answer))
