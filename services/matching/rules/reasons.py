"""Why this introducer (section 5): sentences about what was used.

They say only what the seeker may know: their own statement and address book, what happened between the two of them, and
roughly how many people know both. Never what the other one stated. Which sentences there are depends on nothing that
the other one stated either, so that nobody can conclude it from a sentence that is missing.

Of one kind, what the seeker themself stated or holds is told, before what their own record has otherwise, and that
before anything in the other's: or, by varying it, they would see where the next begins to count for more. A number is
told only of what they stated or hold.
"""

from collections.abc import Iterator, Sequence
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

STEPS = ((20, "20 or more"), (10, "10 to 19"), (5, "5 to 9"), (1, "1 to 4"))
"""How many people know both, from so many up: the exact number would tell of single ties of the other."""


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
    own = [one for one in mine if not isinstance(one, WorkedTogether) or one.stated]
    for kind in KINDS:
        for evidence, say in ((own, _with_number), (mine, _in_words), (theirs, _in_words)):
            used = [one for one in evidence if type(one) is kind and weight(one, None) > 0]
            if used:
                yield say(_strongest(used, today))
                break
    if any(type(one) is Address for one in mine):
        yield "you have their address"
    if mutual:
        yield next(f"{words} people know you both" for least, words in STEPS if mutual >= least)


def _strongest(used: Sequence[Evidence], today: date) -> Evidence:
    """Of one kind, the one with the larger e; of equal ones the first."""
    return used[0] if len(used) == 1 else max(used, key=lambda one: weight(one, today))


def _with_number(evidence: Evidence) -> str:
    """The sentence about what the seeker stated or holds."""
    match evidence:
        case WorkedTogether(months=months):
            return f"{_in_words(evidence)} for {_count(months, 'month')}"
        case Messages(sent=sent, received=received):
            return f"{_in_words(evidence)}, {_count(min(sent, received), 'message')} or more each way"
        case Introduced(times=times):
            return f"{_count(times, 'introduction')} between you went well"
        case _:
            return _in_words(evidence)


def _in_words(evidence: Evidence) -> str:
    """The sentence without a number."""
    match evidence:
        case WorkedTogether(company=company):
            return f"worked with you at {company}"
        case Messages():
            return "wrote to each other"
        case Introduced():
            return "an introduction between you went well"
        case Connected(source=source):
            return f"connected with you on {AS_WRITTEN.get(source, source)}"
        case _:
            raise TypeError(type(evidence))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
