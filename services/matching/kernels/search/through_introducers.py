"""One seeker, some introducers: the openings these may lead to, and the seeker's paths through them alone."""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.fit.check import fit_one
from services.matching.kernels.fit.layout import FitColumns
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import OWN, TIED, Arcs, Jobs, People
from services.matching.kernels.search.by_seeker import (
    SoughtOpenings,
    clear_sought,
    may_ask_through,
    offer_paths_along,
    set_sought,
)
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.search.reasons import finish_rows
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.lists import Lists
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions.live import LiveSuggestions
from services.matching.kernels.suggestions.rows import BEST, SuggestionRows

UNLIMITED = 1 << 62


class OpeningFacts(NamedTuple):
    """By opening: its company, its occupation and group, and its hiring contact; -1 for what is not known."""

    company: I32
    occupation: I32
    group: I32
    hiring: I32


class ReachableOpenings(NamedTuple):
    """The openings that some introducers may lead a seeker to, with their fits. `seen` is 0 between two searches."""

    opening: I32
    fit: U16
    seen: U8


def new_reachable_openings(openings: int) -> ReachableOpenings:
    """Address space for so many openings."""
    return ReachableOpenings(reserve(openings, np.int32), reserve(openings, np.uint16), reserve(openings, np.uint8))


@lean
def keep_relevant_hops(
    arcs: Arcs, live: LiveSuggestions, introduces: U8, keys: I64, first: int, most: int
) -> tuple[int, int]:
    """Of first hops seeker · 2^32 + introducer, ascending, keep those with paths, or named in a live suggestion.

    Those that are kept are moved to `keys[first]` and after it, each once. All hops of a seeker are read in one call,
    which ends when about `most` arcs and suggestions were. Returns the next hop to read, and where the kept ones end.
    `introduces` is scratch space by person: 0 before and after.
    """
    at, looked, kept = first, 0, first
    while at < len(keys) and looked < most:
        seeker, begin, end = keys[at] >> 32, at, at + 1
        while end < len(keys) and keys[end] >> 32 == seeker:
            end += 1
        looked += end - at + live.by_seeker.size[seeker]
        _mark_introducers(live, introduces, seeker, 1)
        for hop in range(begin, end):
            # Nothing is moved past the place that is read, so the key before this one may be moved but not lost.
            if hop > begin and keys[hop] == keys[hop - 1]:
                continue
            introducer = keys[hop] & 0xFFFF_FFFF
            place = -1 if introduces[introducer] else find(arcs, seeker, introducer)
            if introduces[introducer] or (place >= 0 and arcs.flags[place] & (TIED | OWN) == TIED | OWN):
                keys[kept] = keys[hop]
                kept += 1
        _mark_introducers(live, introduces, seeker, 0)
        at = end
    return at, kept


@inner
def _mark_introducers(live: LiveSuggestions, introduces: U8, seeker: int, value: int) -> None:
    """Set the mark of everybody who is an introducer in a live suggestion of the seeker."""
    begin = live.by_seeker.start[seeker]
    for at in range(begin, begin + live.by_seeker.size[seeker]):
        row = live.by_seeker.items[at]
        for path in range(BEST * row, BEST * row + live.rows.paths[row]):
            introduces[live.rows.introducer[path]] = value


@lean
def find_reachable_openings(
    view: GraphView,
    columns: FitColumns,
    reachable: ReachableOpenings,
    answers: U8,
    by_company: Lists,
    by_hiring: Lists,
    seeker: int,
    row: int,
    introducers: I32,
    most: int,
) -> int:
    """Find the openings that fit the seeker of a row, are answered for, and that introducers may lead to.

    Returns how many: they are at the beginning of `reachable`. -1 where more than about `most` would have to be read.
    """
    count = _collect_openings(view, reachable, by_company, by_hiring, seeker, introducers, most)
    kept = min(count, 0)
    for number in range(count):
        opening = reachable.opening[number]
        fit = fit_one(columns, opening, row, view.today) if answers[opening] else 0
        if fit:
            reachable.opening[kept], reachable.fit[kept] = opening, fit
            kept += 1
    return kept


