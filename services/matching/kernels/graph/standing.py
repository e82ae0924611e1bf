"""The standing of an insider (section 3)."""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.layout import Jobs, People
from services.matching.kernels.graph.numbers import ten_thousandths
from services.matching.kernels.storage.arrays import F64

SAME_OCCUPATION, SAME_GROUP, RECRUITING, OTHER = range(4)
"""Entries of the table of roles, which `columns.people` makes from the rules."""


@lean
def standing(jobs: Jobs, people: People, p: int, company: int, occupation: int, group: int, roles: F64) -> int:
    """The standing of p at a company in ten-thousandths, best over their jobs there; 0 for no insider.

    `roles` is `columns.people.ROLES` towards an opening, whose `occupation` and `group` are -1 without a known title;
    `columns.people.ANY_ROLE` where no opening is meant. The caller sees to the hiring contact.
    """
    best = 0
    begin = people.job_start[p]
    for at in range(begin, begin + people.job_size[p]):
        if jobs.company[at] == company:
            value = ten_thousandths(jobs.presence[at] * roles[_role(jobs, at, occupation, group)])
            best = max(best, value)
    return best


@inner
def _role(jobs: Jobs, at: int, occupation: int, group: int) -> int:
    held = jobs.occupation[at]
    if held < 0:
        return OTHER
    if held == occupation:
        return SAME_OCCUPATION
    if jobs.group[at] == group:
        return SAME_GROUP
    return RECRUITING if jobs.recruiting[at] else OTHER


@lean
def works_in_family(jobs: Jobs, people: People, p: int, family: int) -> bool:
    """Whether p works at a company of the family today."""
    begin = people.job_start[p]
    for at in range(begin, begin + people.job_size[p]):  # noqa: SIM110 - compiled
        if jobs.family[at] == family and jobs.current[at]:
            return True
    return False
