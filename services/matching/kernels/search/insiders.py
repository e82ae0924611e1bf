"""The insiders of one opening or company: who knows them, and who can introduce to them.

Everybody with own evidence about an insider has a bit in a bitmap, which stays in the processor's cache while the ties
of thousands of seekers are held against it.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import INTRODUCES, MEMBER, People
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.bitmap import has_bit, set_bit
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.storage.prefetch import FAR, NEAR, prefetch

INSIDERS, LINKS, LEADERS, ACQUAINTED = range(4)
"""Entries of `counts`: insiders, links, people with links, and people who know an insider."""


class InsiderIndex(NamedTuple):
    """The insiders of one target, and who is connected to them.

    `insider`, `knows` and `leads` are bitmaps; `standing` and `head` are only valid where the bit of `insider` or
    `leads` is set. `insiders`, `acquainted` and `leaders` list whose bit is set in them. The links of a person j are a
    chain from `head[j]` through `link_next`: each an insider of whom j has own evidence, with onward strength ·
    standing, and whether their tie is warm. A link is an arc of an insider, so there are never more links than arcs.
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


def new_insider_index(people: int, links: int) -> InsiderIndex:
    """Address space for so many people and links."""
    bits = people // 8 + 1
    return InsiderIndex(
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
        counts=np.zeros(4, np.int64),
    )


@lean
def clear_insiders(index: InsiderIndex) -> None:
    """Empty the index, in time proportional to what is in it."""
    for number in range(index.counts[INSIDERS]):
        index.insider[index.insiders[number] >> 3] = 0
    for number in range(index.counts[LEADERS]):
        index.leads[index.leaders[number] >> 3] = 0
    for number in range(index.counts[ACQUAINTED]):
        index.knows[index.acquainted[number] >> 3] = 0
    index.counts[:] = 0


@lean
def add_insider(index: InsiderIndex, person: int, standing: int) -> None:
    """Add an insider of this standing, in ten-thousandths, or raise theirs to it. Standing 0 makes no insider."""
    if standing == 0:
        return
    if has_bit(index.insider, person):
        index.standing[person] = max(index.standing[person], standing)
        return
    set_bit(index.insider, person)
    index.standing[person] = standing
    index.insiders[index.counts[INSIDERS]] = person
    index.counts[INSIDERS] += 1


@lean
def add_staff(
    view: GraphView, index: InsiderIndex, workers: I32, company: int, occupation: int, group: int, roles: F64
) -> None:
    """Add all of `workers` who have a standing at the company; `roles` as for `standing`."""
    last = len(workers) - 1
    for number in range(last + 1):
        person, ahead = workers[number], workers[min(number + NEAR, last)]
        _prefetch_jobs(view.people, workers[min(number + FAR, last)])
        prefetch(view.jobs.company, view.people.job_start[ahead])
        prefetch(view.jobs.presence, view.people.job_start[ahead])
        prefetch(index.standing, ahead)
        add_insider(index, person, standing(view.jobs, view.people, person, company, occupation, group, roles))


@inner
def _prefetch_jobs(people: People, person: int) -> None:
    prefetch(people.job_start, person)
    prefetch(people.job_size, person)


@inner
def add_acquaintance(index: InsiderIndex, person: int) -> None:
    """Note that somebody knows an insider."""
    if not has_bit(index.knows, person):
        set_bit(index.knows, person)
        index.acquainted[index.counts[ACQUAINTED]] = person
        index.counts[ACQUAINTED] += 1


@inner
def add_link(index: InsiderIndex, between: int, insider: int, value: float, warm: bool) -> None:
    """Add an insider to whom somebody can introduce; `value` is onward strength · standing."""
    at = index.counts[LINKS]
    index.link_insider[at], index.link_value[at], index.link_warm[at] = insider, value, warm
    if has_bit(index.leads, between):
        index.link_next[at] = index.head[between]
    else:
        set_bit(index.leads, between)
        index.leaders[index.counts[LEADERS]] = between
        index.counts[LEADERS] += 1
        index.link_next[at] = -1
    index.head[between] = at
    index.counts[LINKS] = at + 1


@inner
def may_be_introduced_to(people: People, insider: int) -> bool:
    """Whether a path with one between may end at them: a contact, or a member who introduces (section 3)."""
    return people.flags[insider] & MEMBER == 0 or people.flags[insider] & INTRODUCES != 0
