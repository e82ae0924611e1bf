"""One opening, many seekers: from each fitting seeker's ties to the marked people, or from these out to the seekers.

Both ways look at the same paths and give the same rows; the engine takes the one that has fewer arcs to look at.
"""

from typing import NamedTuple

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.graph.arcs import find
from services.matching.kernels.graph.layout import ASKABLE, HARDLY, MEMBER, NO_ONE, OWN, RECORD_BACK, THEIRS, TIED
from services.matching.kernels.graph.layout import WARM as WARM_TIE
from services.matching.kernels.graph.person_ids import less
from services.matching.kernels.graph.prefetch_arcs import arcs_soon, search_soon, soon
from services.matching.kernels.search.graph_view import ASKED, Scene, blocked, direct_score, mutual, near_end, welcome
from services.matching.kernels.search.insiders import INSIDERS, LEADERS, LOOKED, Target, has
from services.matching.kernels.storage.arrays import I32, U16
from services.matching.kernels.storage.prefetch import FAR, NEAR
from services.matching.kernels.suggestions.rows import APP, BEST, DIRECT, WARM, Found, least, offer, open_row


@inner
def ask_of(scene: Scene, introducer: int) -> int:
    """APP where somebody met directly is asked in the app, else 0: the seeker writes to them."""
    return APP if scene.people.flags[introducer] & ASKED == ASKED else 0


@inner
def offer_direct(scene: Scene, target: Target, found: Found, row: int, at: int, few: int) -> None:
    """The direct path along the arc at `at`, if its far end is an insider and nothing speaks against it."""
    seeker, insider, flags = found.seeker[row], scene.arcs.other[at], scene.arcs.flags[at]
    if flags & (TIED | OWN) != TIED | OWN or not has(target.insider, insider) or not welcome(scene, seeker, insider):
        return
    score = direct_score(scene, seeker, insider, at, target.standing[insider], few)
    kind = DIRECT | ask_of(scene, insider) | (WARM if flags & WARM_TIE else 0)
    offer(found, row, insider, insider, score, kind, at, scene.texts)


@inner
def offer_between(scene: Scene, target: Target, found: Found, row: int, at: int, few: int) -> None:
    """The warm paths through the far end of the arc at `at`, of which the caller knows that it leads somewhere."""
    seeker, between, flags = found.seeker[row], scene.arcs.other[at], scene.arcs.flags[at]
    if flags & (ASKABLE | HARDLY) != ASKABLE or not welcome(scene, seeker, between):
        return
    near, texts = near_end(scene, seeker, between, at, few), scene.texts
    best, through = least(found, row), NO_ONE
    link = target.head[between]
    while link >= 0:
        insider, score = target.link_insider[link], near * target.link_value[link]
        # Of one introducer's paths the best is enough; whether it may be taken is looked up for few of them.
        better = score > best or (
            score == best and (through == NO_ONE or less(texts.text, texts.start, insider, through))
        )
        allowed = better and target.link_warm[link] != 0 and welcome(scene, seeker, insider)
        if allowed and not blocked(scene, seeker, insider):
            best, through = score, insider
        link = target.link_next[link]
    if through != NO_ONE:
        offer(found, row, between, through, best, WARM | APP, at, texts)


@inner
def tell_all(scene: Scene, found: Found, first: int, end: int, few: int) -> None:
    """Note what the reasons of these finished rows are made of."""
    for row in range(first, end):
        far, near = min(row + FAR, end - 1), min(row + NEAR, end - 1)
        for at in range(BEST * far, BEST * far + found.paths[far]):
            soon(scene.arcs, found.introducer[at])
        for at in range(BEST * near, BEST * near + found.paths[near]):
            search_soon(scene.arcs, found.introducer[at])
        tell(scene, found, row, few)


@shared
def tell(scene: Scene, found: Found, row: int, few: int) -> None:
    """Note what the reasons of a finished row are made of."""
    seeker = found.seeker[row]
    for at in range(BEST * row, BEST * row + found.paths[row]):
        introducer, arc = found.introducer[at], found.mine[at]
        found.mine[at] = scene.arcs.code[arc]
        found.mutual[at] = mutual(scene, seeker, introducer, arc, few)
        found.theirs[at] = 0
        if scene.people.flags[introducer] & MEMBER and scene.arcs.flags[arc] & RECORD_BACK:
            found.theirs[at] = scene.arcs.code[find(scene.arcs, introducer, seeker)]


