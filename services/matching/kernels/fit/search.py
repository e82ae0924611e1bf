"""All seekers whom an opening fits, and all openings that fit a seeker.

Each of the opening's skills (or the seeker's) has a list of those who share it. Reading the lists tallies how many
skills each one shares, and how near they are by title; only who has enough for some fit is judged.

Not all lists have to be read for that: of those whom no other list of a strategy finds, the rule requires at least
`need` skills. Somebody with `need` of the opening's n skills lacks n - need, so they have one of any n - need + 1 of
them: the lists of the rarest so many find them. The long lists of common skills only add to the tally. Who offers no
skills is found by title, or by offering none.
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
"""How many combinations there are of the bits of a tally."""

TITLE_BITS = 4
"""How many of these there are of an opening's title."""


@lean
def fitting_seekers(columns: FitColumns, scratch: Scratch, o: int, rows: int, today: int) -> int:
    """Find the seekers, of those below `rows`, whom an opening fits; returns how many.

    They, as people, and their fits are at the beginning of `scratch`.
    """
    facts, start, count = columns.openings.facts, columns.openings.start[o], 0
    if today > facts[start + LAST_DAY]:
        return 0
    skills = facts[start + PLACES] - SKILLS
    strategy, finding, last = _lists_of_opening(columns, scratch, o, skills)
    _tally_seekers(columns, scratch, o, strategy, finding, last)
    for at in range(last):
        if at < finding or at >= skills:
            count = _sift_list(columns.seekers, columns.level, scratch, scratch.lists[at], count, LIST_BITS)
    scratch.tally[:rows] = 0
    return _keep_seekers(columns, scratch, o, count, today)


@lean
def fitting_openings(columns: FitColumns, scratch: Scratch, row: int, rows: int, today: int) -> int:
    """Find the openings, of those below `rows`, that fit the seeker of a row; returns how many.

    They and their fits are at the beginning of `scratch`.
    """
    if row == 0:
        return 0
    last, count, entries = _lists_of_seeker(columns, scratch, row), 0, 0
    for at in range(last):
        entries += columns.openings.list_size[scratch.lists[at]]
        _add(columns.openings, scratch.tally, scratch.lists[at], _tally_of(scratch.lists[at]))
    if entries > rows // 3:  # reading all in order is three times as fast per entry
        count = _sift_all(columns.shape, scratch, rows, TITLE_BITS)
    else:
        for at in range(last):
            count = _sift_list(columns.openings, columns.shape, scratch, scratch.lists[at], count, TITLE_BITS)
    return _keep_openings(columns, scratch, row, count, today)


@inner
def _sift_list(side: Side, kinds: U8, scratch: Scratch, number: int, count: int, stride: int) -> int:
    """Add those of a list who have enough to the first `count` of `scratch.found`, each once; returns the new count."""
    first = side.list_start[number]
    for at in range(first, first + side.list_size[number]):
        who = side.listed[at]
        bits = scratch.tally[who]
        least = scratch.least[kinds[who] * stride + (bits >> 8) % stride]
        scratch.tally[who], scratch.found[count] = 0, who
        count += (bits != 0) & (bits & 255 >= least)  # 0: met before
    return count


@inner
def _sift_all(kinds: U8, scratch: Scratch, rows: int, stride: int) -> int:
    """The same for everybody."""
    count = 0
    for who in range(rows):
        bits = scratch.tally[who]
        scratch.found[count] = who
        count += bits & 255 >= scratch.least[kinds[who] * stride + (bits >> 8) % stride]
    scratch.tally[:rows] = 0
    return count


@inner
def _keep_seekers(columns: FitColumns, scratch: Scratch, o: int, count: int, today: int) -> int:
    """Keep of the first `count` of `scratch.found` those whom the opening fits; returns how many."""
    facts, start, kept = columns.openings.facts, columns.openings.start[o], 0
    _mark(scratch.marks, facts, start, 1)
    for at in range(count):
        row, ahead = scratch.found[at], scratch.found[min(at + NEAR, count - 1)]
        prefetch(columns.seekers.start, scratch.found[min(at + FAR, count - 1)])
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
    """Keep of the first `count` of `scratch.found` those that fit the seeker; returns how many."""
    facts, begin, kept = columns.seekers.facts, columns.seekers.start[row], 0
    _mark(scratch.marks, facts, begin, 1)
    for at in range(count):
        o, ahead = scratch.found[at], scratch.found[min(at + NEAR, count - 1)]
        prefetch(columns.openings.start, scratch.found[min(at + FAR, count - 1)])
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
def _add(side: Side, tally: U16, number: int, bits: int) -> None:
    first = side.list_start[number]
    for at in range(first, first + side.list_size[number]):
        tally[side.listed[at]] += bits


