"""A bitmap semi-join: of those whom insiders know, only whoever can be on a path of a seeker in question is indexed.

An employer of tens of thousands is known by hundreds of thousands of people, of whom the ties of a thousand seekers
reach a few. So the seekers and whom they can ask are noted first, a bit each. Where the insiders have fewer ties than
the seekers, noting would cost more than it saves, and the filter lets everybody through.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import (
    ASKABLE,
    ASYMMETRIC,
    FRONT,
    INTRODUCES,
    THEIRS,
    TIED,
    WARM,
    Arcs,
    People,
)
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.prefetch_arcs import prefetch_arcs, prefetch_block
from services.matching.kernels.graph.strength import onward_strength
from services.matching.kernels.search.insiders import (
    INSIDERS,
    InsiderIndex,
    add_acquaintance,
    add_link,
    may_be_introduced_to,
)
from services.matching.kernels.storage.arrays import I32, U8
from services.matching.kernels.storage.bitmap import has_bit, set_bit
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR

NOBODY, EVERYBODY = 0, 255
"""A byte of a bitmap that lets none, or all, of its eight people through."""


class CandidateFilter(NamedTuple):
    """Bitmaps: the seekers, and everybody whom one of them can ask for an introduction."""

    seekers: U8
    between: U8


def new_candidate_filter(people: int) -> CandidateFilter:
    """Address space for so many people."""
    return CandidateFilter(reserve(people // 8 + 1, np.uint8), reserve(people // 8 + 1, np.uint8))


@lean
def fill_filter(candidates: CandidateFilter, people: int, byte: int) -> None:
    """Let NOBODY or EVERYBODY through, of so many people."""
    candidates.seekers[: (people >> 3) + 1] = byte
    candidates.between[: (people >> 3) + 1] = byte


@lean
def add_candidates(candidates: CandidateFilter, arcs: Arcs, seekers: I32, first: int, most: int) -> int:
    """Let seekers through, from number `first` on until about `most` arcs were read, and whom their warm ties reach.

    Returns the next number.
    """
    looked, number, last = 0, first, len(seekers) - 1
    while number <= last and looked < most:
        seeker, ahead = seekers[number], seekers[min(number + NEAR, last)]
        prefetch_block(arcs, seekers[min(number + FAR, last)])
        prefetch_arcs(arcs, ahead, arcs.front[ahead])
        set_bit(candidates.seekers, seeker)
        add_asked(candidates, arcs, seeker, arcs.front[seeker], ASKABLE)
        looked += arcs.front[seeker] + 1
        number += 1
    return number


@inner
def add_asked(candidates: CandidateFilter, arcs: Arcs, seeker: int, size: int, wanted: int) -> None:
    """Let through the far ends of those of a seeker's first `size` arcs with all `wanted` flags."""
    begin = arcs.start[seeker]
    for at in range(begin, begin + size):
        if arcs.flags[at] & wanted == wanted:
            set_bit(candidates.between, arcs.other[at])


@inner
def clear_asked(candidates: CandidateFilter, arcs: Arcs, seeker: int) -> None:
    """Undo `add_asked` of a single seeker."""
    begin = arcs.start[seeker]
    for at in range(begin, begin + arcs.size[seeker]):
        candidates.between[arcs.other[at] >> 3] = NOBODY


@lean
def index_acquaintances(
    index: InsiderIndex,
    candidates: CandidateFilter,
    people: People,
    arcs: Arcs,
    first: int,
    most: int,
    warm_only: bool,
) -> int:
    """Index who knows the insiders from number `first` on, until about `most` arcs were read; returns the next number.

    Of those whom the filter lets through: seekers for direct paths, the others for paths with one between; with
    `warm_only`, only where the second tie of these is warm.
    """
    looked, number, last = 0, first, index.counts[INSIDERS] - 1
    while number <= last and looked < most:
        insider = index.insiders[number]
        prefetch_block(arcs, index.insiders[min(number + FAR, last)])
        ahead = index.insiders[min(number + NEAR, last)]
        prefetch_arcs(arcs, ahead, arcs.size[ahead])
        _index_acquaintances_of(index, candidates, people, arcs, insider, warm_only)
        looked += arcs.size[insider] + 1
        number += 1
    return number


@inner
def _index_acquaintances_of(
    index: InsiderIndex, candidates: CandidateFilter, people: People, arcs: Arcs, insider: int, warm_only: bool
) -> None:
    begin, leading = arcs.start[insider], may_be_introduced_to(people, insider)
    for at in range(begin, begin + arcs.size[insider]):
        other = arcs.other[at]
        seeks, leads = has_bit(candidates.seekers, other), has_bit(candidates.between, other)
        if not (seeks or leads) or arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        if seeks:
            add_acquaintance(index, other)
        if leads and leading and people.flags[other] & INTRODUCES:
            _add_link(index, arcs, insider, at, warm_only)


@inner
def _add_link(index: InsiderIndex, arcs: Arcs, insider: int, at: int, warm_only: bool) -> None:
    """Add the link along the insider's arc at `at`, as it is from the side of the one who can introduce."""
    between, flags = arcs.other[at], arcs.flags[at]
    if warm_only and flags & FRONT == 0:
        return
    there = find(arcs, between, insider) if flags & ASYMMETRIC else at
    warm = arcs.flags[there] & WARM != 0
    if warm or not warm_only:
        value = onward_strength(arcs, there) / SCALE * (index.standing[insider] / SCALE)
        add_link(index, between, insider, value, warm)