@lean
def pull(
    scene: Scene,
    target: Target,
    found: Found,
    row: int,
    seekers: I32,
    fits: U16,
    opening: int,
    first: int,
    arcs: int,
    few: int,
) -> tuple[int, int]:
    """Rows for seekers from `first` on, until about so many arcs were looked at; the next row, and the next seeker."""
    looked, number, last, fresh = 0, first, len(seekers) - 1, row
    while number <= last and looked < arcs:
        seeker = seekers[number]
        soon(scene.arcs, seekers[min(number + FAR, last)])
        arcs_soon(scene.arcs, seekers[min(number + NEAR, last)], scene.arcs.warm[seekers[min(number + NEAR, last)]])
        open_row(found, row, seeker, opening, fits[number])
        begin = scene.arcs.start[seeker]
        warm, size = scene.arcs.warm[seeker], scene.arcs.size[seeker]
        for at in range(begin, begin + warm):
            if has(target.leads, scene.arcs.other[at]):
                offer_between(scene, target, found, row, at, few)
        looked += warm + 1
        if has(target.knows, seeker):
            looked += size
            for at in range(begin, begin + size):
                if has(target.insider, scene.arcs.other[at]):
                    offer_direct(scene, target, found, row, at, few)
        number += 1
        row += found.paths[row] > 0
    tell_all(scene, found, fresh, row, few)
    target.counts[LOOKED] += looked
    return row, number


class Wanted(NamedTuple):
    """By person: the fit of those who are looked for, 0 for all others, and the row of those who have one, else -1.

    Both are put back by `unwant`.
    """

    fit: U16
    row: I32


@lean
def want(wanted: Wanted, seekers: I32, fits: U16) -> None:
    """Look for these seekers."""
    for number in range(len(seekers)):
        wanted.fit[seekers[number]] = fits[number]
        wanted.row[seekers[number]] = NO_ONE


@lean
def unwant(wanted: Wanted, seekers: I32) -> None:
    """Look for them no longer."""
    for number in range(len(seekers)):
        wanted.fit[seekers[number]] = 0


@inner
def _row_of(found: Found, wanted: Wanted, seeker: int, opening: int, fresh: int) -> int:
    """The row of a seeker; a new one at `fresh` where there is none yet."""
    if wanted.row[seeker] == NO_ONE:
        wanted.row[seeker] = fresh
        open_row(found, fresh, seeker, opening, wanted.fit[seeker])
    return int(wanted.row[seeker])


@lean
def push_direct(
    scene: Scene, target: Target, found: Found, wanted: Wanted, row: int, opening: int, first: int, arcs: int, few: int
) -> tuple[int, int]:
    """The direct paths from insider `first` on, until about so many arcs were looked at; next row, next insider."""
    # Beyond the last of a list stand numbers of before, or 0: to ask for what these have does no harm.
    looked, number = 0, first
    while number < target.counts[INSIDERS] and looked < arcs:
        insider = target.insiders[number]
        soon(scene.arcs, target.insiders[number + FAR])
        begin, size = scene.arcs.start[insider], scene.arcs.size[insider]
        for at in range(begin, begin + size):
            seeker = scene.arcs.other[at]
            if wanted.fit[seeker] and scene.arcs.flags[at] & (TIED | THEIRS) == TIED | THEIRS:
                slot = _row_of(found, wanted, seeker, opening, row)
                row = max(row, slot + 1)
                offer_direct(scene, target, found, slot, find(scene.arcs, seeker, insider), few)
        looked += size + 1
        number += 1
    target.counts[LOOKED] += looked
    return row, number


@lean
def push_between(
    scene: Scene, target: Target, found: Found, wanted: Wanted, row: int, opening: int, first: int, arcs: int, few: int
) -> tuple[int, int]:
    """The paths through those who lead, from number `first` on; next row, next number."""
    looked, number = 0, first
    while number < target.counts[LEADERS] and looked < arcs:
        between = target.leaders[number]
        soon(scene.arcs, target.leaders[number + FAR])
        arcs_soon(scene.arcs, target.leaders[number + NEAR], scene.arcs.warm[target.leaders[number + NEAR]])
        begin, warm = scene.arcs.start[between], scene.arcs.warm[between]
        for at in range(begin, begin + warm):
            seeker = scene.arcs.other[at]
            if wanted.fit[seeker]:
                slot = _row_of(found, wanted, seeker, opening, row)
                row = max(row, slot + 1)
                offer_between(scene, target, found, slot, find(scene.arcs, seeker, between), few)
        looked += warm + 1
        number += 1
    target.counts[LOOKED] += looked
    return row, number


@lean
def close_rows(scene: Scene, found: Found, rows: int, few: int) -> int:
    """Drop the rows without a path, note the reasons of the others; how many are left."""
    kept = 0
    for row in range(rows):
        if found.paths[row] == 0:
            continue
        if kept != row:
            move_row(found, kept, row)
        kept += 1
    tell_all(scene, found, 0, kept, few)
    return kept


@inner
def move_row(found: Found, to: int, row: int) -> None:
    """Copy a row, without what its reasons are made of."""
    open_row(found, to, found.seeker[row], found.opening[row], found.fit[row])
    found.paths[to] = found.paths[row]
    for path in range(found.paths[row]):
        into, out = BEST * to + path, BEST * row + path
        found.introducer[into], found.insider[into] = found.introducer[out], found.insider[out]
        found.score[into], found.kind[into] = found.score[out], found.kind[out]
        found.mine[into] = found.mine[out]
