"""Sentences that people read of an introduction. Pure; nothing in them tells what the reader may not know."""

from typing import Final

from services.introductions import disclosure
from services.introductions.balance import Record
from services.introductions.disclosure import Phase
from services.introductions.introduction import Introduction, Leg, Opening, Path
from services.introductions.transitions import State, Who
from shared.text import clean

_NAME, _TITLE, _COMPANY = 40, 60, 40

NEXT: Final[dict[tuple[Who, Phase], str]] = {
    (Who.SEEKER, Phase.REQUESTED): "They are asked as soon as they have time for it; it may take some weeks.",
    (Who.SEEKER, Phase.OFFERED): "Say yes or no; without an answer it ends by itself.",
    (Who.SEEKER, Phase.ASKED): "They were asked whether they introduce you; without an answer it ends by itself.",
    (Who.SEEKER, Phase.ACCEPTED): "They ask somebody there; without an answer it ends by itself.",
    (Who.SEEKER, Phase.INTRODUCED): "Say how it went.",
    (Who.INTRODUCER, Phase.OFFERED): "They can say yes or no; without an answer it ends by itself.",
    (Who.INTRODUCER, Phase.ASKED): "Answer, or it ends by itself.",
    (Who.INTRODUCER, Phase.ACCEPTED): "The one you ask can answer; without an answer it ends by itself.",
    (Who.INTRODUCER, Phase.INTRODUCED): "They were introduced; you hear how it went.",
    (Who.TARGET, Phase.ACCEPTED): "Answer, or it ends by itself.",
    (Who.TARGET, Phase.INTRODUCED): "You were introduced; you hear how it went.",
}
NEXT_DIRECT: Final[dict[tuple[Who, Phase], str]] = {
    (Who.SEEKER, Phase.ASKED): "They were asked whether they talk to you; without an answer it ends by itself.",
    (Who.INTRODUCER, Phase.INTRODUCED): "You can talk; you hear how it went.",
}
"""What reads differently where whoever is asked works there."""

SEND: Final = "Send the draft with its link, and say that you sent it."
WAITS_FOR_ROOM: Final = "You said yes. The one to ask has no time for it at the moment; it goes on when they have."
ANSWERED: Final = "You have answered; until then they do not learn of it."


def next_step(one: Introduction, who: Who) -> str | None:
    """What happens next, for this person; None where nothing does."""
    if one.sealed_by(who):
        return ANSWERED
    if one.agreed_at is not None and who == (Who.SEEKER if one.is_waiting_offer else Who.INTRODUCER):
        return WAITS_FOR_ROOM
    by_hand = one.state in {State.ASKED, State.ACCEPTED} and one.leg == "hand"
    if by_hand and one.writer == who and not one.was_sent:
        return SEND
    at = (who, disclosure.phase(one))
    return (NEXT_DIRECT.get(at) if one.path.direct else None) or NEXT.get(at)


def record(known: Record) -> str:
    """A seeker's record in one sentence."""
    if known.is_new:
        return "New here."
    made = f"{known.introduced} of their last {known.asks} asks led to an introduction"
    return f"{made}; of {known.closed} that are closed they said how {known.told} went." if known.closed else f"{made}."


def why(one: Introduction, who: Who, target: str | None) -> list[str]:
    """Why this person is asked, and why it fits."""
    company = clean(one.opening.company, _COMPANY)
    if who == Who.SEEKER or one.path.direct:
        return list(one.path.reasons)
    name = clean(target, _NAME)
    return [f"You know {name or 'somebody'} at {company}.", *one.path.reasons]


def fit(percent: int) -> str:
    """How well an opening fits a search."""
    for least, how in ((85, "very well"), (70, "well")):
        if percent >= least:
            return f"The opening fits their search {how}."
    return "The opening fits their search."


def note(introducer: str | None, seeker: str | None, title: str | None, company: str, *, direct: bool) -> str:
    """A draft of what a seeker writes; unknown names are left out. `direct`: whoever reads it works there."""
    wish = "Would you talk to me about it?" if direct else "Would you introduce me to somebody there?"
    to, name = clean(introducer, _NAME), clean(seeker, _NAME)
    return (
        f"{f'Hi {to}' if to else 'Hi'}, is there anything I can help you with at the moment? "
        f"I am interested in {_subject(title, company)}. {wish} "
        f"A no is fine, too.{f' {name}' if name else ''}"
    )


def greeting(to: str | None, name: str | None, could: tuple[str, str] | None) -> str:
    """A draft for keeping in touch, which gives something: an offer to help.

    `could`: title and company of an opening to which the writer could introduce them.
    """
    hello, signed = f"Hi {clean(to, _NAME)}" if to else "Hi", f" {clean(name, _NAME)}" if name else ""
    if could is not None:
        about = _subject(*could)
        return (
            f"{hello}, I saw {about} and thought of you. I can introduce you there, if you like. How are you?{signed}"
        )
    return f"{hello}, I thought of you today. How are you, and is there anything I can help you with?{signed}"


def they_see(opening: Opening, path: Path) -> list[str]:
    """What an introducer will see of who asks them."""
    direct = "that you ask to talk to them" if path.direct else "which of the people they know works there"
    what = "the opening, and how well it fits" if opening.posting_id else "the company"
    return [
        "your name, and that you are looking",
        f"{what}; {direct}",
        "your note" if path.direct else "your note, which they can pass on",
        "how your earlier asks went, in numbers",
        "how many introductions you two made for each other",
    ]


def takes_time(leg: Leg) -> str:
    """What to expect of an ask."""
    if leg == "hand":
        return "They are not asked by us: you get a draft with a link by which they can answer."
    return "They are asked as soon as they have time for it; it may take some weeks."


def _subject(title: str | None, company: str) -> str:
    role, employer = clean(title, _TITLE), clean(company, _COMPANY)
    return f"the opening {role} at {employer}" if role else employer
