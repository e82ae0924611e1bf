"""What is said of an introduction, in sentences: the same in the inbox, on the live stream and in e-mails. Pure.

Names are as introductions gives them to this receiver; who is not named there is somebody.
"""

from collections.abc import Callable, Mapping

from services.notifications.introductions_client import Message, Person
from services.notifications.notices import NoticeKind
from shared.text import clean

NAME, TITLE, LINE, NOTE = 100, 160, 300, 600
SOMEBODY = "somebody"

_OUTCOMES = {
    "hired": "has the job",
    "interviewing": "is in interviews",
    "talked": "had a talk that helped",
    "nothing": "says that nothing came of it this time",
    "unknown": "has not said how it went",
}


def sentences(kind: NoticeKind, message: Message) -> list[str]:
    """The sentences, most important first, each on one line; the words of others in them are no markup."""
    return [line for line in (clean(each, LINE) for each in _SAYS[kind](message)) if line]


def name(person: Person | None) -> str:
    """The name to show."""
    return clean(person.name if person else None, NAME) or SOMEBODY


def note(message: Message) -> str | None:
    """What the seeker wrote, on one line."""
    return clean(message.note, NOTE) or None


def _opening(message: Message) -> str:
    title, company = clean(message.title, TITLE), clean(message.company, NAME)
    if title and company:
        return f"{title} at {company}"
    return title or (f"work at {company}" if company else "an opening")


def _company(message: Message) -> str:
    company = clean(message.company, NAME)
    return f" at {company}" if company else ""


def _asked(message: Message) -> list[str]:
    seeker, target = name(message.seeker), name(message.target)
    whom = "whether you would talk to them" if message.direct else f"whether you would introduce them to {target}"
    return [f"{seeker} asks {whom}.", f"It is about {_opening(message)}.", *message.why]


def _offer(message: Message) -> list[str]:
    who, there = name(message.introducer), _company(message)
    offers = f"works{there or ' there'} and offers to talk to you"
    if not message.direct:
        offers = f"knows somebody{there} and offers to introduce you"
    return [f"{who} {offers}.", f"It is about {_opening(message)}.", *message.why]


def _target_asked(message: Message) -> list[str]:
    introducer, seeker = name(message.introducer), name(message.seeker)
    return [f"{introducer} asks whether you would talk to {seeker}.", f"It is about {_opening(message)}."]


def _agreed(message: Message) -> list[str]:
    if message.role == "introducer":
        return [f"{name(message.seeker)} takes your offer up: {_opening(message)}.", "The page says what comes next."]
    return [f"{name(message.introducer)} said yes and will ask somebody{_company(message)}.",
            "You hear from us as soon as they agree."]  # fmt: skip


def _introduced(message: Message) -> list[str]:
    seeker, introducer = name(message.seeker), name(message.introducer)
    if message.role == "introducer":
        if message.direct:
            return [f"You and {seeker} can talk now.", "Thank you for helping."]
        return [f"{seeker} and {name(message.target)} can talk now.", "Thank you for helping."]
    if message.role == "target":
        return [f"{introducer} has introduced {seeker} to you.", "The page says how you reach each other."]
    met = introducer if message.direct else name(message.target)
    return [f"{met} agreed to talk to you about {_opening(message)}.", "The page says how to reach them."]


def _reminder(message: Message) -> list[str]:
    if message.leg == "hand" and message.sent:
        return [f"No answer yet about {_opening(message)}.", "A friendly word may help; silence is an answer, too."]
    if message.leg == "hand":
        return [f"Have you sent your message about {_opening(message)}?", "Say so on the page; the draft is there."]
    return [f"{name(message.seeker)} waits for your answer about {_opening(message)}.",
            "A no is fine, and costs you nothing."]  # fmt: skip


def _outcome_question(message: Message) -> list[str]:
    met = name(message.introducer if message.direct else message.target)
    return [f"You were introduced to {met} about {_opening(message)}. How did it go?",
            "One tap is enough; whoever helped you hears of it."]  # fmt: skip


def _outcome(message: Message) -> list[str]:
    came = _OUTCOMES.get(message.outcome or "", _OUTCOMES["unknown"])
    thanks = ["Thank you for your part in it."] if message.outcome in {"hired", "interviewing", "talked"} else []
    return [f"{name(message.seeker)} {came}: {_opening(message)}.", *thanks]


def _ended(message: Message) -> list[str]:
    other = message.introducer if message.role == "seeker" else message.seeker
    return [
        message.sentence or "This introduction has ended.",
        f"It was with {name(other)}, about {_opening(message)}.",
    ]


def _keep_in_touch(message: Message) -> list[str]:
    return [f"{name(person)}: {'; '.join(person.why)}" if person.why else name(person) for person in message.people]


_SAYS: Mapping[NoticeKind, Callable[[Message], list[str]]] = {
    "introduction_asked": _asked,
    "offer": _offer,
    "target_asked": _target_asked,
    "agreed": _agreed,
    "introduced": _introduced,
    "reminder": _reminder,
    "outcome_question": _outcome_question,
    "outcome": _outcome,
    "ended": _ended,
    "keep_in_touch": _keep_in_touch,
}
