"""Where paths lead: the insiders of one opening or company, who knows them, and who can lead to them.

Everybody with own evidence about an insider is marked in a bitmap: small enough to stay in the cache while the ties of
thousands of seekers are held against it.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.layout import F64, I32, I64, INTRODUCES, MEMBER, THEIRS, TIED, U8, U16, Arcs, People
from services.matching.kernels.memory import reserve

SCALE = 10_000.0
"""Factors are kept in whole ten-thousandths."""

INSIDERS, LINKS, LEADERS, OUTWARD, LOOKED = 0, 1, 2, 3, 4
"""What `counts` counts: insiders, links, those who lead, the warm arcs that go out from these, and arcs looked at."""


class Target(NamedTuple):
    """Marks for one target. `standing` and `head` mean something only where the bit of `insider`, `leads` is set.

    The links of a person j are a chain from `head[j]` through `link_next`: an insider of whom j has own evidence, with
    strength · standing, and whether their tie is warm.
    """

    standing: U16
    head: I32
    insider: U8
    knows: U8
    leads: U8
    insiders: I32
    leaders: I32
    link_insider: I32
    link_value: F64
    link_warm: U8
    link_next: I32
    counts: I64


def new_target(people: int, links: int) -> Target:
    """Address space for so many people and links."""
    bits = people // 8 + 1
    return Target(
        standing=reserve(people, np.uint16),
        head=reserve(people, np.int32),
        insider=reserve(bits, np.uint8),
        knows=reserve(bits, np.uint8),
        leads=reserve(bits, np.uint8),
        insiders=reserve(people, np.int32),
        leaders=reserve(people, np.int32),
        link_insider=reserve(links, np.int32),
        link_value=reserve(links, np.float64),
        link_warm=reserve(links, np.uint8),
        link_next=reserve(links, np.int32),
        counts=np.zeros(5, np.int64),
    )


@inner
def has(bits: U8, person: int) -> bool:
    """Whether the person's bit is set."""
    return bits[person >> 3] & (1 << (person & 7)) != 0


@inner
def put(bits: U8, person: int) -> None:
    """Set the person's bit."""
    bits[person >> 3] |= np.uint8(1 << (person & 7))


@lean
def clear(target: Target, people: int) -> None:
    """Forget the target before; so many people are there."""
    end = (people >> 3) + 1
    target.insider[:end] = 0
    target.knows[:end] = 0
    target.leads[:end] = 0
    target.counts[:] = 0


@lean
def add_insider(target: Target, person: int, standing: int) -> None:
    """An insider of this standing, in ten-thousandths; of two standings the larger counts. 0 makes no insider."""
    if standing == 0:
        return
    if has(target.insider, person):
        target.standing[person] = max(target.standing[person], standing)
        return
    put(target.insider, person)
    target.standing[person] = standing
    target.insiders[target.counts[INSIDERS]] = person
    target.counts[INSIDERS] += 1


@inner
def _link(target: Target, between: int, insider: int, value: float, warm: bool) -> None:
    at = target.counts[LINKS]
    target.link_insider[at], target.link_value[at], target.link_warm[at] = insider, value, warm
    if has(target.leads, between):
        target.link_next[at] = target.head[between]
    else:
        put(target.leads, between)
        target.link_next[at] = -1
    target.head[between] = at
    target.counts[LINKS] = at + 1


@inner
def may_be_led_to(people: People, insider: int) -> bool:
    """Whether a path with one between may end there: a contact, or a member who introduces (section 3)."""
    return people.flags[insider] & MEMBER == 0 or people.flags[insider] & INTRODUCES != 0


@lean
def mark(target: Target, people: People, arcs: Arcs, first: int, most: int, warm_only: bool) -> int:
    """Mark whom the insiders from number `first` on are known by, until about `most` arcs were looked at; the next.

    `knows`: for direct paths; `leads`: for those with one between, of which `warm_only` leaves out the others.
    """
    looked, number = 0, first
    while number < target.counts[INSIDERS] and looked < most:
        insider = target.insiders[number]
        size = arcs.size[insider]
        leading = 0
        if may_be_led_to(people, insider):
            leading = arcs.warm[insider] if warm_only else size
        _mark_known(target, people, arcs, insider, leading)
        looked += size + 1
        number += 1
    target.counts[LOOKED] += looked
    return number


@inner
def _mark_known(target: Target, people: People, arcs: Arcs, insider: int, leading: int) -> None:
    begin, standing = arcs.start[insider], target.standing[insider] / SCALE
    for at in range(begin, begin + arcs.size[insider]):
        if arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        other = arcs.other[at]
        put(target.knows, other)
        if at < begin + leading and people.flags[other] & INTRODUCES:
            if not has(target.leads, other):
                target.leaders[target.counts[LEADERS]] = other
                target.counts[LEADERS] += 1
                target.counts[OUTWARD] += arcs.warm[other]
            _link(target, other, insider, arcs.strength[at] / SCALE * standing, at < begin + arcs.warm[insider])
