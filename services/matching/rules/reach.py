"""Reach: how many seekers an opening reaches, as the organisation that posted it may learn.

What only the seeker may know has no part in it: whoever would have a suggestion but for their least pay, or for
companies that they block, is counted. So no opening, however it is varied, tells of either. And nobody is counted
before they have been seeking for some days, so that a count does not tell who has just begun.
"""

from dataclasses import replace
from datetime import date

from services.matching.domain import Opening, Person
from services.matching.rules.fit import pay_is_enough
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.suggestions import fit_of, has_introducer


def has_sought_since(seeker: Person, latest: date) -> bool:
    """Whether they began on this day or before it; who began before that was recorded, did."""
    return seeker.search is not None and (seeker.search.since is None or seeker.search.since <= latest)


def without_secrets(seeker: Person) -> Person:
    """The seeker as if they named no least pay and blocked no company."""
    return replace(seeker, search=seeker.search and replace(seeker.search, pay=None, blocked=frozenset()))


def may_be_kept_away(seeker: Person, opening: Opening) -> bool:
    """Whether least pay or blocked companies may keep a suggestion from them; if not, what they have decides."""
    return seeker.search is not None and (bool(seeker.search.blocked) or not pay_is_enough(opening, seeker.search))


def fits_without_secrets(network: Network, seeker: Person, opening: Opening) -> bool:
    """Whether the opening fits, secrets aside."""
    return fit_of(without_secrets(seeker), opening, network) is not None


def has_path_without_secrets(network: Network, seeker: Person, insiders: InsiderIndex) -> bool:
    """Whether there is somebody to introduce them, secrets aside."""
    return has_introducer(network, without_secrets(seeker), insiders)
