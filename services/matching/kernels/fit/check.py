"""Fit of one seeker to one opening (section 4): the values are those of `rules.fit`, from a table."""

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.fit.layout import (
    BLOCKED,
    COMPANY,
    FAMILY,
    JOB,
    JOBS,
    LAST_DAY,
    LEVEL,
    NAMES_TITLES,
    NEAR,
    NO_TITLES,
    OTHER,
    PAY,
    PLACES,
    REMOTE,
    SAME,
    SKILLS,
    TITLE,
    TITLES,
    UNTITLED,
    VOUCHED,
    WORKPLACES,
    FitColumns,
)
from services.matching.kernels.storage.arrays import I32


@lean
def fit_one(columns: FitColumns, o: int, row: int, today: int) -> int:
    """The fit in ten-thousandths of the seeker of a row; 0 where it does not fit, or the row is 0."""
    if row == 0:
        return 0
    openings, seekers, found = columns.openings.facts, columns.seekers.facts, 0
    start, begin = columns.openings.start[o], columns.seekers.start[row]
    for at in range(start + SKILLS, start + openings[start + PLACES]):
        for by in range(begin + SKILLS, begin + seekers[begin + PLACES]):
            found += openings[at] == seekers[by]
    return fit_with_skills(columns, o, row, found, today)


@shared
def fit_with_skills(columns: FitColumns, o: int, row: int, found: int, today: int) -> int:
    """The fit of a seeker who has `found` of the skills that an opening names."""
    openings, seekers, value = columns.openings.facts, columns.seekers.facts, columns.rules.value
    start, begin = columns.openings.start[o], columns.seekers.start[row]
    offers = seekers[begin + PLACES] > SKILLS
    nearness = _nearest(seekers, begin, openings[start + TITLE], openings[start + TITLE + 1], today)
    if nearness == NO_TITLES and not offers:
        return 0
    if openings[start + TITLE] < 0:
        nearness = UNTITLED
    named = min(openings[start + PLACES] - SKILLS, value.shape[0] - 1)
    known = min(found, named) if offers else value.shape[0]
    # A level is one of seven by the contract: at most six apart.
    fit = value[named, known, nearness, level_between(openings[start + LEVEL], seekers[begin + LEVEL])]
    if fit == 0 or today > openings[start + LAST_DAY] or _pay_is_too_low(columns, o, row):
        return 0
    return 0 if _ruled_out(openings, start, seekers, begin, today) else int(fit)


@inner
def level_between(named: int, sought: int) -> int:
    """The index of `Rules.value` for two levels."""
    if named == 0:
        return 0
    return 1 if sought == 0 else 2 + abs(named - sought)


@inner
def _nearest(seekers: I32, begin: int, occupation: int, group: int, today: int) -> int:
    nearest = NO_TITLES
    if seekers[begin + NAMES_TITLES]:
        for at in range(begin + seekers[begin + TITLES], begin + seekers[begin + JOBS], 2):
            nearest = min(nearest, _nearness(seekers[at], seekers[at + 1], occupation, group))
        return nearest
    for at in range(begin + seekers[begin + JOBS], begin + seekers[begin], JOB):
        if seekers[at + 1] >= 0 and seekers[at + 3] <= today < seekers[at + 4]:
            nearest = min(nearest, _nearness(seekers[at + 1], seekers[at + 2], occupation, group))
    return nearest


@inner
def _nearness(occupation: int, group: int, wanted: int, wanted_group: int) -> int:
    if occupation == wanted:
        return SAME
    return NEAR if group == wanted_group else OTHER


@inner
def _pay_is_too_low(columns: FitColumns, o: int, row: int) -> bool:
    openings, seekers = columns.openings, columns.seekers
    named, sought = openings.facts[openings.start[o] + PAY], seekers.facts[seekers.start[row] + PAY]
    return named == sought and named != 0 and openings.pay[o] < seekers.pay[row]


@inner
def _ruled_out(openings: I32, start: int, seekers: I32, begin: int, today: int) -> bool:
    """Whether one of the other conditions fails; level and pay were checked."""
    if seekers[begin + VOUCHED] > openings[start + VOUCHED]:
        return True
    accepted = seekers[begin + WORKPLACES]
    if accepted != 0 and accepted & openings[start + WORKPLACES] == 0:
        return True
    if blocks_family(seekers, begin, openings[start + FAMILY]):
        return True
    if _works_there(seekers, begin, openings[start + COMPANY], today):
        return True
    return not _places_agree(openings, start, seekers, begin)


@inner
def blocks_family(facts: I32, begin: int, family: int) -> bool:
    """Whether the seeker whose facts begin at `begin` blocks the family of companies."""
    for at in range(begin + facts[begin + BLOCKED], begin + facts[begin + TITLES]):  # noqa: SIM110 - compiled
        if facts[at] == family:
            return True
    return False


@inner
def _works_there(facts: I32, begin: int, company: int, today: int) -> bool:
    for at in range(begin + facts[begin + JOBS], begin + facts[begin], JOB):
        if facts[at] == company and facts[at + 3] <= today < facts[at + 4]:
            return True
    return False


@inner
def _places_agree(openings: I32, start: int, seekers: I32, begin: int) -> bool:
    first, last = start + openings[start + PLACES], start + openings[start]
    first_wish, last_wish = begin + seekers[begin + PLACES], begin + seekers[begin + BLOCKED]
    if first == last or first_wish == last_wish:
        return True
    remote = openings[start + WORKPLACES] == REMOTE
    for at in range(first, last, 2):
        for by in range(first_wish, last_wish, 2):
            if openings[at] == seekers[by] and (remote or _same_city(openings[at + 1], seekers[by + 1])):
                return True
    return False


@inner
def _same_city(one: int, other: int) -> bool:
    """Either names none, or both the same."""
    return one < 0 or other < 0 or one == other
