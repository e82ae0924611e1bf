"""With whom mail went both ways, how often, and when the last time: a mailbox in, a report out.

Only From, To, Cc and Date are counted. Mailing lists, automatic mail and addresses that nobody answers are left out,
and so is mail to many: it shows nothing of two people.
"""

import re
from collections import Counter
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime

from services.profiles.addresses import email_of
from services.profiles.imports.cells import tidy
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.mailbox.headers import Headers, messages_of
from services.profiles.imports.reading import Reading, TooManyError
from services.profiles.imports.report import ContactRecord, ImportProblem, Report
from services.profiles.imports.tally import Exchange, Tally, TooManyPeopleError
from services.profiles.imports.text import Lines

NAME = "mailbox"
MAX_TOGETHER = 10
"""Mail to more people than this is a circular."""

_TOLD_EVERY = 500
_NOBODY = re.compile(
    r"(?:.*[._+-])?(?:no|do-?not|donot)[._-]?reply.*|mailer-daemon|postmaster|bounces?(?:[._+-].*)?|notifications?(?:[._+-].*)?"
    r"|newsletters?|alerts?|automated|daemon|root|unsubscribe.*|.*[._+-]bounces?(?:[._+-].*)?"
)
_LEFT_OUT = {
    "list": "messages of mailing lists",
    "automatic": "automatic messages",
    "many": f"messages to more than {MAX_TOGETHER} people",
    "unsent": "drafts, spam and deleted messages",
    "unclear": "messages without a sender, a receiver or a day",
}
_LABELS = {"spam", "trash", "drafts", "draft", "chat"}


def read(upload: Upload) -> Report:
    """Count the mail of a mailbox.

    Raises:
        ImportProblem: whose mailbox it is cannot be told, or there is nobody with whom mail went both ways.
    """
    lines, tally, names = Lines(upload.file), Tally(), dict[str, tuple[int, str]]()
    left_out: Counter[str] = Counter()
    try:
        for done, message in enumerate(messages_of(lines), 1):
            reason = _count(message, tally, names)
            if reason:
                left_out[reason] += 1
            if done % _TOLD_EVERY == 0:
                upload.told()
    except TooManyPeopleError as error:
        raise ImportProblem("there are too many people in this mailbox", Report(NAME)) from error
    upload.done()
    told = [f"do not count: {_LEFT_OUT[reason]} ({count:,})" for reason, count in sorted(left_out.items())]
    owner = tally.owner(upload.owner.emails)
    if not owner:
        nothing = Report(NAME, warnings=tuple(told))
        raise ImportProblem("whose mailbox this is is not clear: your address stands in none of its messages", nothing)
    reading = Reading()
    try:
        for found in tally.exchanges(owner):
            _add(reading, found, *names.get(found.person, (1, "")))
    except TooManyError as error:
        raise ImportProblem(f"more than {reading.most:,} people", Report(NAME)) from error
    report = reading.report(NAME, NAME, warnings=told)
    if not reading.records:
        raise ImportProblem("there is nobody with whom mail went both ways", report)
    return report


def _add(reading: Reading, found: Exchange, line: int, written: str) -> None:
    name = reading.name(line, "", "", written or _spoken(found.person))
    if isinstance(name, str):
        name = reading.name(line, "", "", _spoken(found.person))
    if isinstance(name, str):
        reading.reject(line, name)
        return
    reading.add(
        ContactRecord(
            name.first, name.last, name.whole, None, found.person, None, None, None, line,
            sent=found.sent, received=found.received, last_message=found.last,
        )
    )  # fmt: skip


def _spoken(address: str) -> str:
    """A name made of an address: ana.silva@… is Ana Silva."""
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)


def _count(message: Headers, tally: Tally, names: dict[str, tuple[int, str]]) -> str | None:
    """Count one message; or the reason why it does not count."""
    senders = _people(message, "from")
    receivers = _people(message, "to") | _people(message, "cc")
    day = _day(message["date"])
    if {label.strip().casefold() for label in message["x-gmail-labels"].split(",")} & _LABELS:
        return "unsent"
    if len(senders) != 1 or not receivers or day is None:
        return "unclear"
    (sender,) = senders
    reason = _mailing(message, sender)
    if reason:
        return reason
    for address, written in (receivers | senders).items():
        if written and "@" not in written:
            names.setdefault(address, (message.line, written))
    tally.present([sender, *receivers])
    if len(receivers) > MAX_TOGETHER:
        return "many"
    for receiver in receivers:
        if receiver != sender and not _NOBODY.fullmatch(receiver.partition("@")[0]):
            tally.add(sender, receiver, day)
    return None


def _mailing(message: Headers, sender: str) -> str | None:
    if message["list-id"] or message["list-post"] or message["precedence"].strip().lower() in {"list", "bulk", "junk"}:
        return "list"
    automatic = message["auto-submitted"].strip().lower() not in {"", "no"} or message["return-path"].strip() == "<>"
    if automatic or message["list-unsubscribe"] or _NOBODY.fullmatch(sender.partition("@")[0]):
        return "automatic"
    return None


def _people(message: Headers, name: str) -> dict[str, str]:
    """Addresses in a header, with the names beside them."""
    found: dict[str, str] = {}
    try:
        parsed = getaddresses([message[name]])
    except RecursionError:  # comments in comments in comments
        return found
    for written, address in parsed:
        if email := email_of(tidy(address)):
            found[email] = _plain(written)
    return found


def _plain(written: str) -> str:
    try:
        return tidy(str(make_header(decode_header(written))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return ""


def _day(text: str) -> date | None:
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _recognises(head: Head) -> bool:
    return next(messages_of(head.lines), None) is not None and head.data.lstrip().startswith(b"From ")


FORMAT = Format(NAME, "a mailbox (mbox, as Google Takeout gives it)", _recognises, read)
