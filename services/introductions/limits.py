"""Who may be asked how often, by whom, and whose turn it is. Pure rules; the database holds them under every race."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

WINDOW: Final = timedelta(hours=720)
"""The month that requests are counted in."""

MOST_LIVE: Final = 5
MOST_ORDERED: Final = 3
SAME_INTRODUCER_AFTER: Final = timedelta(days=30)
OFFERS_WAITING: Final = 3
OFFERS_A_DAY: Final = 3
DEFAULT_ASKS: Final = 4
MOST_ASKS: Final = 30

From = Literal["any", "warm", "close"]
LEAST_FIRMNESS: Final[dict[From, float]] = {"any": 0.0, "warm": 0.30, "close": 0.60}


@dataclass(frozen=True, slots=True)
class Limits:
    """What somebody allows. `never_companies` are resolved keys; `quiet_until`: nothing reaches them before."""

    asks_a_month: int = DEFAULT_ASKS
    quiet_until: datetime | None = None
    never_companies: frozenset[str] = frozenset()
    never_members: frozenset[str] = frozenset()
    asked_from: From = "warm"


@dataclass(frozen=True, slots=True)
class Approach:
    """One request on its way to somebody: from whom, about which company, how well they know who asks them.

    `firmness`: of the tie from the asked towards who writes to them. `direct`: the asked is the one at the company.
    """

    senders: frozenset[str]
    company_key: str
    firmness: float
    direct: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for somebody's room. `delivered`: asks of its seeker in the last 30 days."""

    id: str
    value: int
    delivered: int
    begun_at: datetime

    @property
    def turn(self) -> tuple[Fraction, datetime, str]:
        """The smallest is next: value over asks delivered, then the older one, then the smaller id."""
        return (-Fraction(self.value, 1 + self.delivered), self.begun_at, self.id)


@dataclass(slots=True)
class Person:
    """Somebody who is asked: limits, moments at which requests reached them, and what waits for them.

    `waiting` holds only what their other limits let through.
    """

    limits: Limits = Limits()
    reached: list[datetime] = field(default_factory=list)
    waiting: tuple[Waiting, ...] = ()

    def room(self, now: datetime) -> int:
        """How many more requests may reach them now."""
        return room(self.limits, self.reached, now)


def room(limits: Limits, reached: Iterable[datetime], now: datetime) -> int:
    """How many more requests may reach somebody now. A moment after `now` counts: clocks may be set back."""
    if limits.quiet_until is not None and now < limits.quiet_until:
        return 0
    return max(0, limits.asks_a_month - sum(moment > now - WINDOW for moment in reached))


def lets_through(limits: Limits, approach: Approach) -> bool:
    """Whether such a request may ever reach them under these limits, room aside."""
    if approach.senders & limits.never_members or approach.company_key in limits.never_companies:
        return False
    if limits.asked_from == "warm" and approach.direct:
        return True
    return approach.firmness >= LEAST_FIRMNESS[limits.asked_from]


def has_turn(person: Person, mine: Waiting, now: datetime) -> bool:
    """Whether a request is among those that the free places go to."""
    ahead = sum(other.turn < mine.turn for other in person.waiting if other.id != mine.id)
    return ahead < person.room(now)


def in_turn(waiting: Sequence[Waiting]) -> list[Waiting]:
    """In the order in which free places go to them."""
    return sorted(waiting, key=lambda one: one.turn)
