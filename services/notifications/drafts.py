"""Drafts for asking somebody outside the application: a short message, a mail, and a paragraph that can be forwarded.

The text is deterministic, and says five things in words that one would send: whom it greets, who asks, the opening with
its link, why it is them, and one small question. It states only what the seeker brought: their own name and headline,
and where their address book says that the other works. How close the two are is never in it.
"""

from dataclasses import dataclass

from shared.text import clean, safe_url, units, without_accents

MAX_MESSAGE = 300
"""In UTF-16 units: the limit of connection notes in social networks."""

_GIVEN, _NAME, _TITLE, _COMPANY = 24, 32, 50, 36
"""With these limits and without headline and link the message fits: a test fills every field completely."""

_TRIED = ((80, True), (50, True), (0, True), (50, False), (0, False))
"""The longest headline, and whether the link is there: the first that fits."""

_LONG, _HEADLINE = 120, 220
QUESTION = "do you know who is hiring for it?"


@dataclass(frozen=True, slots=True)
class Draft:
    """Text for the seeker to copy. `message` has at most `MAX_MESSAGE` UTF-16 units; `mail` has lines."""

    message: str
    subject: str
    mail: str
    forwardable: str


@dataclass(frozen=True, slots=True)
class Introducer:
    """Whom the seeker writes to: their given name, and where the seeker's address book says that they work."""

    given_name: str = ""
    company: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who asks: their name, the part of it that they sign with, and what they do, in a line."""

    name: str = ""
    given_name: str = ""
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The opening: job title, company, and where it can be read."""

    title: str = ""
    company: str = ""
    url: str | None = None


def draft(to: Introducer, by: Seeker, opening: Wanted) -> Draft:
    """Fill all texts; long names are shortened with …, unknown names are left out."""
    employer = clean(opening.company, _LONG)
    subject = f"A question about an opening{f' at {employer}' if employer else ''}"
    return Draft(_message(to, by, opening), subject, _mail(to, by, opening), _forwardable(by, opening))


def _message(to: Introducer, by: Seeker, opening: Wanted) -> str:
    tried = (_short(to, by, opening, headline, linked=linked) for headline, linked in _TRIED)
    return next(text for text in tried if units(text) <= MAX_MESSAGE)


def _short(to: Introducer, by: Seeker, opening: Wanted, headline: int, *, linked: bool) -> str:
    """The message with a headline of at most so many units."""
    link = safe_url(opening.url) if linked else None
    role, employer = clean(opening.title, _TITLE), clean(opening.company, _COMPANY) or "a company you know"
    parts = [
        f"{_greeting(to)},",
        _introduction(by, _NAME, headline),
        f"{employer} has an opening that fits me{f': {role}' if role else ''}.",
        f"{_why(to, opening)}, so I thought of you: {QUESTION}",
        link or "",
    ]
    return " ".join(filter(None, parts))


def _mail(to: Introducer, by: Seeker, opening: Wanted) -> str:
    role, employer = clean(opening.title, _LONG), clean(opening.company, _LONG) or "A company you know"
    told = "\n".join(filter(None, (role, safe_url(opening.url))))
    held = clean(to.title, _LONG) if _works_there(to, opening) else ""
    as_what = f" as {held}" if held else ""
    introduction = " ".join(
        filter(None, (_introduction(by, _LONG, _HEADLINE), f"{employer} has an opening that fits me"))
    )
    parts = [
        f"{_greeting(to)},",
        f"{introduction}:\n\n{told}" if told else f"{introduction}.",
        f"{_why(to, opening)}{as_what}, so I thought of you: {QUESTION}",
        "One line is plenty, and no worries if not. If there is anything I can do for you, tell me.",
        clean(by.given_name or by.name, _LONG),
    ]
    return "\n\n".join(filter(None, parts))


def _greeting(to: Introducer) -> str:
    name = clean(to.given_name, _GIVEN)
    return f"Hi {name}" if name else "Hi"


def _introduction(by: Seeker, longest_name: int, longest_headline: int) -> str:
    name, headline = clean(by.name, longest_name), clean(by.headline, longest_headline).rstrip(".")
    return f"I'm {name}{f' ({headline})' if headline else ''}." if name else ""


def _why(to: Introducer, opening: Wanted) -> str:
    return "You work there" if _works_there(to, opening) else "You know the company"


def _works_there(to: Introducer, opening: Wanted) -> bool:
    """Whether both names of the company begin alike, as "Initech" and "Initech GmbH" do."""
    one, other = (without_accents(clean(name, _LONG)) for name in (to.company, opening.company))
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def _forwardable(by: Seeker, opening: Wanted) -> str:
    name, headline = clean(by.name, _NAME) or "Somebody I know", clean(by.headline, _HEADLINE)
    role, employer = clean(opening.title, _LONG) or "an opening", clean(opening.company, _LONG)
    where = f" at {employer}" if employer else ""
    link = safe_url(opening.url)
    return (
        f"{name}{f' ({headline})' if headline else ''} is interested in this opening{where}: "
        f"{role}{f' ({link})' if link else ''}. "
        f"A short conversation with somebody on the team would help to see whether it is a good match for both sides, "
        f"and questions are welcome before that."
    )
