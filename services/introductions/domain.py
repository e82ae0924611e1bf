"""What may happen to the introductions of one seeker: commands, and what is due by itself. Pure.

Kept true: whatever happens, each open introduction has a moment at which it ends by itself; a command first carries out
what is due; nobody else learns anything from a quiet answer before its deadline.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from services.introductions import limits, transitions
from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.limits import Person
from services.introductions.transitions import (
    OPENING_CLOSED_FOR,
    Origin,
    Outcome,
    State,
    deadline_of,
)

Now = Callable[[], datetime]

ASKS_NEXT_AFTER: Final = frozenset({Outcome.NO_ROOM, Outcome.NO_LONGER_POSSIBLE})
"""Outcomes after which the next introducer is asked, beside `declined` and `expired`."""


class NotPossibleError(Exception):
    """It cannot be done now. `possible`: what can, by whom it was tried."""

    def __init__(self, reason: str, possible: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.possible = reason, possible


class LimitError(NotPossibleError):
    """One of the seeker's own limits, or of those who offer, is reached."""


class UnknownError(Exception):
    """There is no such introduction, or none that whoever asks may know of."""


@dataclass(slots=True)
class Case:
    """The introductions of one seeker and all that decides about them, as read under locks at `now`.

    Attributes:
        introductions: the seeker's, by id: all open ones, and ended ones that a limit may look at.
        people: whoever may be asked, by id; those who are not there have no limits of ours.
        paths: the seeker's live paths, by the key of an opening and the introducer.
        closed_at: since when an opening is closed, by posting id.
        unwilling: members who do not agree to be asked.
        blocked: pairs of people, smaller id first, of whom one keeps the other off.
        delivered: asks of the seeker that were delivered in the last 30 days.
        new_id: makes the id of an introduction.
        changed: ids of those that changed, in order.
    """

    now: datetime
    seeker_id: str
    new_id: Callable[[], str]
    introductions: dict[str, Introduction] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    paths: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    closed_at: Mapping[str, datetime] = field(default_factory=dict)
    unwilling: frozenset[str] = frozenset()
    blocked: frozenset[tuple[str, str]] = frozenset()
    delivered: int = 0
    changed: dict[str, None] = field(default_factory=dict)

    def put(self, one: Introduction) -> Introduction:
        """Keep an introduction as it is now."""
        self.introductions[one.id] = one
        self.changed[one.id] = None
        return one

    def live(self, but: Iterable[str] = ()) -> list[Introduction]:
        """The live ones that count under the seeker's limits."""
        left_out = set(but)
        return [one for one in self.introductions.values() if one.takes_part_in_limits and one.id not in left_out]


# --- by itself ----------------------------------------------------------------------------------------------------


def carry_out_due(case: Case) -> None:
    """End what is due, the earliest first, ask the next introducers, and deliver what there is room for."""
    while due := _due(case):
        _end_by_itself(case, min(due)[1])
    deliver(case)


def _due(case: Case) -> list[tuple[datetime, str]]:
    moments = ((_due_moment(case, one), one.id) for one in case.introductions.values() if one.is_open)
    return [(moment, key) for moment, key in moments if moment is not None and moment <= case.now]


def _due_moment(case: Case, one: Introduction) -> datetime | None:
    return min((moment for moment, _ in _reasons_to_end(case, one)), default=None)


def _reasons_to_end(case: Case, one: Introduction) -> list[tuple[datetime, Outcome | None]]:
    """Moments at which it ends by itself, and why; None stands for its deadline."""
    moments = (
        (one.due_at, None),
        (_opening_over(case, one), Outcome.OPENING_CLOSED),
        (case.now if is_broken(case, one) else None, Outcome.NO_LONGER_POSSIBLE),
    )
    return [(moment, outcome) for moment, outcome in moments if moment is not None]


def _opening_over(case: Case, one: Introduction) -> datetime | None:
    closed_at = case.closed_at.get(one.opening.posting_id or "")
    if closed_at is None or one.state not in {State.REQUESTED, State.ASKED}:
        return None
    return closed_at + OPENING_CLOSED_FOR


