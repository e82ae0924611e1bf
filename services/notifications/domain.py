"""What a member is told, and when: pure rules, without Kafka, SQL or HTTP.

A *thing* is one spell of a suggestion: from the moment it is live until it is withdrawn. What holds here:

- An older version never overwrites a newer one, whatever the order of arrival; a withdrawn one keeps its version.
- A thing is told at most once. Changes of an item happen in place and refresh open screens, which is no message; one
  that was read becomes `updated` when somebody else stands on top.
- Withdrawn and back is a new thing. Back within `RETELL_AFTER` of having been told, it is shown and not told again:
  somebody who turns a consent off and on does not cost the member two messages.
- An opening's own event is told at once; what an import, a tie, a consent or a day brings joins one summary.
- After a restore from a backup, what was suggested before it is shown and not told: who was told what is not known.
- The inbox holds what e-mail may fail to deliver, so a message in doubt (the mail server may have taken it) is never
  sent a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from shared.events.suggestions import PathV1, SuggestionV1

RETELL_AFTER = timedelta(hours=1)
"""A suggestion that was told, withdrawn and is back sooner than this after the telling is shown without a message."""

FRESH = timedelta(minutes=15)
"""An opening's suggestion older than this (a backlog, a replay) is no news of the moment: it joins the summary."""

BURST = 5
BURST_WINDOW = timedelta(minutes=1)
"""At most `BURST` messages of their own in this window; further openings join the summary."""

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
"""An e-mail that could not be handed over for this long has failed; the inbox holds what it would have said."""

STRONG_FROM = 0.15
GOOD_FROM = 0.05


class Status(StrEnum):
    """How an item stands with its member. `updated`: read, and somebody else is on top since."""

    UNREAD = "unread"
    UPDATED = "updated"
    READ = "read"


class Change(StrEnum):
    """What a record does to the inbox."""

    STALE = "stale"  # not newer than what is held: nothing happens
    ADDED = "added"
    REFRESHED = "refreshed"  # new content in place, the same introducer on top
    UPDATED = "updated"  # somebody else is on top
    WITHDRAWN = "withdrawn"
    BURIED = "buried"  # a tombstone for what was not shown: only its version is kept


class Route(StrEnum):
    """How a thing is told."""

    AT_ONCE = "at_once"
    SUMMARY = "summary"
    NOT_AGAIN = "not_again"  # it stands in the inbox; a message that was lost with the database may have told it


class Band(StrEnum):
    """What people see in place of a score."""

    STRONG = "strong"
    GOOD = "good"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Held:
    """What is held under a suggestion id. `told_at`: when a message, or the member's own reading, told it last."""

    version: int
    live: bool
    status: Status = Status.UNREAD
    top: str | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as far as the decision needs it; `top` is the first introducer, None for a tombstone."""

    version: int
    top: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do. `tell`: this is a thing the member has not been told."""

    change: Change
    status: Status = Status.UNREAD
    tell: bool = False


def decide(held: Held | None, incoming: Incoming, now: datetime) -> Decision:
    """What a record of `suggestions.v1` does to what is held."""
    if held is not None and incoming.version <= held.version:
        return Decision(Change.STALE, held.status)
    if incoming.top is None:
        return Decision(Change.WITHDRAWN if held is not None and held.live else Change.BURIED)
    if held is None:
        return Decision(Change.ADDED, tell=True)
    if not held.live:
        return Decision(Change.ADDED, tell=held.told_at is None or now - held.told_at >= RETELL_AFTER)
    if incoming.top == held.top:
        return Decision(Change.REFRESHED, held.status)
    return Decision(Change.UPDATED, Status.UNREAD if held.status is Status.UNREAD else Status.UPDATED)


def route(cause: str | None, age: timedelta, recent: int, *, restored: bool = False) -> Route:
    """How to tell a thing: `recent` messages of their own went to the member within `BURST_WINDOW`.

    A record that does not say its cause counts as the network's: the quieter of the two. `restored`: it is from before
    the database came back from a backup.
    """
    if restored:
        return Route.NOT_AGAIN
    if cause == "opening" and age <= FRESH and recent < BURST:
        return Route.AT_ONCE
    return Route.SUMMARY


def due_at(first: datetime, last: datetime, quiet: timedelta, longest: timedelta) -> datetime:
    """When a summary goes out: once nothing was added for `quiet`, and at most `longest` after its first item."""
    return min(last + quiet, first + longest)


def retry_at(attempts: int, created: datetime, now: datetime) -> datetime | None:
    """When to try an e-mail again after `attempts` (from 1) tries that surely failed; None: give it up."""
    if now - created >= GIVE_UP_AFTER:
        return None
    pause: timedelta = FIRST_RETRY * (1 << min(attempts - 1, 20))
    return now + min(LONGEST_RETRY, pause)


def band(score: float) -> Band:
    """The band of a score in [0, 1]; limits belong to the better band."""
    if score >= STRONG_FROM:
        return Band.STRONG
    return Band.GOOD if score >= GOOD_FROM else Band.FAINT


def is_direct(path: PathV1) -> bool:
    """Whether the introducer is the insider."""
    return path.introducer_id == path.insider_id


def best(paths: Sequence[PathV1]) -> PathV1:
    """The path on top; records list them best first."""
    return paths[0]


def rank(suggestion: SuggestionV1) -> Decimal:
    """Fit times best score, exact in decimal, so that equal products are equal. Only for ordering; never shown."""
    return Decimal(suggestion.fit) * Decimal(str(best(suggestion.paths).score)) / 100


def list_order(suggestion: SuggestionV1) -> tuple[Decimal, float, str]:
    """Sorts a member's list: fit times best score, then the newer opening, then posting id. The SQL does the same."""
    posted = suggestion.opening.posted_at.timestamp() if suggestion.opening else 0.0
    return (-rank(suggestion), -posted, suggestion.posting_id)
