"""Why this introducer (section 5): words, with the numbers that were used.

Said is only what the seeker may know: their own word and own address book, what happened between the two of them, and
how many people know both. Never what the other said. What is listed depends on nothing that the other said either, so
that nobody can tell from what is missing.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.matching.rules.network import Network
from services.matching.rules.strength import side, stated, weight
from shared.events.ties import Address, Connected, Evidence, Introduced, Messages, WorkedTogether

AS_WRITTEN = {"linkedin": "LinkedIn"}
"""Sources whose names are written otherwise than as an identifier."""

SAID_IN_WORDS = {
    1: "you said you barely know them",
    2: "you said you know them a little",
    3: "you said you know them",
    4: "you said you know them well",
    5: "you said you know them very well",
}


def reasons(network: Network, seeker: str, introducer: str) -> tuple[str, ...]:
    """What ties the two, the most telling first."""
    mine, theirs = side(network.state, seeker, introducer), side(network.state, introducer, seeker)
    return tuple(lines(mine, theirs, network.mutual(seeker, introducer), network.today))


def lines(mine: tuple[Evidence, ...], theirs: tuple[Evidence, ...], mutual: int | None, today: date) -> Iterator[str]:
    """The reasons, from the seeker's own side, the other's, m (None where it says little), and the day."""
    said = stated(mine)
    if said is not None:
        yield SAID_IN_WORDS[said]
    both = (*mine, *theirs)
    worked = _strongest((one for one in both if isinstance(one, WorkedTogether)), today)
    if isinstance(worked, WorkedTogether):
        yield f"worked with you at {worked.company} for {_count(worked.months, 'month')}"
    wrote = _strongest((one for one in both if isinstance(one, Messages)), today)
    if isinstance(wrote, Messages):
        yield f"wrote to each other, {_count(min(wrote.sent, wrote.received), 'message')} or more each way"
    introduced = _strongest((one for one in both if isinstance(one, Introduced)), today)
    if isinstance(introduced, Introduced):
        yield f"{_count(introduced.times, 'introduction')} between you went well"
    connected = _strongest((one for one in both if isinstance(one, Connected)), today)
    if isinstance(connected, Connected):
        yield f"connected with you on {AS_WRITTEN.get(connected.source, connected.source)}"
    if any(isinstance(one, Address) for one in mine):
        yield "you have their address"
    if mutual:
        yield "1 person knows you both" if mutual == 1 else f"{mutual} people know you both"


def _strongest(kind: Iterable[Evidence], today: date) -> Evidence | None:
    """The one of its kind that was used: the larger e; of equal ones the first, the seeker's before the other's."""
    used = [one for one in kind if weight(one, None) > 0]
    return max(used, key=lambda one: weight(one, today), default=None)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
