"""Normal forms of text, which every resolver builds on.

`plain` is the normal form of vocabulary files: it removes only differences of Unicode encoding, case and white space.
`folded`, for our own vocabulary, also drops accents and treats punctuation as space. All are idempotent.
"""

import hashlib
import re
import unicodedata

_LETTERS = str.maketrans(
    # Letters with a stroke and ligatures: Unicode does not decompose them, and people often write them without.
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "\u0131": "i"}
)
_APOSTROPHES = "'\u2019`\u00b4"
_INSIDE = re.compile(rf"(?<=\w)[{_APOSTROPHES}.](?=\w)")
_KEPT_SIGNS = "+#"
_ASCII_SPACES = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) not in _KEPT_SIGNS}
)


def plain(text: str) -> str:
    """NFKC, case folded, each run of white space one space, stripped."""
    if text.isascii():
        return " ".join(text.lower().split())
    previous, current = None, text
    while current != previous:
        previous = current
        current = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", current).casefold()).split())
    return current


def unaccented(text: str) -> str:
    """`plain` without accents and strokes: `Crédit Łódź` is `credit lodz`."""
    previous, current = None, plain(text)
    if current.isascii():
        return current
    while current != previous:
        previous = current
        bare = "".join(c for c in unicodedata.normalize("NFD", current) if not "\u0300" <= c <= "\u036f")
        current = plain(bare.translate(_LETTERS))
        if current.isascii():
            return current
    return current


def folded(text: str) -> str:
    """`unaccented` with only letters, digits, `+`, `#`; dots and apostrophes in words go, others are spaces."""
    previous, current = None, text.lower() if text.isascii() else unaccented(text)
    if current.isascii():
        if "." in current or "'" in current or "`" in current:
            current = _INSIDE.sub("", current)
        return " ".join(current.translate(_ASCII_SPACES).split())
    while current != previous:
        previous = current
        closed = _INSIDE.sub("", current)
        current = plain("".join(c if unicodedata.category(c)[0] in "LNM" or c in _KEPT_SIGNS else " " for c in closed))
    return current


def compact(text: str) -> str:
    """`folded` without its spaces: `Coca-Cola`, `Coca Cola` and `CocaCola` are one."""
    if text.isascii() and text.isalnum():
        return text.lower()
    previous, current = None, text
    while current != previous:
        previous, current = current, folded(current).replace(" ", "")
        if current.isascii():
            return current
    return current


def hashed(text: str) -> int:
    """A hash of 64 bits, the same everywhere: how the built tables name texts."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
