"""The lines of vCards: unfolded, decoded, and cut into cards, one at a time. Pure.

Version 2.1, 3.0 and 4.0 may stand in one file. A card that is broken spoils no other one: each begins at its own BEGIN.
Pictures and sounds are passed over without being held.
"""

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.profiles.imports.text import TOO_LONG

WANTED = {
    "FN", "N", "NICKNAME", "ORG", "TITLE", "EMAIL", "TEL", "URL", "X-SOCIALPROFILE", "KIND", "X-ADDRESSBOOKSERVER-KIND",
    "X-ABSHOWAS",
}  # fmt: skip
MAX_VALUE = 20_000
MAX_PROPERTIES = 500
_LINE = re.compile(r'(?:[\w-]+\.)?(?P<name>[A-Za-z][\w-]*)(?P<params>(?:;(?:[^";:]|"[^"]*")*)*):(?P<value>.*)')
_NAME = re.compile(r"(?:[\w-]+\.)?([A-Za-z][\w-]*)")
_MARKS = {"BEGIN:VCARD", "END:VCARD"}
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
_QUOTED = re.compile(r";(?:encoding=)?quoted-printable", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
_SPLIT = re.compile(r"(?<!\\);")


@dataclass(slots=True)
class Card:
    """One card: its wanted properties in order, each name in capitals with the parts of its value."""

    line: int
    properties: list[tuple[str, list[str]]] = field(default_factory=list)
    trouble: str | None = None

    def values(self, name: str) -> list[list[str]]:
        """The values of a property, each in its parts."""
        return [parts for found, parts in self.properties if found == name]

    def text(self, name: str) -> str:
        """The first value of a property as one text; empty where there is none."""
        found = self.values(name)
        return ";".join(found[0]).strip() if found else ""


def cards_of(lines: Iterable[str]) -> Iterator[Card]:
    """The cards of these lines. What stands between cards is nobody."""
    card: Card | None = None
    inner = 0
    for number, line in _unfolded(lines):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            if card is not None and (inner or _is_agent(card)):
                inner += 1
                continue
            if card is not None:
                card.trouble = "the card has no end"
                yield card
            card = Card(number)
        elif mark == "END:VCARD" and inner:
            inner -= 1
        elif mark == "END:VCARD" and card is not None:
            yield card
            card = None
        elif card is not None and not inner:
            _take(card, line)
    if card is not None:
        card.trouble = "the card has no end"
        yield card


def _is_agent(card: Card) -> bool:
    """In version 2.1 a whole card may stand inside another one, as the assistant of who is on it."""
    return bool(card.properties) and card.properties[-1][0] == "AGENT"


def _take(card: Card, line: str) -> None:
    found = _LINE.fullmatch(line)
    if line == TOO_LONG or found is None or len(card.properties) >= MAX_PROPERTIES:
        return
    name = found["name"].upper()
    if name in WANTED or name == "AGENT":
        value = _decoded(found["params"], found["value"])
        card.properties.append((name, [_ESCAPED.sub(_meant, part) for part in _SPLIT.split(value)]))


def _meant(escaped: re.Match[str]) -> str:
    return " " if escaped[1] in "nN" else escaped[1]


def _decoded(params: str, value: str) -> str:
    if not _QUOTED.search(params):
        return value
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    charset = _CHARSET.search(params)
    for name in (charset[1] if charset else "utf-8", "cp1252"):
        try:
            return raw.decode(name).replace("\r", " ").replace("\n", " ")
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the number where each begins; those of properties that are not wanted are cut short."""
    start, held, kept, soft = 0, "", False, False
    for number, line in enumerate(lines, 1):
        mark = line.strip().upper() in _MARKS
        if start and not mark and (soft or line[:1] in {" ", "\t"}):
            if kept and len(held) < MAX_VALUE:
                held = held[:-1] + line.lstrip() if soft else held + line[1:]
            soft = soft and line.endswith("=")
            continue
        if start:
            yield start, held
        start, held, kept = number, line, _wanted(line)
        soft = line.endswith("=") and _QUOTED.search(line.partition(":")[0]) is not None
    if start:
        yield start, held


def _wanted(line: str) -> bool:
    name = _NAME.match(line)
    return name is not None and name[1].upper() in WANTED
