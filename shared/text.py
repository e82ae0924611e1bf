"""Makes text from other people safe to show: one line, without control characters and changes of text direction.

HTML is escaped by the templates (autoescape); this module is for what escaping does not cover.
"""

import re
import unicodedata
from urllib.parse import urlsplit

ELLIPSIS = "…"
_DIRECTION_MARKS = {chr(c) for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Marks, embeddings, overrides and isolates, which change the direction of the text around them."""
_INVISIBLE = {chr(c) for c in (0x00AD, 0x180E, 0x200B, 0x2060, 0xFEFF)}
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Joiners and variation selectors: they belong to the character before them; some scripts and emoji need them."""
_SPACES = {"Zs", "Zl", "Zp", "Cc"}
_DROPPED = {"Cs", "Co", "Cn"}
_MOST_MARKS = 4
"""The most combining marks on one character: more of them are not a name, and cover the lines around it."""
MAX_URL = 2_000
_LINKED_BY = re.compile(r"([.:/@\\\u3002\uff0e\uff61])(?=\S)")
"""What makes mail programs take words for an address: its signs, and the full stops that browsers read as a dot."""


def clean(text: str | None, limit: int = 300) -> str:
    """One line of at most `limit` UTF-16 units, without control, direction-changing and invisible characters."""
    kept: list[str] = []
    marks = 0
    for char in text or "":
        category = unicodedata.category(char)
        if char in _DIRECTION_MARKS or char in _INVISIBLE or category in _DROPPED:
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(" " if category in _SPACES else char)
    return shorten(" ".join("".join(kept).split()).strip(_JOINERS + " "), limit)


def without_accents(text: str) -> str:
    """For comparing: lower case, without accents and other marks."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in bare if not unicodedata.combining(char))


def unlinked(text: str) -> str:
    """The text with nothing that a mail program would make a link of: a zero-width space follows each sign of one.

    It reads as before (`Booking.com` stays readable), and `http://…`, `www.…`, `name@host` and bare domains are words.
    """
    return _LINKED_BY.sub("\\1\u200b", text)


def units(text: str) -> int:
    """The length in UTF-16 units, as web forms count; never less than the number of characters."""
    return len(text) + sum(char > "\uffff" for char in text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units; cut text ends in …, and no character is separated from its marks and joiners."""
    if units(text) <= limit:
        return text
    end, used = 0, units(ELLIPSIS)
    while end < len(text) and used + units(text[end]) <= limit:
        used += units(text[end])
        end += 1
    while 0 < end < len(text) and (_continues(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS if limit > 0 else ""


def _continues(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def safe_url(url: str | None) -> str | None:
    """The URL if it is a plain http(s) one, else None: nobody is sent a script or a disguised address."""
    text = (url or "").strip()
    if not text or len(text) > MAX_URL or clean(text, MAX_URL) != text or any(c in ' <>"\\' for c in text):
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return text
