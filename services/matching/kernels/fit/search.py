"""All seekers whom an opening fits, and all openings that fit a seeker.

Each of the opening's skills (or of the seeker's) has a list of those who share it. Walking the lists tallies how many
skills each one shares, and how near they are by title; only whoever has enough for some fit is looked at closely.

Who can have enough is found without looking at all: of those no nearer by title than a way's other lists find, the
rule wants `need` skills at the least. Somebody with `need` of the opening's n skills lacks n - need, so among any
n - need + 1 of them is one that they have: the rarest so many find them. The long lists of common skills only tally.
Who offers no skills is found by title, or by offering none.
"""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.fit.check import fit_with_skills, level_between
from services.matching.kernels.fit.layout import (
    BY_GROUP,
    BY_NO_TITLES,
    BY_OCCUPATION,
    BY_SKILLS,
    BY_SKILLS_UNTITLED,
    GROUP,
    LAST_DAY,
    LEVEL,
    LEVELS,
    NEVER,
    OCCUPATION,
    OF_GROUP,
    OF_OCCUPATION,
    OFFERS_NONE,
    ONE,
    PLACES,
    SEEKS_NONE,
    SKILL,
    SKILLS,
    STRIDE,
    TITLE,
    WITHOUT_SKILLS,
    WITHOUT_TITLE,
    FitColumns,
    Rules,
    Scratch,
    Side,
)
from services.matching.kernels.storage.arrays import I32, U8, U16
from services.matching.kernels.storage.prefetch import FAR, NEAR, prefetch

LIST_BITS = 16
"""What lists can tell besides skills, all bits together."""

TITLE_BITS = 4
"""What they can tell of an opening's title."""


@lean
def fitting_seekers(columns: FitColumns, scratch: Scratch, o: int, rows: int, today: int) -> int:
    """How many seekers, of those below `rows`, an opening fits.

    They, as people, and their fits stand at the beginning of `scratch`.
    """
    facts, start, count = columns.openings.facts, columns.openings.start[o], 0
    if today > facts[start + LAST_DAY]:
        return 0
    skills = facts[start + PLACES] - SKILLS
    way, finding, last = _lists_of_opening(columns, scratch, o, skills)
    _tally_seekers(columns, scratch, o, way, finding, last)
    for at in range(last):
        if at < finding or at >= skills:
            count = _sift_list(columns.seekers, columns.level, scratch, scratch.lists[at], count, LIST_BITS)
    scratch.tally[:rows] = 0
    return _keep_seekers(columns, scratch, o, count, today)


@lean
def fitting_openings(columns: FitColumns, scratch: Scratch, row: int, rows: int, today: int) -> int:
    """How many openings, of those below `rows`, fit the seeker of a row.

    They and their fits stand at the beginning of `scratch`.
    """
    if row == 0:
        return 0
    last, count, entries = _lists_of_seeker(columns, scratch, row), 0, 0
    for at in range(last):
        entries += columns.openings.list_size[scratch.lists[at]]
        _add(columns.openings, scratch.tally, scratch.lists[at], _tally_of(scratch.lists[at]))
    if entries > rows // 3:  # in order, one after another, is three times as quick
        count = _sift_all(columns.shape, scratch, rows, TITLE_BITS)
    else:
        for at in range(last):
            count = _sift_list(columns.openings, columns.shape, scratch, scratch.lists[at], count, TITLE_BITS)
    return _keep_openings(columns, scratch, row, count, today)


@inner
def _sift_list(side: Side, kinds: U8, scratch: Scratch, number: int, count: int, stride: int) -> int:
    """Put those of a list who have enough after the first `count` of `scratch.found`, each once; how many are there."""
    first = side.list_start[number]
    for at in range(first, first + side.list_size[number]):
        who = side.listed[at]
        told = scratch.tally[who]
        least = scratch.least[kinds[who] * stride + (told >> 8) % stride]
        scratch.tally[who], scratch.found[count] = 0, who
        count += (told != 0) & (told & 255 >= least)  # 0: met before
    return count


@inner
def _sift_all(kinds: U8, scratch: Scratch, rows: int, stride: int) -> int:
    """The same of all at once."""
    count = 0
    for who in range(rows):
        told = scratch.tally[who]
        scratch.found[count] = who
        count += told & 255 >= scratch.least[kinds[who] * stride + (told >> 8) % stride]
    scratch.tally[:rows] = 0
    return count


