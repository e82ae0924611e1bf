"""The columns that kernels of different concerns share: what each array means, and the bits of the flags.

A person is a dense number from 0 up, given once and never again. "a → b" is the arc of a about b: it is one of a's
arcs, and carries a's own side.
"""

from typing import NamedTuple

from services.matching.kernels.storage.arrays import F64, I32, I64, U8, U16, U32
from services.matching.kernels.storage.blocks import State

NO_ONE = -1
SEVERAL = -1

# Flags of a person.
KNOWN = 1
"""The newest record of them is no tombstone."""
MEMBER = 2
INTRODUCES = 4
SEEKS = 8
"""A member who seeks something."""
DISCREET = 16
"""Nobody in the family of their employer is on their paths. Also set for those who seek nothing (section 6)."""
BLOCKS = 32
"""A seeker who blocks some company: nobody who works in its family is on their paths, discreet or not."""

# Flags of an arc a → b.
TIED = 1
"""There is a tie by the rules (section 2). Without it only RECORD, RECORD_BACK and BLOCKED may be set."""
WARM = 2
"""Its firmness from a's side is 0.30 or more."""
OWN = 4
"""a has own evidence about b."""
THEIRS = 8
"""b has own evidence about a."""
ASYMMETRIC = 16
"""From b's side it has other strengths, or is warm where it is not from a's: the arc back says which."""
BLOCKED = 32
"""a or b, being a member, wants no path with both on it."""
RECORD = 64
"""There is a record a:b, even an empty one."""
RECORD_BACK = 128
"""There is a record b:a, even an empty one."""

ASKABLE = TIED | WARM | OWN | THEIRS
"""With all of these, a may have a warm path through b."""

FRONT = WARM | ASYMMETRIC
"""With either, an arc is in the first part of its block."""


class People(NamedTuple):
    """By person. `help` is H in ten-thousandths. The jobs of p are rows `job_start[p]` … `+ job_size[p]` of `Jobs`.

    `employer` is the company + 1 of somebody's only job, 0 without a job, and SEVERAL for those with more than one.
    """

    flags: U8
    help: U16
    job_start: I64
    job_size: I32
    employer: I32


class Jobs(NamedTuple):
    """Employments, by row. `occupation` and `group` are -1 where the title is not known.

    `family` is the company's topmost known owner, a number of a company, too. `presence` is `rules.standing.presence`
    today, the same double; `current` is 1 where the person works there today.
    """

    company: I32
    occupation: I32
    group: I32
    recruiting: U8
    presence: F64
    current: U8
    family: I32


class Arcs(NamedTuple):
    """Ties as arcs, both ways.

    Person p's are at `start[p]` … `+ size[p]`; the first `front[p]` of them are those that are WARM or ASYMMETRIC, then
    come all others; each part is in ascending order of `other`. So a tie that is warm from either side is in the first
    part of both ends.

    An arc whose flags are 0 is the tombstone of a record a:b: only its version counts, and it needs no arc back.
    `mutual` is m of section 2: how many members are tied to both ends, even where these have so few ties that m does
    not count; 0 where it is no tie between members. `friends[p]` counts the members tied to p.

    `own_hint[p]` has the bits of every company at which p ever has a job (`columns.company_hints`). As long as there is
    an arc back, the arc a → b carries b's as its `hint`: so a walk over somebody's arcs tells who cannot be at a
    company without reading the far ends. Not everybody it lets through is there.
    """

    other: I32
    code: U32
    """The evidence of a about b, a row of the evidence table; 0 without a record or with an empty one."""
    version_low: U32
    version_high: U16
    """Version of the record a:b (48 bits, larger ones in `columns.ties`); 0xFFFF_FFFF_FFFF if there never was one."""
    strength: U16
    """Both strengths from a's side, in one (`graph.strength`); 0 without TIED."""
    flags: U8
    mutual: U32
    hint: U8
    start: I64
    size: I32
    front: I32
    room: I32
    friends: I32
    own_hint: U8
    state: State
    """Of the allocator of blocks; `other` links its free ones."""
