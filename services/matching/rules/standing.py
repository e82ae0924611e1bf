"""Standing of an insider (section 3): how well placed somebody is at the company, and in what role."""

import math
from datetime import date

from services.matching.domain import Job, Opening, Person
from services.matching.rules.numbers import factor, years_since
from shared.resolution import Title

YEARS_AFTER_LEAVING = 3
SAME_OCCUPATION = 1.0
SAME_GROUP = 0.85
RECRUITING = 0.85
OTHER_ROLE = 0.6


def standing_for(person: Person, opening: Opening, today: date) -> float:
    """Standing towards an opening; 0 for no insider. The hiring contact, a member, has 1.0 wherever they work."""
    if person.member and person.id == opening.hiring_contact:
        return 1.0
    return max(
        (
            factor(presence(job, person, today) * role(job.title, opening.title))
            for job in person.jobs
            if job.company == opening.company
        ),
        default=0.0,
    )


def standing_at(person: Person, company: str, today: date) -> float:
    """Standing at a company regardless of any opening (section 6): role 1.0, no hiring contact."""
    return max((factor(presence(job, person, today)) for job in person.jobs if job.company == company), default=0.0)


def left_long_ago(person: Person, company: str, today: date) -> date | None:
    """The last day of somebody who was at a company and is no insider any more: it is more than three years ago."""
    jobs = [job for job in person.jobs if job.company == company and job.counts(today)]
    if any(presence(job, person, today) > 0 for job in jobs):
        return None
    return max((job.end for job in jobs if job.end is not None), default=None)


def presence(job: Job, person: Person, today: date) -> float:
    """There now: 1.0, a contact's fades since an import last showed it; left y years ago: 0.5 · 2^(-y), 0 after 3."""
    if not job.counts(today):
        return 0.0
    if job.current(today):
        if person.member or job.seen is None:
            return 1.0
        return max(0.5, math.pow(2.0, -years_since(job.seen, today) / 4))
    assert job.end is not None  # noqa: S101 - what has started and is not current has ended
    years = years_since(job.end, today)
    return 0.0 if years > YEARS_AFTER_LEAVING else 0.5 * math.pow(2.0, -years)


def role(held: Title | None, sought: Title | None) -> float:
    """How near the insider's role is to the opening's. Recruiting is near to every role, an unknown role to none."""
    if held is None:
        return OTHER_ROLE
    if sought is not None and held.occupation == sought.occupation:
        return SAME_OCCUPATION
    if sought is not None and held.group == sought.group:
        return SAME_GROUP
    return RECRUITING if held.recruiting else OTHER_ROLE
