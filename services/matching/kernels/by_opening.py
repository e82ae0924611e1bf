"""One opening, many seekers: from each fitting seeker's ties to the marked people, or from these out to the seekers.

Both ways look at the same paths and give the same rows; the engine takes the one that has fewer arcs to look at.
"""

from typing import NamedTuple

from services.matching.kernels.arcs import find
from services.matching.kernels.best import APP, DIRECT, WARM, Found, offer, open_row
from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.layout import (
    ASKABLE,
    HARDLY,
    I32,
    MEMBER,
    NO_ONE,
    OWN,
    THEIRS,
    TIED,
    U16,
)
from services.matching.kernels.layout import (
    WARM as WARM_TIE,
)
from services.matching.kernels.scene import ASKED, Scene, blocked, direct_score, mutual, near_end, welcome
from services.matching.kernels.target import INSIDERS, LEADERS, LOOKED, Target, has


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
    offer(found, row, insider, insider, score, kind, scene.texts)


@inner
def offer_between(scene: Scene, target: Target, found: Found, row: int, at: int, few: int) -> None:
    """The warm paths through the far end of the arc at `at`, of which the caller knows that it leads somewhere."""
    seeker, between, flags = found.seeker[row], scene.arcs.other[at], scene.arcs.flags[at]
    if flags & (ASKABLE | HARDLY) != ASKABLE or not welcome(scene, seeker, between):
        return
    near = near_end(scene, seeker, between, at, few)
    link = target.head[between]
    while link >= 0:
        insider = target.link_insider[link]
        if target.link_warm[link] and welcome(scene, seeker, insider) and not blocked(scene, seeker, insider):
            offer(found, row, between, insider, near * target.link_value[link], WARM | APP, scene.texts)
        link = target.link_next[link]


@shared
def tell(scene: Scene, found: Found, row: int, few: int) -> None:
    """Note what the reasons of a finished row are made of."""
    seeker = found.seeker[row]
    for at in range(3 * row, 3 * row + found.paths[row]):
        introducer = found.introducer[at]
        arc = find(scene.arcs, seeker, introducer)
        found.mine[at] = scene.arcs.code[arc]
        found.mutual[at] = mutual(scene, seeker, introducer, arc, few)
        found.theirs[at] = 0
        if scene.people.flags[introducer] & MEMBER:
            back = find(scene.arcs, introducer, seeker)
            found.theirs[at] = scene.arcs.code[back] if back >= 0 else 0


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
    looked, number = 0, first
    while number < len(seekers) and looked < arcs:
        seeker = seekers[number]
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
        if found.paths[row]:
            tell(scene, found, row, few)
            row += 1
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
    looked, number = 0, first
    while number < target.counts[INSIDERS] and looked < arcs:
        insider = target.insiders[number]
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
        tell(scene, found, kept, few)
        kept += 1
    return kept


@inner
def move_row(found: Found, to: int, row: int) -> None:
    """Copy a row, without what its reasons are made of."""
    open_row(found, to, found.seeker[row], found.opening[row], found.fit[row])
    found.paths[to] = found.paths[row]
    for path in range(found.paths[row]):
        into, out = 3 * to + path, 3 * row + path
        found.introducer[into], found.insider[into] = found.introducer[out], found.insider[out]
        found.score[into], found.kind[into] = found.score[out], found.kind[out]
