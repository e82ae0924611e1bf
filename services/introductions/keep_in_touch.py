"""Whom to keep in touch with before it is needed: at most three people a week, by what would be lost. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

MOST: Final = 3
"""People a week."""

TOUCHED_FOR: Final = timedelta(days=90)
"""For how long nobody is named again after a sign of life."""

LATER: Final = timedelta(days=28)
"""For how long *later* puts somebody off."""

FIRST_MONDAY: Final = timedelta(hours=14)
"""How far the time zone in which Monday begins first is ahead of UTC: the week is new in all of them by then."""

What = Literal["done", "later", "never"]


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody whom a member knows. `loss`: fit times score of the member's suggestions that lead through them.

    `last_sign`: the last sign of life that the member's own evidence, or an introduction, shows.
    """

    person_id: str
    loss: float
    last_sign: date | None
    months_together: int = 0
    closeness: int | None = None
    asleep: bool = False


def week_of(now: datetime) -> date:
    """The Monday of the week that it is somewhere already."""
    day = (now + FIRST_MONDAY).date()
    return day - timedelta(days=day.weekday())


def choose(people: Iterable[Acquaintance], left_out: Collection[str], now: datetime) -> list[Acquaintance]:
    """At most three, by what would be lost; one of them may be somebody out of sight who is worth waking."""
    there = [one for one in people if one.person_id not in left_out and not touched_lately(one, now)]
    by_loss = sorted((one for one in there if one.loss > 0), key=lambda one: (-one.loss, one.person_id))
    chosen = by_loss[:MOST]
    if any(one.asleep for one in chosen):
        return chosen
    waking = next((one for one in there if one.asleep), None)
    return chosen if waking is None else [*chosen[: MOST - 1], waking]


def touched_lately(one: Acquaintance, now: datetime) -> bool:
    """Whether there was a sign of life within 90 days."""
    return one.last_sign is not None and one.last_sign > (now - TOUCHED_FOR).date()


def until(what: What, now: datetime) -> datetime | None:
    """Until when somebody is not named again; None for never."""
    return {"done": now + TOUCHED_FOR, "later": now + LATER, "never": None}[what]


def why(one: Acquaintance, openings: int) -> list[str]:
    """Why this person, in words."""
    said = []
    if openings:
        that_fit = "1 opening that fits" if openings == 1 else f"{openings} openings that fit"
        said.append(f"They could introduce you to {that_fit} you now.")
    if one.months_together:
        said.append(f"You worked together for {one.months_together} months.")
    if one.asleep:
        said.append("You have not been in touch for three years or more: people like that often know what you do not.")
    elif one.last_sign is not None:
        said.append(f"The last sign of life is of {one.last_sign:%B %Y}.")
    return said