def is_broken(case: Case, one: Introduction) -> bool:
    """Whether consent was withdrawn, or one of the three keeps another off, before they were introduced."""
    if one.state not in transitions.LIVE:
        return False
    three = sorted({one.seeker_id, one.path.introducer_id, one.path.insider_id})
    if any((a, b) in case.blocked for a in three for b in three if a < b):
        return True
    asked = {one.path.insider_id: one.path.target_leg} | {one.path.introducer_id: one.path.leg}
    return any(leg == "app" and person in case.unwilling for person, leg in asked.items())


def _end_by_itself(case: Case, key: str) -> None:
    one = case.introductions[key]
    _, outcome = min(_reasons_to_end(case, one), key=lambda reason: reason[0])
    if outcome is not None:
        end(case, one, State.CLOSED, outcome)
    elif one.sealed:
        quiet = {answer.who: answer.answer for answer in one.sealed}
        end(case, replace(one, answers={**one.answers, **quiet}), State.DECLINED)
    elif one.agreed_at is not None:
        end(case, one, State.CLOSED, Outcome.NO_ROOM)
    else:
        deadline = deadline_of(one.state, one.origin)
        assert deadline is not None  # noqa: S101 - it is open
        end(case, one, deadline.to, deadline.outcome)


def end(case: Case, one: Introduction, to: State, outcome: Outcome | None = None) -> Introduction:
    """End an introduction, and ask the next introducer where the seeker named one."""
    ended = case.put(one.moved(to, case.now, outcome, then=()))
    if to in {State.DECLINED, State.EXPIRED} or outcome in ASKS_NEXT_AFTER:
        _ask_next(case, one)
    return ended


def _ask_next(case: Case, before: Introduction) -> None:
    for place, introducer_id in enumerate(before.to_ask_next(case.now)):
        path = case.paths.get((before.opening.key, introducer_id))
        if path is None or why_not(case, before.opening, path) is not None:
            continue
        begun = Introduction(
            id=case.new_id(), origin=Origin.ASK, seeker_id=case.seeker_id, opening=before.opening, path=path,
            then=before.then[place + 1 :], first_at=before.first_at or before.begun_at, note=before.note,
        ).moved(State.REQUESTED, case.now)  # fmt: skip
        if is_broken(case, begun):
            continue
        case.put(begun)
        return


def deliver(case: Case) -> None:
    """Let what waits for room go on where there is some and it has its turn."""
    while any(_delivered(case, one) for one in sorted(case.introductions.values(), key=lambda one: one.begun_at)):
        pass


def _delivered(case: Case, one: Introduction) -> bool:
    """Whether something was done: it went on, or ended since its path is gone."""
    if one.waits_for_room_of is None or one.sealed or not _has_room(case, one):
        return False
    if one.agreed_at is not None:
        accept(case, one)
    elif (one.opening.key, one.path.introducer_id) not in case.paths:
        end(case, one, State.CLOSED, Outcome.NO_LONGER_POSSIBLE)
    else:
        reached = case.now if one.path.leg == "app" else None
        case.put(one.moved(State.ASKED, case.now, reached_at=reached))
        if reached:
            _count(case, one.path.introducer_id)
            case.delivered += 1
    return True


def _has_room(case: Case, one: Introduction) -> bool:
    leg = one.path.leg if one.agreed_at is None else one.path.target_leg
    person = case.people.get(one.waits_for_room_of or "")
    if leg == "hand" or person is None:
        return True
    return limits.lets_through(person.limits, one.approach()) and limits.has_turn(
        person, one.waiting(case.delivered), case.now
    )


def _count(case: Case, person_id: str) -> None:
    if person_id in case.people:
        case.people[person_id].reached.append(case.now)


def accept(case: Case, one: Introduction) -> Introduction:
    """The introducer's and, of an offer, the seeker's yes is given, and the target is reached."""
    if one.path.direct:
        return case.put(one.moved(State.ACCEPTED, case.now).moved(State.INTRODUCED, case.now))
    waits = replace(one, agreed_at=one.agreed_at or case.now)
    if not _has_room(case, waits):
        return case.put(waits)
    reached = case.now if one.path.target_leg == "app" else None
    if reached:
        _count(case, one.path.insider_id)
    return case.put(one.moved(State.ACCEPTED, case.now, reached_target_at=reached))


