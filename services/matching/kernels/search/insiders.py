"""Where paths lead: the insiders of one opening or company, who knows them, and who can lead to them.

Everybody with own evidence about an insider is marked in a bitmap: small enough to stay in the cache while the ties of
thousands of seekers are held against it.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import INTRODUCES, MEMBER, THEIRS, TIED, Arcs, People
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.prefetch_arcs import arcs_soon, soon
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR

INSIDERS, LINKS, LEADERS, OUTWARD, LOOKED, ACQUAINTED = 0, 1, 2, 3, 4, 5
"""What `counts` counts: insiders, links, those who lead, the warm arcs that go out from these, arcs looked at, and
those who know an insider."""


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
    acquainted: I32
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
        acquainted=reserve(people, np.int32),
        link_insider=reserve(links, np.int32),
        link_value=reserve(links, np.float64),
        link_warm=reserve(links, np.uint8),
        link_next=reserve(links, np.int32),
        counts=np.zeros(6, np.int64),
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
def clear(target: Target) -> None:
    """Forget the target before."""
    for number in range(target.counts[INSIDERS]):
        target.insider[target.insiders[number] >> 3] = 0
    for number in range(target.counts[LEADERS]):
        target.leads[target.leaders[number] >> 3] = 0
    for number in range(target.counts[ACQUAINTED]):
        target.knows[target.acquainted[number] >> 3] = 0
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
def acquaint(target: Target, person: int) -> None:
    """Somebody knows an insider."""
    if not has(target.knows, person):
        put(target.knows, person)
        target.acquainted[target.counts[ACQUAINTED]] = person
        target.counts[ACQUAINTED] += 1


@inner
def lead(target: Target, person: int) -> bool:
    """Somebody can lead to an insider; whether that is new. To be followed by `link`."""
    if has(target.leads, person):
        return False
    target.leaders[target.counts[LEADERS]] = person
    target.counts[LEADERS] += 1
    return True


@inner
def link(target: Target, between: int, insider: int, value: float, warm: bool) -> None:
    """One more insider whom somebody can lead to; `value` is strength · standing."""
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
def mark(target: Target, people: People, arcs: Arcs, first: int, most: int, enough: int) -> int:
    """Mark whom the insiders from number `first` on are known by, until about `most` arcs were looked at; the next.

    `knows`: for direct paths; `leads`: for warm ones with one between. OUTWARD is counted until there are `enough`.
    """
    looked, number = 0, first
    while number < target.counts[INSIDERS] and looked < most:
        insider = target.insiders[number]
        insider_soon(target, arcs, number)
        _mark_known(target, people, arcs, insider, enough)
        looked += arcs.size[insider] + 1
        number += 1
    target.counts[LOOKED] += looked
    return number


@inner
def insider_soon(target: Target, arcs: Arcs, number: int) -> None:
    """The arcs of the insiders after this one will be gone through. Beyond the last stand old numbers, or 0."""
    soon(arcs, target.insiders[number + FAR])
    ahead = target.insiders[number + NEAR]
    arcs_soon(arcs, ahead, arcs.size[ahead])


@inner
def _mark_known(target: Target, people: People, arcs: Arcs, insider: int, enough: int) -> None:
    begin, standing = arcs.start[insider], target.standing[insider] / SCALE
    leading = begin + arcs.warm[insider] if may_be_led_to(people, insider) else begin
    for at in range(begin, begin + arcs.size[insider]):
        if arcs.flags[at] & (TIED | THEIRS) != TIED | THEIRS:
            continue
        other = arcs.other[at]
        acquaint(target, other)
        if at < leading and people.flags[other] & INTRODUCES:
            if lead(target, other) and target.counts[OUTWARD] < enough:
                target.counts[OUTWARD] += arcs.warm[other]
            link(target, other, insider, arcs.strength[at] / SCALE * standing, True)
