"""The best three introducers of one seeker for one opening, kept while paths come in any order (sections 3 and 5)."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, shared
from services.matching.kernels.graph.person_ids import PersonIds, id_less
from services.matching.kernels.storage.arrays import F64, I32, U8, U16
from services.matching.kernels.storage.memory import reserve

BEST = 3
"""How many introducers a suggestion has at most (`rules.suggestions.INTRODUCERS`)."""

DIRECT, WARM, APP = 1, 2, 4
"""Bits of the kind of a path."""


class SuggestionRows(NamedTuple):
    """Suggestions, by row. The paths of row r are at `3·r` … `+ paths[r]`, best first.

    `mine`, `theirs` and `mutual` are the material of the reasons: the codes of both sides' evidence, and m, or -1 where
    that says little. Until `search.reasons` notes them, `mine` is the place of the seeker's arc to the introducer.
    """

    seeker: I32
    opening: I32
    fit: U16
    paths: I32
    introducer: I32
    insider: I32
    score: F64
    kind: U8
    mine: I32
    theirs: I32
    mutual: I32


def new_suggestion_rows(rows: int) -> SuggestionRows:
    """Address space for so many suggestions."""
    paths = BEST * rows
    return SuggestionRows(
        seeker=reserve(rows, np.int32),
        opening=reserve(rows, np.int32),
        fit=reserve(rows, np.uint16),
        paths=reserve(rows, np.int32),
        introducer=reserve(paths, np.int32),
        insider=reserve(paths, np.int32),
        score=reserve(paths, np.float64),
        kind=reserve(paths, np.uint8),
        mine=reserve(paths, np.int32),
        theirs=reserve(paths, np.int32),
        mutual=reserve(paths, np.int32),
    )


@inner
def start_row(found: SuggestionRows, row: int, seeker: int, opening: int, fit: int) -> None:
    """Start a row without paths."""
    found.seeker[row], found.opening[row], found.fit[row], found.paths[row] = seeker, opening, fit, 0


@inner
def score_to_beat(found: SuggestionRows, row: int) -> float:
    """A path with a smaller score than this is none of the best three."""
    return found.score[BEST * row + BEST - 1] if found.paths[row] == BEST else 0.0


@inner
def _replaces_path(found: SuggestionRows, at: int, score: float, direct: bool, insider: int, ids: PersonIds) -> bool:
    """Whether a path is preferred to the same introducer's at `at`: score, then direct, then the smaller insider id."""
    if score != found.score[at]:
        return score > found.score[at]
    held_direct = found.kind[at] & DIRECT != 0
    if direct != held_direct:
        return direct
    return insider != found.insider[at] and id_less(ids.text, ids.start, insider, found.insider[at])


@inner
def _before(found: SuggestionRows, at: int, score: float, introducer: int, ids: PersonIds) -> bool:
    """Whether an introducer ranks before the one at `at`: score, then the smaller id."""
    if score != found.score[at]:
        return score > found.score[at]
    return id_less(ids.text, ids.start, introducer, found.introducer[at])


@inner
def _write(found: SuggestionRows, at: int, introducer: int, insider: int, score: float, kind: int, arc: int) -> None:
    found.introducer[at], found.insider[at], found.score[at], found.kind[at] = introducer, insider, score, kind
    found.mine[at] = arc


@inner
def _shift(found: SuggestionRows, to: int, at: int) -> None:
    _write(found, to, found.introducer[at], found.insider[at], found.score[at], found.kind[at], found.mine[at])


@shared
def offer_path(
    found: SuggestionRows, row: int, introducer: int, insider: int, score: float, kind: int, arc: int, ids: PersonIds
) -> None:
    """Put a path among the best three of a row, if it belongs there. One with score 0 is none.

    `arc`: the place of the seeker's arc to the introducer.
    """
    if score <= 0.0:
        return
    begin, size = BEST * row, found.paths[row]
    hole = size
    for at in range(size):
        if found.introducer[begin + at] == introducer:
            if not _replaces_path(found, begin + at, score, kind & DIRECT != 0, insider, ids):
                return
            hole = at
            break
    if hole == BEST:
        if not _before(found, begin + BEST - 1, score, introducer, ids):
            return
        hole = BEST - 1
    elif hole == size:
        found.paths[row] = size + 1
    while hole > 0 and _before(found, begin + hole - 1, score, introducer, ids):
        _shift(found, begin + hole, begin + hole - 1)
        hole -= 1
    _write(found, begin + hole, introducer, insider, score, kind, arc)
