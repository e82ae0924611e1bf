"""Evidence as rows of numbers, and back: only what rules and reasons read of it.

Preserved are e of each kind on every day, own evidence, closeness and blocks, and which comes first of evidence with
equal weight.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.matching.engine.columns.words import Words
from services.matching.kernels.ties.evidence import (
    ADDRESS_BIT,
    BLOCKS_BIT,
    CONNECTED,
    INTRODUCED,
    MESSAGES,
    STATED_WORK,
    WORKED_TOGETHER,
)
from services.matching.rules.strength import weight
from shared.events.ties import Address, Blocked, Closeness, Connected, Evidence, Introduced, Messages, WorkedTogether

Item = tuple[int, int, int, int]
"""WORD, NUMBER, DAY and SIZE of `kernels.ties.evidence`."""

SOMEWHERE = "-"
"""The source of an address: no rule and no reason reads it."""

ADDRESS_WEIGHT = weight(Address(source=SOMEWHERE), None)

_NONE = -1
_LARGE = 1 << 30
"""Numbers from here up are stored as words."""

_SMALL_LIST = weight(Connected(source=SOMEWHERE), None)


def items(evidence: Iterable[Evidence], words: Words) -> tuple[int, dict[Item, float]]:
    """The head, and each item with its e before ageing, kind by kind.

    Of connected and introduced only the first with the largest e can be seen, on any day. Of the others each distinct
    one, since it may depend on the day which is the largest.
    """
    head, said = 0, 0
    connected: dict[Item, float] = {}
    introduced: dict[Item, float] = {}
    worked: dict[Item, float] = {}
    messages: dict[Item, float] = {}
    for one in evidence:
        match one:
            case Connected():
                e = weight(one, None)
                _keep_larger(connected, _connected(one, e, words), e)
            case Address():
                head |= ADDRESS_BIT
            case WorkedTogether():
                worked.setdefault(_worked_together(one, words), weight(one, None))
            case Messages(sent=sent, received=received, last=last):
                number = min(sent, received) << 3 | MESSAGES
                messages.setdefault((_NONE, number, last.toordinal(), _NONE), weight(one, None))
            case Introduced(times=times):
                _keep_larger(introduced, (_NONE, times << 3 | INTRODUCED, 0, _NONE), weight(one, None))
            case Closeness(value=value):
                said = max(said, value)
            case Blocked():
                head |= BLOCKS_BIT
    found = connected | worked | messages | introduced
    return head | said, {item: e for item, e in found.items() if e > 0}


def _keep_larger(held: dict[Item, float], item: Item, e: float) -> None:
    if e > max(held.values(), default=0.0):
        held.clear()
        held[item] = e


def _connected(one: Connected, e: float, words: Words) -> Item:
    size = None if e == _SMALL_LIST else one.of
    return words.index(one.source), CONNECTED, 0, _packed(size, words)


def _worked_together(one: WorkedTogether, words: Words) -> Item:
    kind, size = (STATED_WORK, None) if one.stated else (WORKED_TOGETHER, one.company_size)
    ended = one.ended.toordinal() if one.ended else 0
    return words.index(one.company), one.months << 3 | kind, ended, _packed(size, words)


def _packed(size: int | None, words: Words) -> int:
    """A number of any size in 31 bits: large ones by their hexadecimal digits."""
    if size is None:
        return _NONE
    return size if size < _LARGE else _NONE - 1 - words.index(hex(size))


def _unpacked(size: int, words: Words) -> int | None:
    if size == _NONE:
        return None
    return size if size >= 0 else int(words.text(_NONE - 1 - size), 16)


def evidence(head: int, found: Iterable[Item], words: Words) -> Iterator[Evidence]:
    """The evidence that a head and items stand for."""
    for word, number, day, size in found:
        yield _read(number >> 3, number & 7, day, words, (word, size))
    if head & ADDRESS_BIT:
        yield Address(source=SOMEWHERE)
    if head & 7:
        yield Closeness(value=head & 7)
    if head & BLOCKS_BIT:
        yield Blocked()


def _read(number: int, kind: int, day: int, words: Words, packed: tuple[int, int]) -> Evidence:
    word, size = packed
    if kind == MESSAGES:
        return Messages(sent=number, received=number, last=date.fromordinal(day))
    if kind == INTRODUCED:
        return Introduced(times=number)
    if kind == CONNECTED:
        return Connected(source=words.text(word), of=_unpacked(size, words))
    return WorkedTogether(
        company=words.text(word),
        months=number,
        ended=date.fromordinal(day) if day else None,
        company_size=_unpacked(size, words),
        stated=kind == STATED_WORK,
    )
