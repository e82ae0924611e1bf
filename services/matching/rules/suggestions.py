"""Suggestions (section 5): for each seeker and opening that fit, the best three introducers and why."""

from collections.abc import Iterator
from typing import NamedTuple

from services.matching.domain import Opening, Person, State
from services.matching.rules.fit import first_ruled_out, fit, fits
from services.matching.rules.network import Network
from services.matching.rules.paths import Ask, InsiderIndex, Label, Path, best_by_introducer, each_path
from services.matching.rules.reasons import reasons
from shared.events.suggestions import Opening as Head

INTRODUCERS = 3

Key = tuple[str, str]
"""(seeker, posting)."""


class Introducer(NamedTuple):
    """One of the best three: the path through them, and the reasons in words."""

    introducer: str
    insider: str
    score: float
    label: Label
    ask: Ask
    reasons: tuple[str, ...]


class Suggestion(NamedTuple):
    """A suggestion with its exact numbers; best introducer first. `head` is what is shown of the opening."""

    seeker: str
    posting: str
    fit: float
    head: Head
    paths: tuple[Introducer, ...]


def fit_of(seeker: Person, opening: Opening, network: Network) -> float | None:
    """The fit of a seeker to an opening, or None where it does not fit."""
    if not seeker.seeks or first_ruled_out(seeker, opening, network.today) is not None:
        return None
    value = fit(seeker, opening, network.today)
    return value if fits(value) else None


def suggestion(network: Network, seeker: Person, opening: Opening, insiders: InsiderIndex) -> Suggestion | None:
    """The suggestion to this seeker for this opening; None if there is none."""
    value = fit_of(seeker, opening, network)
    if value is None:
        return None
    best = introducers(network, seeker, insiders)
    if not best:
        return None
    return Suggestion(
        seeker.id, opening.id, value, opening.head, tuple(_explained(network, seeker, path) for path in best)
    )


def introducers(network: Network, seeker: Person, insiders: InsiderIndex) -> list[Path]:
    """The best three, each with their best path among the direct ones and the warm ones with one between."""
    return best_by_introducer(_suggested_paths(network, seeker, insiders))[:INTRODUCERS]


def has_introducer(network: Network, seeker: Person, insiders: InsiderIndex) -> bool:
    """Whether there is any."""
    return next(_suggested_paths(network, seeker, insiders), None) is not None


def _suggested_paths(network: Network, seeker: Person, insiders: InsiderIndex) -> Iterator[Path]:
    return (path for path in each_path(network, seeker, insiders) if path.direct or path.label == "warm")


def _explained(network: Network, seeker: Person, path: Path) -> Introducer:
    why = reasons(network, seeker.id, path.introducer)
    return Introducer(path.introducer, path.insider, path.score, path.label, path.ask, why)


def all_suggestions(state: State, network: Network | None = None) -> dict[Key, Suggestion]:
    """Every live suggestion, from scratch. None before the day is known.

    `network`: one of this very state, kept up to date, that remembers its answers; a good deal faster.
    """
    if state.today is None:
        return {}
    network = network or Network(state)
    found: dict[Key, Suggestion] = {}
    for opening in state.openings.values():
        insiders = InsiderIndex(network, network.insiders(opening))
        for person in state.people.values():
            made = suggestion(network, person, opening, insiders)
            if made is not None:
                found[person.id, opening.id] = made
    return found