@inner
def _keep_seekers(columns: FitColumns, scratch: Scratch, o: int, count: int, today: int) -> int:
    """Leave of the first `count` of `scratch.found` those whom the opening fits; how many."""
    facts, start, kept = columns.openings.facts, columns.openings.start[o], 0
    _mark(scratch.marks, facts, start, 1)
    for at in range(count):
        row, ahead = scratch.found[at], scratch.found[min(at + NEAR, count - 1)]
        prefetch(columns.seekers.start, scratch.found[at + FAR])
        prefetch(columns.seekers.facts, columns.seekers.start[ahead])
        prefetch(columns.person_of, ahead)
        found = _marked(scratch.marks, columns.seekers.facts, columns.seekers.start[row])
        fit = fit_with_skills(columns, o, row, found, today)
        if fit != 0:
            scratch.found[kept], scratch.values[kept] = columns.person_of[row], fit
            kept += 1
    _mark(scratch.marks, facts, start, 0)
    return kept


@inner
def _keep_openings(columns: FitColumns, scratch: Scratch, row: int, count: int, today: int) -> int:
    """Leave of the first `count` of `scratch.found` those that fit the seeker; how many."""
    facts, begin, kept = columns.seekers.facts, columns.seekers.start[row], 0
    _mark(scratch.marks, facts, begin, 1)
    for at in range(count):
        o, ahead = scratch.found[at], scratch.found[min(at + NEAR, count - 1)]
        prefetch(columns.openings.start, scratch.found[at + FAR])
        prefetch(columns.openings.facts, columns.openings.start[ahead])
        found = _marked(scratch.marks, columns.openings.facts, columns.openings.start[o])
        fit = fit_with_skills(columns, o, row, found, today)
        if fit != 0:
            scratch.found[kept], scratch.values[kept] = o, fit
            kept += 1
    _mark(scratch.marks, facts, begin, 0)
    return kept


@inner
def _mark(marks: U8, facts: I32, begin: int, value: int) -> None:
    for at in range(begin + SKILLS, begin + facts[begin + PLACES]):
        marks[facts[at]] = value


@inner
def _marked(marks: U8, facts: I32, begin: int) -> int:
    found = 0
    for at in range(begin + SKILLS, begin + facts[begin + PLACES]):
        found += marks[facts[at]]
    return found


@inner
def _add(side: Side, tally: U16, number: int, told: int) -> None:
    first = side.list_start[number]
    for at in range(first, first + side.list_size[number]):
        tally[side.listed[at]] += told


@inner
def _tally_of(number: int) -> int:
    """What it says of somebody to stand in this list."""
    kind = number % STRIDE
    if kind == SKILL:
        return ONE
    if kind == OCCUPATION:
        return OF_OCCUPATION
    if kind == GROUP:
        return OF_GROUP
    return SEEKS_NONE if number == WITHOUT_TITLE else OFFERS_NONE


@inner
def _lists_of_opening(columns: FitColumns, scratch: Scratch, o: int, skills: int) -> tuple[int, int, int]:
    """Put into `scratch.lists` those of the skills, the shortest first, and then the others that find seekers.

    The way, how many of the first find seekers, and how many lists there are in all.
    """
    facts, start, rules = columns.openings.facts, columns.openings.start[o], columns.rules
    named, level = min(skills, rules.value.shape[0] - 1), rules.value.shape[3] if facts[start + LEVEL] else 0
    _rarest_first(columns, scratch, o, skills)
    way = BY_SKILLS_UNTITLED
    if facts[start + TITLE] >= 0:
        way = _cheapest_strategy(columns, scratch, o, skills, named, level)
    last = skills
    for step in range(1, way + 1 if way != BY_SKILLS_UNTITLED else 0):
        scratch.lists[last] = _added_list(facts, start, step)
        last += 1
    if rules.bare[named, way, level]:
        scratch.lists[last] = WITHOUT_SKILLS
        last += 1
    return way, max(0, skills - rules.need[named, way, level] + 1), last


@inner
def _set_least_of_opening(rules: Rules, least: U8, way: int, skills: int, level: int, more: int) -> None:
    """By what the lists told besides the skills, and the level sought; `way`: whose lists told, or found, them."""
    named = min(skills, rules.value.shape[0] - 1)
    for told in range(LIST_BITS):
        for sought in range(LEVELS):
            between, found_by = level_between(level, sought), _strategy_finding(told, way)
            need = rules.need[named, found_by, between]
            if told & OFFERS_NONE >> 8 and named > 0:
                need = 0 if rules.bare[named, found_by, between] else NEVER
            least[sought * LIST_BITS + told] = need if need == NEVER else max(0, need - more)


@inner
def _strategy_finding(told: int, way: int) -> int:
    """The way whose `need` holds for those of whom a list told this; `way`: for those of whom none did."""
    if told & OF_OCCUPATION >> 8:
        return BY_SKILLS
    return BY_OCCUPATION if told & (OF_GROUP | SEEKS_NONE) >> 8 else way


