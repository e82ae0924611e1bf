"""One seeker's paths through some introducers alone, and what they make of the suggestions there are.

A live suggestion holds the best three introducers. What it says of all others is that they stand behind the third; so
when only some introducers' paths can differ, the fresh paths through these and the old entries of the others make the
new suggestion, unless what comes third then stands behind what did before: somebody who was not among the best may come
between, and the suggestion is worked out as a whole.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.fit.check import fit_one
from services.matching.kernels.fit.layout import FitColumns
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import OWN, TIED, Arcs, Jobs, People
from services.matching.kernels.graph.person_ids import Texts, less
from services.matching.kernels.search.by_opening import close_rows
from services.matching.kernels.search.by_seeker import ALL, Sought, asks_through, forget, seek, take_step
from services.matching.kernels.search.graph_view import Scene
from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.lists import Lists
from services.matching.kernels.storage.memory import reserve
from services.matching.kernels.suggestions.live import Changes, Live, settle
from services.matching.kernels.suggestions.rows import BEST, Found, open_row

FRESH, AGAIN, EMPTY = 0, 1, 2
"""What `counts` counts: rows made, openings to be worked out as a whole, and openings without a path left."""


class Facts(NamedTuple):
    """Of each opening: where it is, what it is, and who is named to be asked; -1 for what is not known."""

    company: I32
    occupation: I32
    group: I32
    hiring: I32


class Along(NamedTuple):
    """What is made of one seeker's suggestions. `through` has a 1 for each introducer whose paths are looked at.

    `opening` and `fit`: candidates, then those that fit. `again` and `empty` are openings.
    """

    through: U8
    fresh: Found
    opening: I32
    fit: U16
    seen: U8
    again: I32
    empty: I32
    counts: I64


def new_along(people: int, openings: int, fresh: Found) -> Along:
    """Address space for so many people and openings."""
    return Along(
        through=reserve(people, np.uint8),
        fresh=fresh,
        opening=reserve(openings, np.int32),
        fit=reserve(openings, np.uint16),
        seen=reserve(openings, np.uint8),
        again=reserve(openings, np.int32),
        empty=reserve(openings, np.int32),
        counts=np.zeros(3, np.int64),
    )


@lean
def those_that_matter(arcs: Arcs, live: Live, along: Along, keys: I64, first: int, most: int) -> tuple[int, int]:
    """Of steps seeker · 2^32 + introducer in ascending order those with paths, or with some in a live suggestion.

    Each once, they are moved to `keys[first]` and after it. All of a seeker's are looked at in one call; it ends when
    about `most` arcs and suggestions were. The next to look at, and where those that matter end.
    """
    at, looked, kept = first, 0, first
    while at < len(keys) and looked < most:
        seeker, begin, end = keys[at] >> 32, at, at + 1
        while end < len(keys) and keys[end] >> 32 == seeker:
            end += 1
        looked += end - at + live.by_seeker.size[seeker]
        _mark_told(live, along.through, seeker, 1)
        for step in range(begin, end):
            # What comes before it was moved at most to where it stood.
            if step > begin and keys[step] == keys[step - 1]:
                continue
            introducer = keys[step] & 0xFFFF_FFFF
            place = -1 if along.through[introducer] else find(arcs, seeker, introducer)
            if along.through[introducer] or (place >= 0 and arcs.flags[place] & (TIED | OWN) == TIED | OWN):
                keys[kept] = keys[step]
                kept += 1
        _mark_told(live, along.through, seeker, 0)
        at = end
    return at, kept


@inner
def _mark_told(live: Live, through: U8, seeker: int, value: int) -> None:
    """Mark everybody who is an introducer in a suggestion of the seeker."""
    begin = live.by_seeker.start[seeker]
    for at in range(begin, begin + live.by_seeker.size[seeker]):
        row = live.by_seeker.items[at]
        for path in range(BEST * row, BEST * row + live.rows.paths[row]):
            through[live.rows.introducer[path]] = value


@inner
def _candidates(
    scene: Scene, along: Along, by_company: Lists, by_hiring: Lists, seeker: int, introducers: I32, most: int
) -> int:
    """Every opening that a path through the introducers may lead to, each once; -1 if they are looked at too often.

    They stand at the beginning of `along.opening`.
    """
    count, looked = 0, 0
    for number in range(len(introducers)):
        introducer = introducers[number]
        at = find(scene.arcs, seeker, introducer)
        if at < 0:
            continue
        looked += _openings_of(scene.people, scene.jobs, by_company, by_hiring, introducer)
        if looked > most:
            break
        count = _add_openings(scene.people, scene.jobs, by_company, by_hiring, introducer, along, count)
        begin, warm = scene.arcs.start[introducer], scene.arcs.warm[introducer]
        if not asks_through(scene, seeker, at):
            continue
        link = begin
        while link < begin + warm and looked <= most:
            insider = scene.arcs.other[link]
            looked += 1 + _openings_of(scene.people, scene.jobs, by_company, by_hiring, insider)
            if looked <= most:
                count = _add_openings(scene.people, scene.jobs, by_company, by_hiring, insider, along, count)
            link += 1
    for number in range(count):
        along.seen[along.opening[number]] = 0
    return -1 if looked > most else count


@inner
def _openings_of(people: People, jobs: Jobs, by_company: Lists, by_hiring: Lists, person: int) -> int:
    found, begin = by_hiring.size[person], people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        found += by_company.size[jobs.company[job]]
    return int(found)


@inner
def _add_openings(
    people: People, jobs: Jobs, by_company: Lists, by_hiring: Lists, person: int, along: Along, count: int
) -> int:
    count = _add_list(by_hiring, person, along, count)
    begin = people.job_start[person]
    for job in range(begin, begin + people.job_size[person]):
        count = _add_list(by_company, jobs.company[job], along, count)
    return count


@inner
def _add_list(lists: Lists, number: int, along: Along, count: int) -> int:
    begin = lists.start[number]
    for at in range(begin, begin + lists.size[number]):
        opening = lists.items[at]
        if along.seen[opening] == 0:
            along.seen[opening] = 1
            along.opening[count] = opening
            count += 1
    return count


@lean
def openings_behind(
    scene: Scene,
    columns: FitColumns,
    along: Along,
    answers: U8,
    by_company: Lists,
    by_hiring: Lists,
    seeker: int,
    row: int,
    introducers: I32,
    most: int,
) -> int:
    """The openings that fit the seeker of a row, are answered for, and may be led to by the introducers; how many.

    They and their fits stand at the beginning of `along`; -1 if more than about `most` would have to be looked at.
    """
    count = _candidates(scene, along, by_company, by_hiring, seeker, introducers, most)
    kept = min(count, 0)
    for number in range(count):
        opening = along.opening[number]
        fit = fit_one(columns, opening, row, scene.today) if answers[opening] else 0
        if fit:
            along.opening[kept], along.fit[kept] = opening, fit
            kept += 1
    return kept


@lean
def expand_along(
    scene: Scene,
    sought: Sought,
    found: Found,
    rows: I32,
    seeker: int,
    introducers: I32,
    first: int,
    arcs: int,
    roles: F64,
    few: int,
) -> tuple[int, int]:
    """Rows of paths through introducers from number `first` on, until about so many arcs were looked at.

    The next number, and how many it were.
    """
    number, looked = first, 0
    while number < len(introducers) and looked < arcs:
        at = find(scene.arcs, seeker, introducers[number])
        looked += 1
        if at >= 0:
            looked += take_step(scene, sought, found, rows, seeker, at, roles, few)
        number += 1
    return number, looked


@lean
def merge(
    live: Live,
    changes: Changes,
    found: Found,
    rows: int,
    along: Along,
    judged: U8,
    seeker: int,
    introducers: I32,
    texts: Texts,
    most: int,
) -> int:
    """Bring a seeker's suggestions to what the first `rows` of `found` make of them: all paths through introducers.

    Returns how many openings of `along.again` are to be worked out as a whole. `judged` is 0 for all openings. Where
    more than `most` rows differ, it is left to be done what `settle` does with `along.fresh`, and `judged` is set.
    """
    for number in range(len(introducers)):
        along.through[introducers[number]] = 1
    _merge_rows(live, found, rows, along, seeker, texts)
    for number in range(len(introducers)):
        along.through[introducers[number]] = 0
    for number in range(along.counts[EMPTY]):
        judged[along.empty[number]] = 1
    if along.counts[FRESH] + along.counts[EMPTY] <= most:
        settle(live, changes, False, seeker, along.fresh, along.counts[FRESH], judged, True)
        for number in range(along.counts[EMPTY]):
            judged[along.empty[number]] = 0
    return int(along.counts[AGAIN])


@lean
def links_behind(arcs: Arcs, introducers: I32) -> int:
    """How many arcs `expand_along` would look at, at the most."""
    looked = len(introducers)
    for number in range(len(introducers)):
        looked += arcs.warm[introducers[number]]
    return looked


@lean
def expand_whole(
    scene: Scene,
    sought: Sought,
    found: Found,
    rows: I32,
    facts: Facts,
    openings: I32,
    fits: U16,
    seeker: int,
    introducers: I32,
    roles: F64,
    few: int,
) -> int:
    """`expand_along` in one piece, with all that comes before and after it; how many rows."""
    if len(openings) == 0:
        return 0
    seek(sought, openings, fits, facts.company, facts.occupation, facts.group, facts.hiring)
    rows[0] = 0
    expand_along(scene, sought, found, rows, seeker, introducers, 0, ALL, roles, few)
    forget(sought, len(openings))
    return close_rows(scene, found, rows[0], few)


@inner
def _merge_rows(live: Live, found: Found, rows: int, along: Along, seeker: int, texts: Texts) -> None:
    along.counts[:] = 0
    begin = live.by_seeker.start[seeker]
    for row in range(rows):
        live.of_opening[found.opening[row]] = row + 1
    for at in range(begin, begin + live.by_seeker.size[seeker]):
        held = live.by_seeker.items[at]
        opening = live.rows.opening[held]
        row = live.of_opening[opening] - 1
        live.of_opening[opening] = 0
        if row >= 0 or _goes_through(live.rows, held, along.through):
            _merge_row(live.rows, held, found, row, along, texts)
    for row in range(rows):
        if live.of_opening[found.opening[row]]:
            live.of_opening[found.opening[row]] = 0
            to = _open(along, seeker, found.opening[row], found.fit[row])
            for path in range(found.paths[row]):
                _copy_path(along.fresh, to, found, BEST * row + path)


@inner
def _goes_through(rows: Found, row: int, through: U8) -> bool:
    for path in range(BEST * row, BEST * row + rows.paths[row]):  # noqa: SIM110 - compiled
        if through[rows.introducer[path]]:
            return True
    return False


@inner
def _open(along: Along, seeker: int, opening: int, fit: int) -> int:
    to = along.counts[FRESH]
    open_row(along.fresh, to, seeker, opening, fit)
    along.counts[FRESH] = to + 1
    return int(to)


@inner
def _copy_path(into: Found, row: int, out: Found, at: int) -> None:
    """Put a path at the end of a row."""
    to = BEST * row + into.paths[row]
    into.introducer[to], into.insider[to], into.score[to], into.kind[to] = (
        out.introducer[at],
        out.insider[at],
        out.score[at],
        out.kind[at],
    )
    into.mine[to], into.theirs[to], into.mutual[to] = out.mine[at], out.theirs[at], out.mutual[at]
    into.paths[row] += 1


@inner
def _stands_before(one: Found, a: int, other: Found, b: int, texts: Texts) -> bool:
    """By score, then by the smaller id."""
    if one.score[a] != other.score[b]:
        return one.score[a] > other.score[b]
    return less(texts.text, texts.start, one.introducer[a], other.introducer[b])


@inner
def _merge_row(rows: Found, held: int, found: Found, row: int, along: Along, texts: Texts) -> None:
    """One suggestion from its old entries that are not looked at, and the fresh paths in `row`; -1 for none."""
    to = _open(along, rows.seeker[held], rows.opening[held], rows.fit[held])
    old, old_end = BEST * held, BEST * held + rows.paths[held]
    new, new_end = (BEST * row, BEST * row + found.paths[row]) if row >= 0 else (0, 0)
    while along.fresh.paths[to] < BEST and (old < old_end or new < new_end):
        if old < old_end and along.through[rows.introducer[old]]:
            old += 1
        elif new == new_end or (old < old_end and _stands_before(rows, old, found, new, texts)):
            _copy_path(along.fresh, to, rows, old)
            old += 1
        else:
            _copy_path(along.fresh, to, found, new)
            new += 1
    if rows.paths[held] == BEST and _may_be_overtaken(along.fresh, to, rows, BEST * held + BEST - 1, texts):
        along.again[along.counts[AGAIN]] = rows.opening[held]
        along.counts[AGAIN] += 1
        along.counts[FRESH] -= 1
    elif along.fresh.paths[to] == 0:
        along.empty[along.counts[EMPTY]] = rows.opening[held]
        along.counts[EMPTY] += 1
        along.counts[FRESH] -= 1


@inner
def _may_be_overtaken(fresh: Found, row: int, rows: Found, third: int, texts: Texts) -> bool:
    """Whether the new row's third stands behind the old one at `third`, or there is none."""
    return fresh.paths[row] < BEST or _stands_before(rows, third, fresh, BEST * row + BEST - 1, texts)
