"""What a caller may see of paths and suggestions.

A seeker sees bands and never scores, and of a path with one between only the introducer. The operator sees the numbers.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.matching.rules.ask_next import RatingCandidate
from services.matching.rules.network import Network
from services.matching.rules.numbers import whole_percent
from services.matching.rules.paths import Ask, Label, Path
from services.matching.rules.questions import Beside, Explanation, LeftThere
from services.matching.rules.reasons import reasons
from services.matching.rules.suggestions import Introducer
from shared.events.suggestions import Opening

Band = Literal["strong", "good", "faint"]
STRONG_FROM, GOOD_FROM = 0.15, 0.05

RULES = {
    "not_seeking": "Nothing is being looked for at the moment.",
    "closed": "The opening is closed.",
    "expired": "The opening is past its last day.",
    "not_vouched": "Nobody vouches for the organisation that posted it, and the search is discreet.",
    "workplace": "Its workplace is not among those accepted in the search.",
    "place": "It is at none of the places of the search.",
    "own_employer": "It is at the present employer.",
    "blocked_company": "It is at a company that the search blocks.",
    "level": "Its level is three or more away from that of the search.",
    "pay": "Its highest pay is below the least of the search.",
    "opening_names_nothing": "The opening names no skill and no job title that is known.",
    "seeker_names_nothing": "Profile and search name no skill and no job title that is known.",
    "fit": "It fits by less than half.",
    "no_path": "It fits, but there is no path to anybody there yet.",
}
"""Each rule in words. None says anything about anybody but the seeker and the opening."""

NO_PATH = {
    "nobody": "There is no path to anybody there yet.",
    "left": "There is no path to anybody there yet. These people left there more than three years ago; they may still "
    "know somebody.",
}

ASK_NEXT_SAYS = {
    "some": "Saying how well you know these people would help most with the openings that fit you now.",
    "none": "Rating one more contact would not help with any opening that fits you now.",
}


class PathView(BaseModel):
    """A path. Only operators see `score`, and `insider_id` of a path with one between."""

    introducer_id: str
    direct: bool
    band: Band
    label: Label
    ask: Ask
    reasons: tuple[str, ...]
    insider_id: str | None = None
    score: float | None = None


class LeftThereView(BaseModel):
    """Somebody the member knows who left the company more than three years ago. Only operators see the day."""

    person_id: str
    left: date | None = None


class PathsView(BaseModel):
    """The paths of a member into a company, best first. Without any: why, and at most five people who left there."""

    company: str
    reason: str | None = None
    paths: list[PathView]
    left_there: list[LeftThereView]


class SuggestionView(BaseModel):
    """A suggestion. `fit` is in percent; only operators see `exact_fit`."""

    fit: int
    exact_fit: float | None = None
    paths: list[PathView]


class FitPartView(BaseModel):
    """One part of a fit: its weight, its value from 0 to 1, and why."""

    name: Literal["skills", "title", "level"]
    weight: float
    value: float
    says: str


class ExplanationView(BaseModel):
    """The suggestion, or the rule that ruled it out: `rule` for programs, `reason` for people.

    `fit_parts`: how the fit comes about, where it was computed; the fit is their weighted mean. `matched`, `missing`:
    the opening's skills, in its own words, that the seeker names or does not.
    """

    seeker_id: str
    posting_id: str
    suggestion: SuggestionView | None
    rule: str | None = None
    reason: str | None = None
    fit: int | None = None
    fit_parts: list[FitPartView] = []
    opening: Opening | None = None
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class RatingCandidateView(BaseModel):
    """A contact worth rating. Only operators see `gain`: to a member it would reveal what others stated."""

    person_id: str
    gain: float | None = None


class AskNextView(BaseModel):
    """Whom to rate next, most useful first, and why in words."""

    says: str
    taps: list[RatingCandidateView]


class SuggestionsCountView(BaseModel):
    """How many seekers have a suggestion for an opening, as of its `version`."""

    posting_id: str
    suggestions: int
    version: int


class BookView(BaseModel):
    """What the matcher has read of a member's address book, on its `day`: profiles tells the same of what it published.

    `ties` of the member's own side, the records of `people` who are no members, and the sum of their `versions`.
    """

    member_id: str
    ties: int
    people: int
    versions: int
    day: date | None


class ReachView(BaseModel):
    """How many seekers an opening reaches, secrets aside."""

    posting_id: str
    seekers: int


def band(score: float) -> Band:
    """Section 5: "strong" from 0.15, "good" from 0.05, else "faint"."""
    if score >= STRONG_FROM:
        return "strong"
    return "good" if score >= GOOD_FROM else "faint"


def path_view(path: Path | Introducer, why: tuple[str, ...], *, numbers: bool) -> PathView:
    """One path; with `numbers`, as operators see it."""
    direct = path.introducer == path.insider
    return PathView(
        introducer_id=path.introducer,
        direct=direct,
        band=band(path.score),
        label=path.label,
        ask=path.ask,
        reasons=why,
        insider_id=path.insider if numbers or direct else None,
        score=path.score if numbers else None,
    )


def paths_view(
    network: Network, person: str, company: str, found: tuple[list[Path], list[LeftThere]], *, numbers: bool
) -> PathsView:
    """The answer to `paths`."""
    paths, left = found
    views = [path_view(path, reasons(network, person, path.introducer), numbers=numbers) for path in paths]
    reason = None if paths else NO_PATH["left" if left else "nobody"]
    former = [LeftThereView(person_id=one.person, left=one.left if numbers else None) for one in left]
    return PathsView(company=company, reason=reason, paths=views, left_there=former)


def ask_next_view(taps: Iterable[RatingCandidate], *, seeks: bool, numbers: bool) -> AskNextView:
    """The answer to `ask_next`."""
    views = [RatingCandidateView(person_id=tap.contact, gain=tap.gain if numbers else None) for tap in taps]
    if views:
        return AskNextView(says=ASK_NEXT_SAYS["some"], taps=views)
    return AskNextView(says=ASK_NEXT_SAYS["none"] if seeks else RULES["not_seeking"], taps=[])


def explanation_view(
    seeker: str,
    posting: str,
    found: Explanation,
    beside: Beside | None = None,
    *,
    numbers: bool,
) -> ExplanationView:
    """The answer to `explain`. `beside`: the opening beside what the seeker names."""
    view = None
    if found.suggestion is not None:
        made = found.suggestion
        paths = [path_view(path, path.reasons, numbers=numbers) for path in made.paths]
        view = SuggestionView(fit=whole_percent(made.fit), exact_fit=made.fit if numbers else None, paths=paths)
    return ExplanationView(
        seeker_id=seeker,
        posting_id=posting,
        suggestion=view,
        rule=found.rule,
        reason=None if found.rule is None else RULES[found.rule],
        fit=None if found.fit is None else whole_percent(found.fit),
        fit_parts=[FitPartView(**part._asdict()) for part in found.parts],
        opening=None if beside is None else beside.head,
        matched=() if beside is None else beside.matched,
        missing=() if beside is None else beside.missing,
    )