@inner
def _collect_openings(
    view: GraphView,
    reachable: ReachableOpenings,
    by_company: Lists,
    by_hiring: Lists,
    seeker: int,
    introducers: I32,
    most: int,
) -> int:
    """Collect every opening of which an introducer, or somebody in the front of their arcs, may be an insider, once."""
    count, looked = 0, 0
    for number in range(len(introducers)):
        introducer = introducers[number]
        at = find(view.arcs, seeker, introducer)
        if at < 0:
            continue
        looked += _count_openings(view.people, view.jobs, by_company, by_hiring, introducer)
        if looked > most:
            break
        count = _add_openings(view.people, view.jobs, by_company, by_hiring, introducer, reachable, count)
        begin, front = view.arcs.start[introducer], view.arcs.front[introducer]
        if not may_ask_through(view, seeker, at):
            continue
        link = begin
        while link < begin + front and looked <= most:
            insider = view.arcs.other[link]
            looked += 1 + _count_openings(view.people, view.jobs, by_company, by_hiring, insider)
            if looked <= most:
                count = _add_openings(view.people, view.jobs, by_company, by_hiring, insider, reachable, count)
            link += 1
    for number in range(count):
        reachable.seen[reachable.opening[number]] = 0
    return -1 if looked > most else count


@inner
def _count_openings(people: People, jobs: Jobs, by_company: Lists, by_hiring: Lists, person: int) -> int:
    """How many openings somebody may be an insider of; twice those that two of their jobs share."""
    found, begin = by_hiring.size[person], people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        found += by_company.size[jobs.company[job]]
    return int(found)


@inner
def _add_openings(
    people: People,
    jobs: Jobs,
    by_company: Lists,
    by_hiring: Lists,
    person: int,
    reachable: ReachableOpenings,
    count: int,
) -> int:
    count = _add_list(by_hiring, person, reachable, count)
    begin = people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        count = _add_list(by_company, jobs.company[job], reachable, count)
    return count


@inner
def _add_list(lists: Lists, number: int, reachable: ReachableOpenings, count: int) -> int:
    begin = lists.start[number]
    for at in range(begin, begin + lists.size[number]):
        opening = lists.items[at]
        if reachable.seen[opening] == 0:
            reachable.seen[opening] = 1
            reachable.opening[count] = opening
            count += 1
    return count


@lean
def count_arcs(arcs: Arcs, introducers: I32) -> int:
    """How many arcs `match_through` reads at most for these introducers."""
    looked = len(introducers)
    for number in range(len(introducers)):
        looked += arcs.front[introducers[number]]
    return looked


@lean
def match_through(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    seeker: int,
    introducers: I32,
    first: int,
    arcs: int,
    roles: F64,
    few: int,
) -> int:
    """Find the paths through introducers from number `first` on, until about so many arcs were read.

    `sought` is set; `rows[0]` counts the rows of `found`. Returns the next number.
    """
    number, looked = first, 0
    while number < len(introducers) and looked < arcs:
        at = find(view.arcs, seeker, introducers[number])
        looked += 1
        if at >= 0:
            looked += offer_paths_along(view, sought, found, rows, seeker, at, roles, few)
        number += 1
    return number


@lean
def match_through_all(
    view: GraphView,
    sought: SoughtOpenings,
    found: SuggestionRows,
    rows: I32,
    facts: OpeningFacts,
    openings: I32,
    fits: U16,
    seeker: int,
    introducers: I32,
    roles: F64,
    few: int,
) -> int:
    """Find and finish the rows of all paths through introducers to these openings in one call; returns how many."""
    if len(openings) == 0:
        return 0
    set_sought(sought, openings, fits, facts.company, facts.occupation, facts.group, facts.hiring)
    rows[0] = 0
    match_through(view, sought, found, rows, seeker, introducers, 0, UNLIMITED, roles, few)
    clear_sought(sought, len(openings))
    return finish_rows(view, found, rows[0], few)
