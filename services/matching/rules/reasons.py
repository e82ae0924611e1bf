"""Why this introducer (section 5): sentences with the numbers that were used.

They say only what the seeker may know: their own statement and address book, what happened between the two of them, and
how many people know both. Never what the other one stated. Which sentences there are depends on nothing that the other
one stated either, so that nobody can conclude it from a sentence that is missing.
"""

from collections.abc import Iterator
from datetime import date

from services.matching.rules.network import Network
from services.matching.rules.strength import side, stated, weight
from shared.events.ties import Address, Connected, Evidence, Introduced, Messages, WorkedTogether

AS_WRITTEN = {"linkedin": "LinkedIn"}
"""Sources whose names are written differently from their identifiers."""

CLOSENESS_SENTENCES = {
    1: "you said you barely know them",
    2: "you said you know them a little",
    3: "you said you know them",
    4: "you said you know them well",
    5: "you said you know them very well",
}

KINDS = (WorkedTogether, Messages, Introduced, Connected)
"""The kinds of evidence that have a sentence, most telling first."""


def reasons(network: Network, seeker: str, introducer: str) -> tuple[str, ...]:
    """What ties the two, most telling first."""
    mine, theirs = side(network.state, seeker, introducer), side(network.state, introducer, seeker)
    return sentences(mine, theirs, network.mutual(seeker, introducer), network.today)


def sentences(
    mine: tuple[Evidence, ...], theirs: tuple[Evidence, ...], mutual: int | None, today: date
) -> tuple[str, ...]:
    """The reasons, from the seeker's own side, the other's, m (None where it says little), and the day."""
    return tuple(_sentences(mine, theirs, mutual, today))


def _sentences(
    mine: tuple[Evidence, ...], theirs: tuple[Evidence, ...], mutual: int | None, today: date
) -> Iterator[str]:
    closeness = stated(mine)
    if closeness is not None:
        yield CLOSENESS_SENTENCES[closeness]
    by_kind: dict[type[Evidence], list[Evidence]] = {}
    for one in (*mine, *theirs):
        by_kind.setdefault(type(one), []).append(one)
    for kind in KINDS:
        used = [one for one in by_kind.get(kind, ()) if weight(one, None) > 0]
        if used:
            yield _sentence(_strongest(used, today))
    if any(type(one) is Address for one in mine):
        yield "you have their address"
    if mutual:
        yield "1 person knows you both" if mutual == 1 else f"{mutual} people know you both"


def _strongest(used: list[Evidence], today: date) -> Evidence:
    """Of one kind, the one with the larger e; of equal ones the first, the seeker's before the other's."""
    return used[0] if len(used) == 1 else max(used, key=lambda one: weight(one, today))


def _sentence(evidence: Evidence) -> str:
    match evidence:
        case WorkedTogether(company=company, months=months):
            return f"worked with you at {company} for {_count(months, 'month')}"
        case Messages(sent=sent, received=received):
            return f"wrote to each other, {_count(min(sent, received), 'message')} or more each way"
        case Introduced(times=times):
            return f"{_count(times, 'introduction')} between you went well"
        case Connected(source=source):
            return f"connected with you on {AS_WRITTEN.get(source, source)}"
        case _:
            raise TypeError(type(evidence))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
