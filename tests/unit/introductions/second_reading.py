"""A second reading of docs/introductions.md's contract, as plain as it can be: the oracle of the random histories.

Everything is worked out from lists, anew at each question. It shares nothing with the service, and was written from
the contract alone. Time is a datetime; whoever uses it calls `carry_out` often enough that nothing is due for long.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)
MONTH = timedelta(hours=720)
LIVE = ("requested", "asked", "accepted")
NEXT_AFTER = ("declined", "expired", "closed:no_room", "closed:no_longer_possible")
FROM = {"any": 0.0, "warm": 0.30, "close": 0.60}
OUTCOMES = ("nothing", "talked", "interviewing", "hired")


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """What is not possible now."""


@dataclass
class Someone:
    """A person. `firmness`: how well they know others, by id."""

    name: str
    member: bool = True
    introduces: bool = True
    asks_a_month: int = 4
    quiet_until: datetime | None = None
    never_companies: set[str] = field(default_factory=set)
    never_members: set[str] = field(default_factory=set)
    takes_from: str = "warm"
    firmness: dict[str, float] = field(default_factory=dict)
    erased: bool = False


@dataclass(frozen=True)
class Way:
    """A live path: by this introducer to that target. `value`: 10,000 times fit times score, rounded."""

    target: str
    value: int

    def direct(self, introducer: str) -> bool:
        return self.target == introducer


@dataclass
class Introduction:
    number: int
    seeker: str
    introducer: str
    target: str
    posting: str
    company: str
    value: int
    asked_first: datetime
    """When the first of its row of introducers was asked for."""
    others: list[str]
    steps: list[tuple[str, datetime]]
    sealed: str | None = None
    yes: bool = False
    """The introducer said yes, and the target had no room then."""
    sent: datetime | None = None

    @property
    def state(self) -> str:
        return self.steps[-1][0]

    @property
    def since(self) -> datetime:
        return self.steps[-1][1]

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def direct(self) -> bool:
        return self.introducer == self.target

    def when(self, state: str) -> datetime | None:
        return next((at for name, at in self.steps if name == state), None)

    def for_seeker(self) -> str:
        """What the seeker reads: all ends before an introduction are one."""
        names = {"requested": "waiting", "asked": "asked", "accepted": "agreed", "introduced": "introduced"}
        if self.state in names:
            return names[self.state]
        return self.state.removeprefix("closed:") if self.when("introduced") else "ended"


class SecondReading:
    """Everything there is, and what may be done with it."""

    def __init__(self) -> None:
        self.people: dict[str, Someone] = {}
        self.ways: dict[tuple[str, str, str], Way] = {}
        """By seeker, introducer and posting."""
        self.companies: dict[str, str] = {}
        self.closed_postings: dict[str, datetime] = {}
        self.blocks: set[frozenset[str]] = set()
        self.all: list[Introduction] = []

    # What is due

    def carry_out(self, now: datetime) -> None:
        """Deadlines first, then whoever waits for room."""
        while any(self._end_if_due(each, now) for each in list(self.all)):
            pass
        self._give_room(now)

    def _end_if_due(self, one: Introduction, now: datetime) -> bool:
        closed = self.closed_postings.get(one.posting)
        if one.state in ("requested", "asked") and closed and now >= closed + 2 * DAY:
            self._end(one, "closed:opening_closed", now)
        elif one.live and not self._still_possible(one):
            self._end(one, "closed:no_longer_possible", now)
        elif one.state == "requested" and now >= one.since + 14 * DAY:
            self._end(one, "closed:no_room", now)
        elif one.state == "asked" and now >= (one.sent or one.since) + 7 * DAY:
            self._end(one, one.sealed or ("closed:no_room" if one.yes else "expired"), now)
        elif one.state == "accepted" and now >= one.since + 7 * DAY:
            self._end(one, one.sealed or "expired", now)
        elif one.state == "introduced" and now >= one.since + 60 * DAY:
            self._end(one, "closed:unknown", now)
        else:
            return False
        return True

    def _still_possible(self, one: Introduction) -> bool:
        three = {one.seeker, one.introducer, one.target}
        if any(pair <= three for pair in self.blocks):
            return False
        return all(self.people[each].introduces for each in three - {one.seeker} if self.people[each].member)

    def _end(self, one: Introduction, state: str, now: datetime) -> None:
        one.steps.append((state, now))
        if state in NEXT_AFTER and not one.when("introduced"):
            self._ask_next(one, now)

    def _ask_next(self, ended: Introduction, now: datetime) -> None:
        if now >= ended.asked_first + 21 * DAY:
            return
        for place, introducer in enumerate(ended.others):
            try:
                self._request(
                    ended.seeker, introducer, ended.posting, now, ended.asked_first, ended.others[place + 1 :]
                )
            except Refused:
                continue
            return

    def _give_room(self, now: datetime) -> None:
        for one in [each for each in self.all if each.state == "asked" and each.yes]:
            if self._takes(one.target, one, now):
                self._accept(one, now)
        for introducer in sorted({each.introducer for each in self.all if each.state == "requested"}):
            while waiting := [each for each in self._waiting(introducer) if self._takes(introducer, each, now)]:
                first = min(waiting, key=lambda one: (-self._turn(one, now), one.since, one.number))
                if (first.seeker, introducer, first.posting) not in self.ways:
                    self._end(first, "closed:no_longer_possible", now)
                    continue
                first.steps.append(("asked", now))

    def _waiting(self, introducer: str) -> list[Introduction]:
        return [each for each in self.all if each.introducer == introducer and each.state == "requested"]

    def _turn(self, one: Introduction, now: datetime) -> float:
        recent = [each.when("asked") for each in self.all if each.seeker == one.seeker]
        return one.value / (1 + sum(at is not None and at > now - 30 * DAY for at in recent))

    # Limits

    def reached(self, person: str) -> Iterator[datetime]:
        """When requests reached this person, as introducer or as target; a direct one once."""
        for one in self.all:
            moments = {one.when("asked")} if one.introducer == person else set()
            if one.target == person and not one.direct:
                moments.add(one.when("accepted"))
            yield from (at for at in moments if at is not None)

    def _takes(self, person: str, one: Introduction, now: datetime) -> bool:
        them = self.people[person]
        if not them.member:
            return True
        asker = one.seeker if person == one.introducer else one.introducer
        room = sum(at > now - MONTH for at in self.reached(person)) < them.asks_a_month
        quiet = them.quiet_until is not None and now < them.quiet_until
        never = one.company in them.never_companies or one.seeker in them.never_members or asker in them.never_members
        near = (one.direct and them.takes_from == "warm") or them.firmness.get(asker, 0.0) >= FROM[them.takes_from]
        return room and not quiet and not never and near

    # What the seeker does

    def ask(self, seeker: str, introducers: list[str], posting: str, now: datetime) -> Introduction:
        """Ask the first, and name the others in order. Raises Refused."""
        self.carry_out(now)
        one = self._request(seeker, introducers[0], posting, now, now, introducers[1:])
        self._give_room(now)
        return one

    def _request(
        self, seeker: str, introducer: str, posting: str, now: datetime, first: datetime, others: list[str]
    ) -> Introduction:
        way = self.ways.get((seeker, introducer, posting))
        if way is None:
            raise Refused("no path")
        mine = [each for each in self.all if each.seeker == seeker]
        live = [each for each in mine if each.live]
        if len(live) >= 5:
            raise Refused("five are live")
        if any(each.posting == posting or each.introducer == introducer for each in live):
            raise Refused("one is live")
        for each in mine:
            if each.introducer != introducer or each.when("asked") is None:
                continue
            if each.posting == posting:
                raise Refused("asked for this before")
            if now < each.since + 30 * DAY and not each.live and not each.when("introduced"):
                raise Refused("asked lately")
        one = Introduction(
            len(self.all), seeker, introducer, way.target, posting, self.companies[posting], way.value, first,
            list(others), [("requested", now)],
        )  # fmt: skip
        if not self._still_possible(one):
            raise Refused("not possible")
        self.all.append(one)
        return one

    def withdraw(self, one: Introduction, now: datetime) -> None:
        self._do(one, now, lambda: one.live, lambda: one.steps.append(("closed:withdrawn", now)))

    def outcome(self, one: Introduction, said: str, now: datetime) -> None:
        def possible() -> bool:
            introduced = one.when("introduced")
            if introduced is None or one.state == "closed:erased" or now >= introduced + 365 * DAY:
                return False
            held = one.state.removeprefix("closed:")
            return held not in OUTCOMES or OUTCOMES.index(said) > OUTCOMES.index(held)

        if one.state != f"closed:{said}":
            self._do(one, now, possible, lambda: one.steps.append((f"closed:{said}", now)))

    # What the others do

    def answer(self, one: Introduction, said: str, now: datetime) -> None:
        """The introducer's: `yes`, `no` told at once, or `quiet`."""
        self._do(
            one, now, lambda: one.state == "asked" and not one.sealed and not one.yes, lambda: self._say(one, said, now)
        )

    def _say(self, one: Introduction, said: str, now: datetime) -> None:
        if said == "no":
            self._end(one, "declined", now)
        elif said == "quiet":
            one.sealed = "declined"
        elif one.direct:
            one.steps.append(("accepted", now))
            one.steps.append(("introduced", now))
        elif self._takes(one.target, one, now):
            self._accept(one, now)
        else:
            one.yes = True

    def _accept(self, one: Introduction, now: datetime) -> None:
        one.yes = False
        one.steps.append(("accepted", now))

    def target_answer(self, one: Introduction, said: str, now: datetime) -> None:
        """The target's: `yes`, or `no`, which is always quiet."""

        def say() -> None:
            if said == "yes":
                one.steps.append(("introduced", now))
            else:
                one.sealed = "declined"

        self._do(one, now, lambda: one.state == "accepted" and not one.sealed, say)

    def _do(self, one: Introduction, now: datetime, possible: Callable[[], bool], act: Callable[[], None]) -> None:
        self.carry_out(now)
        if not possible():
            raise Refused(one.state)
        act()
        self._give_room(now)

    # What happens to people

    def erase(self, person: str, now: datetime) -> None:
        self.carry_out(now)
        self.people[person].erased = True
        for one in self.all:
            if person in (one.seeker, one.introducer, one.target) and (one.live or one.state == "introduced"):
                one.steps.append(("closed:erased", now))

    # What is known of people

    def given(self, giver: str, taker: str) -> int:
        """Introductions that one made for another and that came about."""
        return sum(
            each.introducer == giver and each.seeker == taker and each.when("introduced") is not None
            for each in self.all
        )
