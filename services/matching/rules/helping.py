"""Helping: to which openings somebody could introduce people they know who look openly, as the helper may learn.

What only the seeker may know has no part in it, as in `reach`: the least pay and the companies they block. So no
opening, however it is varied, tells a helper of either. But whoever works where the seeker wants nobody to find them
sees nothing of them at all, as if they did not look.
"""

from collections.abc import Iterable

from services.matching.domain import Opening, Person
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex, Path, excluded_families
from services.matching.rules.reach import without_secrets
from services.matching.rules.suggestions import fit_of, introducers


def looks_openly(person: Person | None) -> bool:
    """Whether this is a seeker who lets people they know see that they look."""
    return person is not None and person.seeks and person.search is not None and person.search.openly


def is_within_reach(network: Network, people: Iterable[str], opening: Opening) -> bool:
    """Whether one of these people ever worked at the company of an opening, or is its hiring contact."""
    known = ((one, network.state.people.get(one)) for one in people)
    return any(
        one == opening.hiring_contact or any(job.company == opening.company for job in (person.jobs if person else ()))
        for one, person in known
    )


def path_through(network: Network, helper: str, seeker: Person, opening: Opening) -> tuple[float, Path] | None:
    """The fit, and the path through a helper whom we can ask, if they would be one of the best three introducers."""
    if network.works_in(helper, excluded_families(seeker, network)):
        return None
    given = without_secrets(seeker)
    value = fit_of(given, opening, network)
    if value is None:
        return None
    best = introducers(network, given, InsiderIndex(network, network.insiders(opening)))
    return next(((value, path) for path in best if path.introducer == helper and path.ask == "app"), None)
