"""The tables of fit: every possible fit, computed once by the rules, and what the search may rely on."""

from functools import cache
from itertools import product

import numpy as np

from services.matching.domain import LEVELS
from services.matching.kernels.fit import layout as at
from services.matching.kernels.fit.layout import Rules
from services.matching.kernels.storage.arrays import U8, U16
from services.matching.rules import fit as plain

_TITLES = {
    at.SAME: plain.SAME_OCCUPATION,
    at.NEAR: plain.SAME_GROUP,
    at.OTHER: plain.ANOTHER_GROUP,
    at.NO_TITLES: plain.NOT_NAMED,
    at.UNTITLED: None,
}
_MISSED = {
    at.BY_SKILLS: [at.SAME, at.NEAR, at.OTHER, at.NO_TITLES],
    at.BY_OCCUPATION: [at.NEAR, at.OTHER, at.NO_TITLES],
    at.BY_GROUP: [at.OTHER, at.NO_TITLES],
    at.BY_NO_TITLES: [at.OTHER],
    at.BY_SKILLS_UNTITLED: [at.UNTITLED],
}
"""By strategy, the kinds of seekers that only lists of skills can find."""


@cache
def rules() -> Rules:
    """The tables.

    Raises:
        ValueError: the rule's numbers let somebody fit whom no index of ours finds.
    """
    value = _values()
    need, bare = _needs(value)
    found = need[1:, at.BY_NO_TITLES] > 0, need[1:, at.BY_SKILLS_UNTITLED] > 0, need[0] == at.NEVER
    unskilled = need[0, at.BY_NO_TITLES] == at.NEVER
    if not (found[0].all() and found[1].all() and unskilled.all() and not bare[:, at.BY_NO_TITLES].any()):
        raise ValueError("an opening can fit seekers who share neither a skill nor a title with it: search them all")
    return Rules(value, need, bare)


def _values() -> U16:
    enough = plain.SKILLS_ENOUGH
    value = np.zeros((enough + 1, enough + 2, len(_TITLES), 2 + len(LEVELS)), np.uint16)
    for named, found, nearness, level in product(*map(range, value.shape)):
        if named < found <= enough:
            continue
        if named == 0 and nearness == at.UNTITLED:
            continue
        skills = plain.skills_part(found, named, offers=found <= enough) if named else None
        fit = plain.weighed(skills, _TITLES[nearness], _level(level))
        if level < 2 + plain.LEVELS_APART and plain.fits(fit):
            value[named, found, nearness, level] = round(fit * 10_000)
    return value


def _level(column: int) -> float | None:
    if column == 0:
        return None
    return plain.level_part(0, None if column == 1 else column - 2)


def _needs(value: U16) -> tuple[U8, U8]:
    any_level = value.shape[-1]
    need = np.full((len(value), len(_MISSED), any_level + 1), at.NEVER, np.uint8)
    bare = np.zeros_like(need)
    for named, (way, missed), level in product(range(len(value)), _MISSED.items(), range(any_level + 1)):
        levels = slice(1, None) if level == any_level else slice(level, level + 1)
        enough = value[named][:-1, missed, levels].any(axis=(1, 2))
        if enough.any():
            need[named, way, level] = int(enough.argmax())
        # Who offers no skills and seeks no title fits nothing.
        sought = [kind for kind in missed if kind != at.NO_TITLES]
        bare[named, way, level] = named > 0 and bool(value[named][-1, sought, levels].any())
    return need, bare
