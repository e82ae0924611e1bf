"""Fit of a seeker to an opening (section 4): what must hold, and how well it fits."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from services.matching.domain import Opening, Person, Search
from services.matching.rules.numbers import factor
from shared.events.postings import Workplace
from shared.resolution import Place, Title

FITS_FROM = 0.50
SKILLS_WEIGH, TITLE_WEIGHS, LEVEL_WEIGHS = 0.60, 0.25, 0.15
SAME_OCCUPATION, SAME_GROUP, ANOTHER_GROUP = 1.0, 0.5, 0.0
LEVELS_APART = 3
SKILLS_LEAST, SKILLS_ENOUGH = 3, 8
"""One or two skills prove little: an opening that names fewer than three is read as if it named three."""
NOT_NAMED = 0.5
"""What counts for something the opening names and the seeker does not."""


def first_ruled_out(seeker: Person, opening: Opening, today: date) -> str | None:
    """The first requirement that does not hold, by name, in the order of the rules; None when all hold."""
    search = _search(seeker)
    checks = (
        ("closed", opening.open),
        ("expired", opening.valid_through is None or today <= opening.valid_through),
        ("not_vouched", opening.vouched or not search.discreet),
        ("workplace", not search.workplaces or opening.workplace in search.workplaces),
        ("place", places_agree(opening, search.places)),
        ("own_employer", opening.company not in seeker.employers(today)),
        ("blocked_company", opening.family not in search.blocked),
        ("level", opening.level is None or search.level is None or abs(opening.level - search.level) < LEVELS_APART),
        ("pay", pay_is_enough(opening, search)),
    )
    return next((name for name, holds in checks if not holds), None)


def _search(seeker: Person) -> Search:
    assert seeker.search is not None  # noqa: S101 - only seekers are asked about
    return seeker.search


def places_agree(opening: Opening, sought: Iterable[Place]) -> bool:
    """Either names none; remote: the same country; else the same country, and the same city where both name one."""
    sought = frozenset(sought)
    if not opening.places or not sought:
        return True
    remote = opening.workplace is Workplace.REMOTE
    return any(_same_place(place, wish, remote) for place in opening.places for wish in sought)


def _same_place(place: Place, wish: Place, remote: bool) -> bool:
    if place.country != wish.country:
        return False
    return remote or place.city is None or wish.city is None or place.city == wish.city


def pay_is_enough(opening: Opening, search: Search) -> bool:
    """If both name pay in one currency and period: the opening's top >= the seeker's least; no top passes."""
    offered, least = opening.pay, search.pay
    if offered is None or least is None or offered.max is None:
        return True
    if (offered.currency, offered.period) != (least.currency, least.period):
        return True
    return offered.max >= least.min


def fit(seeker: Person, opening: Opening, today: date) -> float:
    """(0.60 · skills + 0.25 · title + 0.15 · level) / the weights used, without what the opening does not name.

    0 where either side has neither skills nor a known title: that fits nothing.
    """
    search = _search(seeker)
    skills = seeker.skills | search.skills
    titles = titles_sought(seeker, today)
    if (not opening.skills and opening.title is None) or (not skills and not titles):
        return 0.0
    return weighed(
        skills_part(len(opening.skills & skills), len(opening.skills), offers=bool(skills)) if opening.skills else None,
        None if opening.title is None else _title(opening.title, titles),
        None if opening.level is None else level_part(opening.level, search.level),
    )


def weighed(skills: float | None, title: float | None, level: float | None) -> float:
    """The weighted parts; None is one that the opening does not name. It names at least skills or a title."""
    total, weights = 0.0, 0.0
    if skills is not None:
        total += SKILLS_WEIGH * skills
        weights += SKILLS_WEIGH
    if title is not None:
        total += TITLE_WEIGHS * title
        weights += TITLE_WEIGHS
    if level is not None:
        total += LEVEL_WEIGHS * level
        weights += LEVEL_WEIGHS
    return factor(total / weights)


class FitPart(NamedTuple):
    """How much one part counts towards a fit, its value from 0 to 1, and why, to the seeker."""

    name: Literal["skills", "title", "level"]
    weight: float
    value: float
    says: str


def fit_parts(seeker: Person, opening: Opening, today: date) -> tuple[FitPart, ...]:
    """How a fit comes about: what the opening names, in the order of the rules."""
    search, found = _search(seeker), list[FitPart]()
    if opening.skills:
        skills = seeker.skills | search.skills
        both = sorted(opening.skills & skills)
        value = skills_part(len(both), len(opening.skills), offers=bool(skills))
        found.append(FitPart("skills", SKILLS_WEIGH, value, _skills_say(both, opening, bool(skills))))
    if opening.title is not None:
        value = _title(opening.title, titles_sought(seeker, today))
        found.append(FitPart("title", TITLE_WEIGHS, value, _TITLE_SAYS[value, bool(titles_sought(seeker, today))]))
    if opening.level is not None:
        value = level_part(opening.level, search.level)
        found.append(FitPart("level", LEVEL_WEIGHS, value, _level_says(opening.level, search.level)))
    return tuple(found)


def _skills_say(both: list[str], opening: Opening, offers: bool) -> str:
    if not offers:
        return "you name no skills, which counts half of what all would"
    named = len(opening.skills)
    told = f"{len(both)} of the {named} skills it names" + (f": {', '.join(both)}" if both else "")
    return f"{told}; fewer than {SKILLS_LEAST} prove little" if named < SKILLS_LEAST else told


_TITLE_SAYS = {
    (SAME_OCCUPATION, True): "the kind of job that you look for",
    (SAME_GROUP, True): "a kind of job near one that you look for",
    (ANOTHER_GROUP, True): "another kind of job than those you look for",
    (NOT_NAMED, False): "you name no job title that is known, which counts half",
}
"""By the value, and whether the seeker names a known title."""


def _level_says(named: int, sought: int | None) -> str:
    if sought is None:
        return "you name no level, which counts half"
    apart = abs(named - sought)
    return f"{apart} level{'s' if apart > 1 else ''} from the one you look for" if apart else "the level you look for"


def fits(value: float) -> bool:
    """Whether a fit is enough."""
    return value >= FITS_FROM


def titles_sought(seeker: Person, today: date) -> tuple[Title, ...]:
    """The known titles sought; those held now only when the list sought is empty."""
    search = _search(seeker)
    if search.names_titles:
        return search.titles
    return tuple(job.title for job in seeker.jobs if job.title is not None and job.current(today))


def skills_part(found: int, named: int, *, offers: bool) -> float:
    """How many of the skills named were found; `offers`: the seeker names any at all, else all count half."""
    enough = min(max(named, SKILLS_LEAST), SKILLS_ENOUGH)
    return min(1.0, found / enough) if offers else NOT_NAMED * min(1.0, named / enough)


def _title(named: Title, sought: tuple[Title, ...]) -> float:
    if not sought:
        return NOT_NAMED
    return max(_nearness(named, title) for title in sought)


def _nearness(named: Title, title: Title) -> float:
    if named.occupation == title.occupation:
        return SAME_OCCUPATION
    return SAME_GROUP if named.group == title.group else ANOTHER_GROUP


def level_part(named: int, sought: int | None) -> float:
    """1, less a third for each level apart."""
    return NOT_NAMED if sought is None else 1 - abs(named - sought) / LEVELS_APART


def skills_named(seeker: Person, opening: Opening) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The skills of an opening that a seeker names, and those that they do not, in the opening's words."""
    skills = seeker.skills | (seeker.search.skills if seeker.search else frozenset())
    matched = tuple(text for text, found in opening.named if not skills.isdisjoint(found))
    return matched, tuple(text for text, _ in opening.named if text not in matched)
