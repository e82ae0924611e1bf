"""What a member is told, and when: pure rules, without Kafka, SQL or HTTP.

An *appearance* of a suggestion lasts from when it is live until it is withdrawn. The rules:

- An older version never overwrites a newer one, whatever the order of arrival; withdrawn suggestions keep theirs.
- A member is told of an appearance at most once. Later changes update the item in place and refresh open screens, which
  is no message; an item that was read becomes `updated` when another introducer becomes the best.
- A suggestion that was withdrawn and is back is a new appearance. If it is back within `RETELL_AFTER` of having been
  told, it is shown but not told again: turning a consent off and on does not cause two messages.
- What an opening's own event brings is told at once; what an import, a tie, a consent or a new day brings joins a
  summary.
- After a restore from a backup, earlier suggestions are shown but not told, since it is unknown who was told what.
- What a member hid, an opening or each of its introducers, is neither told nor listed, and comes back when they say so.
- The inbox holds whatever e-mail fails to deliver, so a message in doubt (the mail server may have accepted it) is
  never sent a second time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.events.suggestions import PathV1, SuggestionV1

RETELL_AFTER = timedelta(hours=1)
"""A suggestion that is back sooner than this after the member was told of it is shown without a message."""

FRESH = timedelta(minutes=15)
"""An opening's suggestion older than this (from a backlog or a replay) joins the summary instead of a message."""

BURST = 5
BURST_WINDOW = timedelta(minutes=1)
"""At most `BURST` separate messages within this window; further openings join the summary."""

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
"""An e-mail that no server accepted for this long has failed; the inbox holds its content."""

STRONG_FROM = 0.15
GOOD_FROM = 0.05


class Status(StrEnum):
    """Whether the member has read an item. `updated`: it was read, and has another best introducer since."""

    UNREAD = "unread"
    UPDATED = "updated"
    READ = "read"


class Change(StrEnum):
    """How a record changes the inbox."""

    STALE = "stale"  # not newer than what is stored: nothing changes
    ADDED = "added"
    REFRESHED = "refreshed"  # new content, the same best introducer
    UPDATED = "updated"  # another best introducer
    WITHDRAWN = "withdrawn"
    UNKNOWN_WITHDRAWN = "unknown_withdrawn"  # a tombstone for what was not live: only its version is kept


class Route(StrEnum):
    """How a member is told of an appearance."""

    AT_ONCE = "at_once"
    SUMMARY = "summary"
    NOT_AGAIN = "not_again"  # shown only: a message that was lost with the database may have told it