# --- beginning ----------------------------------------------------------------------------------------------------


def why_not(case: Case, opening: Opening, path: Path, but: Iterable[str] = (), *, asking: bool = True) -> str | None:
    """Why the seeker's own limits refuse this introduction; None where they do not.

    `but`: ids to leave out. `asking`: they ask; earlier asks are no reason not to accept an offer.
    """
    live = case.live(but)
    if len(live) >= limits.MOST_LIVE:
        return f"you have {limits.MOST_LIVE} introductions under way, the most there may be: wait for one to end"
    if any(one.opening.key == opening.key for one in live):
        return "you have an introduction under way for this already"
    if any(one.path.introducer_id == path.introducer_id for one in live):
        return "you have an introduction under way with this person already"
    return _asked_before(case, opening, path) if asking else None


def _asked_before(case: Case, opening: Opening, path: Path) -> str | None:
    for one in case.introductions.values():
        if one.origin != Origin.ASK or one.path.introducer_id != path.introducer_id or not one.at(State.ASKED):
            continue
        if one.opening.key == opening.key:
            return "you have asked this person about this already"
        if one.ended_at and case.now < one.ended_at + limits.SAME_INTRODUCER_AFTER:
            return "you asked this person lately: ask somebody else, or wait until 30 days after that ended"
    return None


def ask(case: Case, opening: Opening, introducers: tuple[str, ...], note: str | None) -> Introduction:
    """The seeker asks the first of these introducers; the others are asked in order if that leads to nothing.

    Raises:
        LimitError: one of the seeker's own limits is reached.
        NotPossibleError: there is no path.
    """
    carry_out_due(case)
    path = case.paths.get((opening.key, introducers[0]))
    if path is None:
        raise NotPossibleError("there is no path through this person any more")
    if reason := why_not(case, opening, path):
        raise LimitError(reason)
    begun = Introduction(
        id=case.new_id(), origin=Origin.ASK, seeker_id=case.seeker_id, opening=opening, path=path,
        then=introducers[1:], first_at=case.now, note=note,
    ).moved(State.REQUESTED, case.now)  # fmt: skip
    if is_broken(case, begun):
        raise NotPossibleError("there is no path through this person any more")
    case.put(begun)
    deliver(case)
    return case.introductions[begun.id]


def offer(
    case: Case,
    opening: Opening,
    path: Path,
    *,
    sent: Iterable[datetime],
    hidden: bool,
    note: str | None = None,
    contact: str | None = None,
) -> Introduction:
    """An introducer offers to introduce the seeker. `sent`: when they sent offers lately, to anybody.

    `contact`: how they may be reached, where they work there themself.

    Raises:
        LimitError: a limit of offers is reached, or it was offered before.
    """
    carry_out_due(case)
    theirs = [
        one
        for one in case.introductions.values()
        if one.origin == Origin.OFFER and one.path.introducer_id == path.introducer_id
        and one.opening.key == opening.key
    ]  # fmt: skip
    if waiting := [one for one in theirs if one.is_open]:
        return waiting[0]
    if theirs:
        raise LimitError("you have offered this already")
    if sum(one.is_waiting_offer for one in case.introductions.values()) >= limits.OFFERS_WAITING:
        raise LimitError("several offers wait for them already: try again in some days")
    if sum(moment > case.now - timedelta(days=1) for moment in sent) >= limits.OFFERS_A_DAY:
        raise LimitError(f"you have sent {limits.OFFERS_A_DAY} offers within a day, the most there may be")
    begun = Introduction(
        id=case.new_id(), origin=Origin.OFFER, seeker_id=case.seeker_id, opening=opening, path=path, note=note,
        hidden=hidden, contact=contact,
    ).moved(State.REQUESTED, case.now)  # fmt: skip
    if is_broken(case, begun):
        raise NotPossibleError("this is not possible any more")
    return case.put(begun)
