"""Names as people write them: mended, cleaned of formulas, and the given name that a greeting uses. Pure."""

import re
import unicodedata
from functools import lru_cache

from services.profiles.imports.cells import Cell, defuse, tidy

_QUOTED = re.compile(r"[\"']([^\"':/]*)[\"'][^\"']*$")
_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212'\" "
_TITLES = {
    "dr", "prof", "professor", "mr", "mrs", "ms", "mx", "sir", "ing", "dipl", "mag", "eng", "herr", "frau", "mme",
    "sr", "sra", "dott", "dra", "drs", "ir", "phd", "rev",
}  # fmt: skip
_CREDENTIAL = re.compile(r"[A-Z][A-Za-z]*[A-Z][A-Za-z]*\.?|[A-Z]{2,}\S*")
_JOINING = "-'\u2019.\"\u200c\u200d"
_OF_PICTURES = "\ufe0f\u20e3"
_FAMILY_FIRST = ("CJK ", "HIRAGANA ", "KATAKANA", "HANGUL ")
"""What the names of characters begin with of which Chinese, Japanese and Korean names are written."""

_TAIL = re.compile(r"[,;|(\[{/\u2022\u00b7\u2013\u2014].*", re.DOTALL)


def name_cell(raw: str) -> Cell:
    """The text of a cell that names somebody. A formula is cleaned, never dropped: somebody's row hangs on it."""
    cell = defuse(raw)
    if cell.trouble != "formula":
        return cell
    text = tidy(raw)
    quoted = _QUOTED.search(text)
    words = quoted[1] if quoted and _has_letter(quoted[1]) else text.lstrip(_SIGNS)
    words = words.lstrip(_SIGNS)
    return Cell(" ".join(words.split()) if _has_letter(words) else "", "formula")


@lru_cache(maxsize=10_000)
def given_name(text: str) -> str:
    """The given name in a name's first part, for a greeting: no titles, credentials, signs or pictures.

    All of the text where nothing would be left.
    """
    if text.isalpha():
        return text
    words = ["".join(filter(_in_a_name, word)) for word in _TAIL.sub("", text).split()]
    words = [word for word in words if _has_letter(word)]
    while len(words) > 1 and words[0].rstrip(".").casefold() in _TITLES:
        del words[0]
    while len(words) > 1 and _CREDENTIAL.fullmatch(words[-1]) and not words[0].isupper():
        del words[-1]
    return " ".join(words) or text


def called(name: str) -> str:
    """The given name in a whole name, where it stands first and alone, else all of the name without titles.

    Scripts without capitals are not cut: in many of them the family name comes first.
    """
    words = given_name(name).split()
    first = words[0] if words else ""
    return first if first != first.swapcase() and all(map(_in_a_name, first)) else " ".join(words)


def is_family_first(name: str) -> bool:
    """Whether a name is Chinese, Japanese or Korean in its own script: the family name comes first, without a space.

    Such a name is not cut for a greeting.
    """
    letters = [char for char in name if char.isalpha()]
    return bool(letters) and all(unicodedata.name(char, "").startswith(_FAMILY_FIRST) for char in letters)


def _in_a_name(char: str) -> bool:
    """Letters, what joins them, and vowel signs, without which a name in Hindi or Thai falls apart."""
    category = unicodedata.category(char)
    return category.startswith("L") or char in _JOINING or (category.startswith("M") and char not in _OF_PICTURES)


def _has_letter(text: str) -> bool:
    return any(char.isalpha() for char in text)