class Band(StrEnum):
    """What people see instead of a score."""

    STRONG = "strong"
    GOOD = "good"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class StoredItem:
    """What is stored under a suggestion id. `top`: the best introducer. `told_at`: when it was last told or read.

    `hidden`: the member does not want to see it.
    """

    version: int
    live: bool
    status: Status = Status.UNREAD
    top: str | None = None
    told_at: datetime | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class IncomingRecord:
    """What the decision needs of a record; `top` is the best introducer, None for a tombstone.

    `hidden`: the member hid all of its introducers.
    """

    version: int
    top: str | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do. `tell`: the member has not been told of this appearance."""

    change: Change
    status: Status = Status.UNREAD
    tell: bool = False


def decide(held: StoredItem | None, incoming: IncomingRecord, now: datetime) -> Decision:
    """How a record of `suggestions.v1` changes what is stored."""
    if held is not None and incoming.version <= held.version:
        return Decision(Change.STALE, held.status)
    if incoming.top is None:
        return Decision(Change.WITHDRAWN if held is not None and held.live else Change.UNKNOWN_WITHDRAWN)
    if held is None:
        return Decision(Change.ADDED, tell=not incoming.hidden)
    if not held.live:
        new = held.told_at is None or now - held.told_at >= RETELL_AFTER
        return Decision(Change.ADDED, tell=new and not (held.hidden or incoming.hidden))
    if incoming.top == held.top:
        return Decision(Change.REFRESHED, held.status)
    return Decision(Change.UPDATED, Status.UNREAD if held.status is Status.UNREAD else Status.UPDATED)


def route(cause: str | None, age: timedelta, recent: int, *, restored: bool = False) -> Route:
    """How to tell the member. `recent`: separate messages they got within `BURST_WINDOW`.

    A record without a cause counts as caused by the network, the quieter of the two. `restored`: the record is older
    than the backup from which the database was restored.
    """
    if restored:
        return Route.NOT_AGAIN
    if cause == "opening" and age <= FRESH and recent < BURST:
        return Route.AT_ONCE
    return Route.SUMMARY


def due_at(first: datetime, last: datetime, quiet: timedelta, longest: timedelta) -> datetime:
    """When a summary is sent: once nothing was added for `quiet`, and at most `longest` after its first item."""
    return min(last + quiet, first + longest)


def retry_at(attempts: int, created: datetime, now: datetime) -> datetime | None:
    """When to try an e-mail again after `attempts` (from 1) attempts that certainly failed; None: give up."""
    if now - created >= GIVE_UP_AFTER:
        return None
    pause: timedelta = FIRST_RETRY * (1 << min(attempts - 1, 20))
    return now + min(LONGEST_RETRY, pause)


def quiet_until(quiet: tuple[time, time] | None, zone: str, now: datetime) -> datetime | None:
    """When a member's quiet hours end, if it is in them now. They may go over midnight; (x, x) is the whole day.

    A quiet hour that the clock leaves out or repeats that night ends as the zone's own rules say.
    """
    if quiet is None:
        return None
    begins, ends = quiet
    local = now.astimezone(ZoneInfo(zone))
    at = local.time()
    inside = begins <= at < ends if begins < ends else at >= begins or at < ends
    if not inside:
        return None
    day = local.date() if at < ends else local.date() + timedelta(days=1)
    return datetime.combine(day, ends, ZoneInfo(zone))


def band(score: float) -> Band:
    """The band of a score in [0, 1]; a limit belongs to the better band."""
    if score >= STRONG_FROM:
        return Band.STRONG
    return Band.GOOD if score >= GOOD_FROM else Band.FAINT


def visible(suggestion: SuggestionV1) -> tuple[object, ...]:
    """All that a member sees of a suggestion.

    What changes without it, such as a score within its band, is not told: the time would tell of somebody else.
    """
    paths = [
        (path.introducer_id, is_direct(path), path.label, path.ask, band(path.score), tuple(path.reasons))
        for path in suggestion.paths
    ]
    return suggestion.fit, suggestion.opening, *paths


def is_direct(path: PathV1) -> bool:
    """Whether the introducer is the insider."""
    return path.introducer_id == path.insider_id


def without(suggestion: SuggestionV1, hidden: Collection[str]) -> SuggestionV1 | None:
    """The suggestion without introducers whom the member hid; None where nobody is left."""
    if not hidden:
        return suggestion
    left = tuple(path for path in suggestion.paths if path.introducer_id not in hidden)
    return suggestion.model_copy(update={"paths": left}) if left else None


def best_path(paths: Sequence[PathV1]) -> PathV1:
    """The best path; records list them best first."""
    return paths[0]


def rank(suggestion: SuggestionV1) -> Decimal:
    """Fit times best score, in exact decimals, so that equal products compare equal. Only for ordering; never shown."""
    return Decimal(suggestion.fit) * Decimal(str(best_path(suggestion.paths).score)) / 100


def list_order(suggestion: SuggestionV1) -> tuple[Decimal, float, str]:
    """The sort key of a member's list: fit times best score, the newer opening, posting id. As in the SQL."""
    posted = suggestion.opening.posted_at.timestamp() if suggestion.opening else 0.0
    return (-rank(suggestion), -posted, suggestion.posting_id)
