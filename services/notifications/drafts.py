"""Drafts for asking somebody outside the application: a short message, and a paragraph that can be forwarded.

The text is deterministic, offers help before it asks, and states only what is known: that there is an opening, that the
seeker asks about it, and the seeker's name. It does not say where the introducer works or how close the two are.
"""

from dataclasses import dataclass

from shared.text import clean, safe_url

MAX_MESSAGE = 300
"""In UTF-16 units: the limit of connection notes in social networks."""

_NAME, _TITLE, _COMPANY = 32, 50, 36
"""With these limits and the fixed text the message fits: a test fills every field completely."""

_FORWARD_TITLE = 120


@dataclass(frozen=True, slots=True)
class Draft:
    """Text for the seeker to copy. `message` has at most `MAX_MESSAGE` characters."""

    message: str
    forwardable: str


def draft(*, introducer: str, seeker: str, title: str, company: str, url: str | None = None) -> Draft:
    """Fill both texts; long names are shortened with …, unknown names are left out."""
    to, name = clean(introducer, _NAME), clean(seeker, _NAME)
    role, employer = clean(title, _TITLE) or "an opening", clean(company, _COMPANY) or "a company you know"
    message = (
        f"{f'Hi {to}' if to else 'Hi'}, is there anything I can help you with at the moment? "
        f"I have a question, too: {employer} has an opening, {role}. "
        f"Could you tell me about it? No worries if not!"
    )
    signed = f"{message} {name}" if name else message
    return Draft(signed, _forwardable(name, title, company, url))


def _forwardable(name: str, title: str, company: str, url: str | None) -> str:
    role, employer = clean(title, _FORWARD_TITLE) or "an opening", clean(company, _FORWARD_TITLE)
    where = f" at {employer}" if employer else ""
    link = safe_url(url)
    return (
        f"{name or 'Somebody I know'} is interested in this opening{where}: {role}{f' ({link})' if link else ''}. "
        f"A short conversation with somebody on the team would help to see whether it is a good match for both sides, "
        f"and questions are welcome before that."
    )
