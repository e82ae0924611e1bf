"""What somebody sends themself, with the link by which it is answered: a short message, and a mail.

The text is deterministic. It says who asks, for what, and that a no is fine; names that are not known are left out.
"""

from dataclasses import dataclass
from typing import Final

from services.introductions import words
from shared.text import clean

_NAME, _TITLE, _COMPANY, _NOTE = 40, 50, 36, 2_000

HOW: Final = "You can answer with one tap, without an account"


@dataclass(frozen=True, slots=True)
class Draft:
    """Text for the writer to copy."""

    short: str
    mail: str


@dataclass(frozen=True, slots=True)
class About:
    """Whom the writer greets, who wants to be introduced, to what, and the seeker's note.

    `direct`: whom the writer greets works there, and is asked to talk.
    """

    to: str | None
    seeker: str | None
    title: str | None
    company: str
    note: str | None
    direct: bool = False


def ask(about: About, url: str) -> Draft:
    """What a seeker sends to whom they know at the company."""
    wish = "May I talk to you about it?" if about.direct else "May I ask you to introduce me?"
    short = f"{_hi(about)}, I am interested in {_subject(about)}. {wish} {HOW}: {url}"
    note = about.note or words.note(about.to, about.seeker, about.title, about.company, direct=about.direct)
    return Draft(short, f"{_lines(note)}\n\n{HOW}: {url}\n")


def forward(about: About, url: str) -> Draft:
    """What an introducer sends to whom the seeker wants to be introduced to."""
    name = clean(about.seeker, _NAME) or "somebody I know"
    short = f"{_hi(about)}, {name} is interested in {_subject(about)}. May I introduce you? {HOW}: {url}"
    parts = [
        f"{_hi(about)},",
        f"{name} is interested in {_subject(about)} and asked me to introduce you two.",
        f"They wrote to me:\n\n{_quoted(about.note)}" if about.note else "",
        f"A no is fine, too. {HOW}: {url}",
    ]
    return Draft(short, "\n\n".join(filter(None, parts)) + "\n")


def _hi(about: About) -> str:
    name = clean(about.to, _NAME)
    return f"Hi {name}" if name else "Hi"


def _subject(about: About) -> str:
    role, employer = clean(about.title, _TITLE), clean(about.company, _COMPANY)
    return f"the opening {role} at {employer}" if role else employer


def _lines(note: str) -> str:
    return "\n".join(clean(line, _NOTE) for line in note.splitlines())


def _quoted(note: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _lines(note).splitlines())