@inner
def _tally_of(number: int) -> int:
    """What a list adds to the tally of those in it."""
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
    """Put the lists of the skills into `scratch.lists`, the shortest first, and then the others that find seekers.

    Returns the strategy, how many of the first find seekers, and how many lists there are in all.
    """
    facts, start, rules = columns.openings.facts, columns.openings.start[o], columns.rules
    named, level = min(skills, rules.value.shape[0] - 1), rules.value.shape[3] if facts[start + LEVEL] else 0
    _rarest_first(columns, scratch, o, skills)
    strategy = BY_SKILLS_UNTITLED
    if facts[start + TITLE] >= 0:
        strategy = _cheapest_strategy(columns, scratch, o, skills, named, level)
    last = skills
    for step in range(1, strategy + 1 if strategy != BY_SKILLS_UNTITLED else 0):
        scratch.lists[last] = _added_list(facts, start, step)
        last += 1
    if rules.bare[named, strategy, level]:
        scratch.lists[last] = WITHOUT_SKILLS
        last += 1
    return strategy, max(0, skills - rules.need[named, strategy, level] + 1), last


@inner
def _set_least_of_opening(rules: Rules, least: U8, strategy: int, skills: int, level: int, more: int) -> None:
    """Set `least` by the bits of a tally and the level sought; `strategy`: whose lists were read."""
    named = min(skills, rules.value.shape[0] - 1)
    for bits in range(LIST_BITS):
        for sought in range(LEVELS):
            between, found_by = level_between(level, sought), _strategy_finding(bits, strategy)
            need = rules.need[named, found_by, between]
            if bits & OFFERS_NONE >> 8 and named > 0:
                need = 0 if rules.bare[named, found_by, between] else NEVER
            least[sought * LIST_BITS + bits] = need if need == NEVER else max(0, need - more)


@inner
def _strategy_finding(bits: int, strategy: int) -> int:
    """The strategy whose `need` holds for those with these bits; `strategy` for those without any."""
    if bits & OF_OCCUPATION >> 8:
        return BY_SKILLS
    return BY_OCCUPATION if bits & (OF_GROUP | SEEKS_NONE) >> 8 else strategy


@inner
def _rarest_first(columns: FitColumns, scratch: Scratch, o: int, skills: int) -> None:
    """List the opening's skills, the shortest list first, and the total length up to each."""
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
    """The strategy that finds the fewest candidates."""
    facts, start, rules = columns.openings.facts, columns.openings.start[o], columns.rules
    sizes, titled, best, fewest = columns.seekers.list_size, 0, -1, 0
    for strategy in range(BY_NO_TITLES + 1):
        if strategy > 0:
            titled += sizes[_added_list(facts, start, strategy)]
        need = rules.need[named, strategy, level]
        if need == 0:  # this strategy misses some who share nothing
            continue
        found = titled + (scratch.sizes[skills - need] if need <= skills else 0)
        if rules.bare[named, strategy, level]:
            found += sizes[WITHOUT_SKILLS]
        if best < 0 or found < fewest:
            best, fewest = strategy, found
    return best


@inner
def _added_list(facts: I32, start: int, strategy: int) -> int:
    """The list that this strategy adds to those of the one before it."""
    if strategy == BY_OCCUPATION:
        return facts[start + TITLE] * STRIDE + OCCUPATION
    return facts[start + TITLE + 1] * STRIDE + GROUP if strategy == BY_GROUP else WITHOUT_TITLE


@inner
def _tally_seekers(columns: FitColumns, scratch: Scratch, o: int, strategy: int, finding: int, last: int) -> None:
    """Tally the lists that find seekers, and others while reading them saves more judging than it costs."""
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
    while strategy < BY_NO_TITLES and sizes[_added_list(facts, start, strategy + 1)] <= columns.look * found:
        strategy += 1
        _add(side, scratch.tally, _added_list(facts, start, strategy), _tally_of(_added_list(facts, start, strategy)))
    walked = 0
    while walked < skills and (walked < finding or sizes[scratch.lists[walked]] <= columns.look * found):
        _add(side, scratch.tally, scratch.lists[walked], ONE)
        walked += 1
    # Each list of a skill that was not read may hold one more.
    _set_least_of_opening(columns.rules, scratch.least, strategy, skills, facts[start + LEVEL], skills - walked)


@inner
def _lists_of_seeker(columns: FitColumns, scratch: Scratch, row: int) -> int:
    """Put the lists to read into `scratch.lists`; returns how many. They have the numbers of the seeker's keys."""
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
    """Set `least` by the opening's shape and the bits of its title; `base` holds for all."""
    for shape in range(rules.value.shape[0] * 2 * LEVELS):
        between, titled, named = level_between(shape % LEVELS, sought), shape // LEVELS % 2, shape // LEVELS // 2
        for bits in range(TITLE_BITS):
            found_by = _strategy_finding(bits | base, BY_NO_TITLES) if titled else BY_SKILLS_UNTITLED
            need = rules.need[named, found_by, between]
            if bare and named > 0:
                need = 0 if rules.bare[named, found_by, between] else NEVER
            least[shape * TITLE_BITS + bits] = need