@inner
def _rarest_first(columns: FitColumns, scratch: Scratch, o: int, skills: int) -> None:
    """The lists of the opening's skills, the shortest first, and how long those up to each are together."""
    facts, first, sizes = columns.openings.facts, columns.openings.start[o] + SKILLS, columns.seekers.list_size
    total = 0
    for at in range(skills):
        key, to = facts[first + at] * STRIDE + SKILL, at
        while to > 0 and sizes[scratch.lists[to - 1]] > sizes[key]:
            scratch.lists[to] = scratch.lists[to - 1]
            to -= 1
        scratch.lists[to] = key
    for at in range(skills):
        total += sizes[scratch.lists[at]]
        scratch.sizes[at] = total


@inner
def _cheapest_strategy(columns: FitColumns, scratch: Scratch, o: int, skills: int, named: int, level: int) -> int:
    """The way that finds the fewest candidates."""
    facts, start, rules = columns.openings.facts, columns.openings.start[o], columns.rules
    sizes, titled, best, fewest = columns.seekers.list_size, 0, -1, 0
    for way in range(BY_NO_TITLES + 1):
        if way > 0:
            titled += sizes[_added_list(facts, start, way)]
        need = rules.need[named, way, level]
        if need == 0:  # this way misses some who share nothing
            continue
        found = titled + (scratch.sizes[skills - need] if need <= skills else 0)
        if rules.bare[named, way, level]:
            found += sizes[WITHOUT_SKILLS]
        if best < 0 or found < fewest:
            best, fewest = way, found
    return best


@inner
def _added_list(facts: I32, start: int, way: int) -> int:
    """The list that this way has and the one before it has not."""
    if way == BY_OCCUPATION:
        return facts[start + TITLE] * STRIDE + OCCUPATION
    return facts[start + TITLE + 1] * STRIDE + GROUP if way == BY_GROUP else WITHOUT_TITLE


@inner
def _tally_seekers(columns: FitColumns, scratch: Scratch, o: int, way: int, finding: int, last: int) -> None:
    """Tally by the lists that find seekers, and by others while that is less work than to look."""
    facts, start, sizes, side = (
        columns.openings.facts,
        columns.openings.start[o],
        columns.seekers.list_size,
        columns.seekers,
    )
    skills, found = facts[start + PLACES] - SKILLS, scratch.sizes[finding - 1] if finding > 0 else 0
    for at in range(skills, last):
        found += sizes[scratch.lists[at]]
        if scratch.lists[at] != WITHOUT_SKILLS:
            _add(side, scratch.tally, scratch.lists[at], _tally_of(scratch.lists[at]))
    _add(side, scratch.tally, WITHOUT_SKILLS, OFFERS_NONE)
    while way < BY_NO_TITLES and sizes[_added_list(facts, start, way + 1)] <= columns.look * found:
        way += 1
        _add(side, scratch.tally, _added_list(facts, start, way), _tally_of(_added_list(facts, start, way)))
    walked = 0
    while walked < skills and (walked < finding or sizes[scratch.lists[walked]] <= columns.look * found):
        _add(side, scratch.tally, scratch.lists[walked], ONE)
        walked += 1
    # The lists of skills that were not walked may each tell of one more.
    _set_least_of_opening(columns.rules, scratch.least, way, skills, facts[start + LEVEL], skills - walked)


@inner
def _lists_of_seeker(columns: FitColumns, scratch: Scratch, row: int) -> int:
    """Put the lists to walk into `scratch.lists`; how many they are. They have the numbers of the seeker's keys."""
    facts, start = columns.seekers.facts, columns.seekers.start[row]
    bare, last, base = facts[start + PLACES] == SKILLS, 0, 0
    for at in range(start + facts[start], start + columns.seekers.size[row]):
        key = facts[at]
        if key == WITHOUT_TITLE:
            key, base = WITHOUT_SKILLS, SEEKS_NONE >> 8
        elif key == WITHOUT_SKILLS:
            key = WITHOUT_TITLE
        scratch.lists[last] = key
        last += 1
    _set_least_of_seeker(columns.rules, scratch.least, facts[start + LEVEL], bare, base)
    return last


@inner
def _set_least_of_seeker(rules: Rules, least: U8, sought: int, bare: bool, base: int) -> None:
    """By the opening's shape, and what the lists told of its title; `base` holds for all."""
    for shape in range(rules.value.shape[0] * 2 * LEVELS):
        between, titled, named = level_between(shape % LEVELS, sought), shape // LEVELS % 2, shape // LEVELS // 2
        for told in range(TITLE_BITS):
            found_by = _strategy_finding(told | base, BY_NO_TITLES) if titled else BY_SKILLS_UNTITLED
            need = rules.need[named, found_by, between]
            if bare and named > 0:
                need = 0 if rules.bare[named, found_by, between] else NEVER
            least[shape * TITLE_BITS + told] = need
