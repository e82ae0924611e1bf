"""Where paths lead, as far as somebody in question comes that way.

An employer of tens of thousands is known by hundreds of thousands of people, of whom the ties of a thousand seekers
reach a few. So where the insiders have more ties than the seekers, the seekers and whom they can ask are noted first,
a bit each, and only these are marked.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import ASKABLE, HARDLY, INTRODUCES, THEIRS, TIED, WARM, Arcs, People
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.prefetch_arcs import arcs_soon, soon
from services.matching.kernels.search.insiders import (
    INSIDERS,
    LOOKED,
    Target,
    acquaint,
    has,
    insider_soon,
    lead,
    link,
    may_be_led_to,
    put,
)
from services.matching.kernels.storage.arrays import I32, U8
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR


class Sieve(NamedTuple):
    """A bit for everybody who is looked for, and for everybody whom one of these can ask."""

    seekers: U8
    between: U8


def new_sieve(people: int) -> Sieve:
    """Address space for so many people."""
    return Sieve(reserve(people // 8 + 1, np.uint8), reserve(people // 8 + 1, np.uint8))


@lean
def empty(sieve: Sieve, people: int) -> None:
    """Nobody, of so many people."""
    sieve.seekers[: (people >> 3) + 1] = 0
    sieve.between[: (people >> 3) + 1] = 0


@lean
def note(sieve: Sieve, arcs: Arcs, seekers: I32, first: int, most: int) -> int:
    """Note the seekers from number `first` on, until about `most` arcs were looked at; the next number."""
    looked, number, last = 0, first, len(seekers) - 1
    while number <= last and looked < most:
        seeker, ahead = seekers[number], seekers[min(number + NEAR, last)]
        soon(arcs, seekers[min(number + FAR, last)])
        arcs_soon(arcs, ahead, arcs.warm[ahead])
        put(sieve.seekers, seeker)
        note_asked(sieve, arcs, seeker, arcs.warm[seeker], ASKABLE)
        looked += arcs.warm[seeker] + 1
        number += 1
    return number


@inner
def note_asked(sieve: Sieve, arcs: Arcs, seeker: int, size: int, wanted: int) -> None:
    """Note the far ends of those of the seeker's first `size` arcs that have all `wanted` flags and not HARDLY."""
    begin = arcs.start[seeker]
    for at in range(begin, begin + size):
        if arcs.flags[at] & (wanted | HARDLY) == wanted:
            put(sieve.between, arcs.other[at])


@inner
def forget_asked(sieve: Sieve, arcs: Arcs, seeker: int) -> None:
    """Take back what was noted of a single seeker."""
    begin = arcs.start[seeker]
    for at in range(begin, begin + arcs.size[seeker]):
        sieve.between[arcs.other[at] >> 3] = 0


@lean
def mark_noted(target: Target, sieve: Sieve, people: People, arcs: Arcs, first: int, most: int, warm_only: bool) -> int:
    """What `target.mark` does, for those alone who are noted; OUTWARD is not counted.

    `warm_only` leaves out links that are not warm.
    """
    looked, number = 0, first
    while number < target.counts[INSIDERS] and looked < most:
        insider = target.insiders[number]
        insider_soon(target, arcs, number)
        _mark_known(target, sieve, people, arcs, insider, warm_only)
        looked += arcs.size[insider] + 1
        number += 1
    target.counts[LOOKED] += looked
    return number


@inner
def _mark_known(target: Target, sieve: Sieve, people: People, arcs: Arcs, insider: int, warm_only: bool) -> None:
    begin, standing = arcs.start[insider], target.standing[insider] / SCALE
    leading = may_be_led_to(people, insider)
    wanted = TIED | THEIRS | WARM if warm_only else TIED | THEIRS
    for at in range(begin, begin + arcs.size[insider]):
        other = arcs.other[at]
        seeks, leads = has(sieve.seekers, other), has(sieve.between, other)
        if not (seeks or leads) or arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        if seeks:
            acquaint(target, other)
        if leads and leading and arcs.flags[at] & wanted == wanted and people.flags[other] & INTRODUCES:
            lead(target, other)
            link(target, other, insider, arcs.strength[at] / SCALE * standing, arcs.flags[at] & WARM != 0)
