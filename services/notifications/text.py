"""Other people's words made fit to be shown: one line, no control characters, nothing that turns the text around.

Escaping for HTML is the templates' (autoescape); this module is for what no escaping covers.
"""

import unicodedata
from urllib.parse import urlsplit

ELLIPSIS = "…"
_TURNS = {chr(c) for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Marks, embeddings, overrides and isolates: they change the direction of text around them."""
_INVISIBLE = {chr(c) for c in (0x00AD, 0x180E, 0x200B, 0x2060, 0xFEFF)}
_JOINS = "\u200c\u200d\ufe0e\ufe0f"
"""Joiners and variation selectors belong to the character before them; some scripts and emoji need them."""
_SPACES = {"Zs", "Zl", "Zp", "Cc"}
_DROPPED = {"Cs", "Co", "Cn"}
_MOST_MARKS = 4
"""More combining marks than this on one character are not a name but a smear over the lines around it."""
MAX_URL = 2_000


def clean(text: str | None, limit: int = 300) -> str:
    """One line of at most `limit` UTF-16 units, without control, direction-changing and invisible characters."""
    kept: list[str] = []
    marks = 0
    for char in text or "":
        category = unicodedata.category(char)
        if char in _TURNS or char in _INVISIBLE or category in _DROPPED:
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(" " if category in _SPACES else char)
    return shorten(" ".join("".join(kept).split()).strip(_JOINS + " "), limit)


def units(text: str) -> int:
    """Length in UTF-16 units, as web forms count; never less than the number of characters."""
    return len(text) + sum(char > "\uffff" for char in text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units; what is cut ends in …, never within a character and its marks or joiners."""
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
    return char in _JOINS or unicodedata.category(char) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def safe_url(url: str | None) -> str | None:
    """The URL where it is a plain http(s) one, else None: nobody is sent a script or a disguised address."""
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
