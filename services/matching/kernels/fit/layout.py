"""The columns of openings and seekers, and the tables of fit (section 4).

Skills, companies, occupations, groups, countries and cities are dictionary numbers, -1 where there is none. Days are
ordinals. Both sides use the same dictionaries.
"""

from typing import NamedTuple

from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16
from services.matching.kernels.storage.lists import Lists

ONSITE, HYBRID, REMOTE = 1, 2, 4
"""Workplaces, as bits."""

ALWAYS = (1 << 31) - 1
"""A day after all others, for what has no last day."""

# Lists are numbered word · STRIDE + kind, so that one pool holds all lists of one side.
STRIDE = 4
SKILL, OCCUPATION, GROUP, WITHOUT = range(STRIDE)
"""Those who name a skill; whose title, or a title they seek, is this one or of this group."""
WITHOUT_TITLE = WITHOUT
"""The list of all that name no title, and of seekers of skills who may have none on some day."""
WITHOUT_SKILLS = STRIDE + WITHOUT
"""The list of all that name no skills."""

# A tally of the lists somebody is in: how many skills are shared in the low byte, and these bits above it. The contract
# bounds an opening's skills by 100, so the low byte does not overflow.
ONE = 1
OF_OCCUPATION, OF_GROUP, SEEKS_NONE, OFFERS_NONE = 1 << 8, 2 << 8, 4 << 8, 8 << 8

# The facts of an opening or a seeker are a block of `storage.fact_rows`. Both begin alike:
LEVEL = 1
"""Its rank + 1; 0 where none is named."""
WORKPLACES = 2
"""The bit of the opening's, or those that the seeker accepts; 0: any."""
PAY = 3
"""A number for currency and period, + 1; 0 where none is named."""
PLACES = 5
"""Where skills end and places begin, which are country and city in turn."""
VOUCHED = 9
"""1 where somebody vouches for the opening, or where the seeker requires that."""
FAMILY = 10
"""Of the opening's company; -1 in a seeker's."""
SKILLS = 11
"""The first skill."""

# Those of an opening: skills, places, keys.
LAST_DAY = 4
"""0 while it is not open."""
COMPANY = 6
TITLE = 7
"""Occupation, and after it group."""

# Those of a seeker: skills, places, families blocked, titles sought (occupation and group in turn), jobs, keys.
NAMES_TITLES = 4
"""1 where titles are sought, known or not, so that those of jobs do not count."""
BLOCKED = 6
TITLES = 7
JOBS = 8

JOB = 5
"""Numbers of a job: company, occupation, group, its first day, the day it ended."""

# Nearness of the opening's title to those sought.
SAME, NEAR, OTHER, NO_TITLES, UNTITLED = range(5)
"""Same occupation, same group, neither; none is sought; the opening names none."""

# Strategies to find candidates: by skills alone; the others add those of the occupation, of the group, without titles.
BY_SKILLS, BY_OCCUPATION, BY_GROUP, BY_NO_TITLES, BY_SKILLS_UNTITLED = range(5)

NEVER = 255


LEVELS = 8
"""What LEVEL can be."""


def shape_of(named: int, titled: bool, level: int) -> int:
    """The number of a kind of opening: skills named (up to those that are enough), a title or none, and LEVEL."""
    return (named * 2 + titled) * LEVELS + level


class OpeningColumns(NamedTuple):
    """By opening. `top` is of the pay, infinite where it has none. Only open ones are in `listed`.

    `facts` repeats what is in the other columns, so that everything fit reads is in one place. `shape` sums up what
    decides how many skills somebody needs, see `shape_of`.
    """

    open: U8
    company: I32
    occupation: I32
    group: I32
    hiring: I32
    valid_through: I32
    top: F64
    facts: Lists
    listed: Lists
    shape: U8


class SeekerColumns(NamedTuple):
    """By row, from 1 up; `row_of[person]` is 0 for somebody who does not seek. `least` is of the pay they want.

    `facts` repeats what is in `level`. A row is in the lists of every title that may be sought from the day of its
    record on.
    """

    row_of: I32
    person_of: I32
    least: F64
    level: U8
    facts: Lists
    listed: Lists


class Rules(NamedTuple):
    """Fit in ten-thousandths, 0 where it is too low, computed beforehand by `rules.fit`.

    `value[named, found, nearness, level]`: `named` up to those that are enough, as many `found` at most, the last entry
    of `found` where the seeker offers none; `level`: 0 the opening names none, 1 the seeker names none, else 2 + how
    far they are apart.

    `need[named, strategy, level]`: how many skills must be found, at the least, for a seeker who offers any and whom
    the other lists of this strategy do not find; NEVER where no number is enough. `bare`: 1 where such a seeker who
    offers none can fit. The last entry of their `level` is for an opening that names one, and any level sought.
    """

    value: U16
    need: U8
    bare: U8


class Side(NamedTuple):
    """Openings or seekers, as the search reads them: facts, pay, and lists."""

    facts: I32
    start: I64
    size: I32
    pay: F64
    listed: I32
    list_start: I64
    list_size: I32


class FitColumns(NamedTuple):
    """Everything fit depends on, except the day. Judging somebody costs as much as reading `look` entries of a list."""

    rules: Rules
    openings: Side
    seekers: Side
    shape: U8
    level: U8
    row_of: I32
    person_of: I32
    look: int


class Scratch(NamedTuple):
    """Room for one search. `marks` (by skill) and `tally` (by row or opening) are 0 between searches.

    `lists` has the numbers of the lists that are read; `least` is how many skills make somebody worth judging.
    `found` and `values` are the answer.
    """

    found: I32
    values: U16
    tally: U16
    marks: U8
    least: U8
    lists: I32
    sizes: I64
