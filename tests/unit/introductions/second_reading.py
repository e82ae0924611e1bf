"""A second reading of docs/introductions.md's contract, as plain as it can be: the oracle of the random histories.

Everything is worked out from lists, anew at each question. It shares nothing with the service, and was written from
the contract alone. Time is a datetime; whoever uses it calls `carry_out` often enough that nothing is due for long.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

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
    """A live path to a target. `value`: 10,000 times fit times score, rounded. `by_hand`: by a draft that is sent."""

    target: str
    value: int
    by_hand: bool = False


@dataclass
class Introduction:
    number: int
    seeker: str
    introducer: str
    target: str
    posting: str
    company: str
    value: int
    by_hand: bool
    asked_first: datetime
    """When the first of its row of introducers was asked for."""
    others: list[str]
    offered: bool
    steps: list[tuple[str, datetime]]
    answers: dict[str, str] = field(default_factory=dict)
    """What each said: `yes` or `no`. Saying it again changes nothing."""
    sealed: set[str] = field(default_factory=set)
    """Who declined quietly."""
    yes: bool = False
    """The introducer said yes, and the target had no room then."""
    sent: dict[str, datetime] = field(default_factory=dict)
    """By hand, by state: when the writer said that they sent the draft."""

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
    def counts_as_live(self) -> bool:
        """Under the seeker's limits: an offer does from their yes on."""
        return self.live and not (self.offered and self.state == "requested")

    @property
    def ended(self) -> datetime | None:
        return next((at for state, at in self.steps if state not in (*LIVE, "introduced")), None)

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
            self._end(one, "closed:no_answer" if one.offered and not one.yes else "closed:no_room", now)
        elif one.state == "asked" and now >= one.sent.get("asked", one.since) + 7 * DAY:
            self._time_is_over(one, "closed:no_room" if one.yes else "expired", now)
        elif one.state == "accepted" and now >= one.sent.get("accepted", one.since) + 7 * DAY:
            self._time_is_over(one, "expired", now)
        elif one.state == "introduced" and now >= one.since + 60 * DAY:
            self._end(one, "closed:unknown", now)
        else:
            return False
        return True

    def _still_possible(self, one: Introduction) -> bool:
        three = {one.seeker, one.introducer, one.target}
        if any(pair <= three for pair in self.blocks):
            return False
        return one.by_hand or all(self.people[each].introduces for each in three - {one.seeker})

    def _time_is_over(self, one: Introduction, state: str, now: datetime) -> None:
        """A quiet answer is one like any other from now on."""
        quiet = bool(one.sealed)
        one.sealed.clear()
        self._end(one, "declined" if quiet else state, now)

    def _end(self, one: Introduction, state: str, now: datetime) -> None:
        """Another end than by time wins over a quiet answer, of which nothing is left: a yes before it stands."""
        agreed = {"introducer"} if not one.offered and (one.yes or one.when("accepted")) else set()
        one.answers |= dict.fromkeys(one.sealed & agreed, "yes")
        for who in one.sealed - agreed:
            del one.answers[who]
        one.sealed.clear()
        one.steps.append((state, now))
        if state in NEXT_AFTER and not one.when("introduced"):
            self._ask_next(one, now)

    def _ask_next(self, ended: Introduction, now: datetime) -> None:
        if ended.offered or now > ended.asked_first + 21 * DAY:
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
        for person in sorted({self._waits_for(each) for each in self.all} - {""}):
            while waiting := [each for each in self.all if self._waits_for(each) == person and self._takes(each, now)]:
                self._let_on(min(waiting, key=lambda one: (-self._turn(one, now), one.steps[0][1], one.number)), now)

    def _let_on(self, one: Introduction, now: datetime) -> None:
        if one.yes:
            one.yes = False
            one.steps.append(("accepted", now))
        elif (one.seeker, one.introducer, one.posting) in self.ways:
            one.steps.append(("asked", now))
        else:
            self._end(one, "closed:no_longer_possible", now)

    def _waits_for(self, one: Introduction) -> str:
        """The person whose room it waits for."""
        if one.yes and one.state in ("requested", "asked"):
            return "" if one.sealed else one.target
        return one.introducer if one.state == "requested" and not one.offered else ""

    def _turn(self, one: Introduction, now: datetime) -> Fraction:
        asks = [each.when("asked") for each in self.all if each.seeker == one.seeker and not each.by_hand]
        return Fraction(one.value, 1 + sum(at is not None and at > now - 30 * DAY for at in asks))

    # Limits

    def reached(self, person: str) -> Iterator[datetime]:
        """When requests reached this person, as introducer or as target; a direct one once."""
        for one in self.all:
            if one.by_hand:
                continue
            if one.introducer == person and (asked := one.when("asked")):
                yield asked
            if one.target == person and not one.direct and (accepted := one.when("accepted")):
                yield accepted

    def _takes(self, one: Introduction, now: datetime) -> bool:
        """Whether the one whom it waits for has room, and takes it."""
        person = self._waits_for(one)
        them, asker = self.people[person], one.introducer if one.yes else one.seeker
        if one.by_hand:
            return True
        room = sum(at > now - MONTH for at in self.reached(person)) < them.asks_a_month
        quiet = them.quiet_until is not None and now < them.quiet_until
        never = one.company in them.never_companies or {one.seeker, asker} & them.never_members
        near = (one.direct and them.takes_from == "warm") or them.firmness.get(asker, 1.0) >= FROM[them.takes_from]
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
        self._check_limits(seeker, introducer, posting, but=())
        for each in self.all:
            if (each.seeker, each.introducer) != (seeker, introducer) or each.offered or each.when("asked") is None:
                continue
            if each.posting == posting:
                raise Refused("asked for this before")
            if each.ended and now < each.ended + 30 * DAY:
                raise Refused("asked lately")
        return self._begin(seeker, introducer, posting, now, first, others)

    def _check_limits(self, seeker: str, introducer: str, posting: str, but: Collection[Introduction]) -> None:
        live = [each for each in self.all if each.seeker == seeker and each.counts_as_live and each not in but]
        if len(live) >= 5:
            raise Refused("five are live")
        if any(each.posting == posting or each.introducer == introducer for each in live):
            raise Refused("one is live")

    def _begin(
        self, seeker: str, introducer: str, posting: str, now: datetime, first: datetime, others: list[str] | None
    ) -> Introduction:
        way = self.ways.get((seeker, introducer, posting))
        if way is None:
            raise Refused("no path")
        one = Introduction(
            number=len(self.all), seeker=seeker, introducer=introducer, target=way.target, posting=posting,
            company=self.companies[posting], value=way.value, by_hand=way.by_hand, asked_first=first,
            others=others or [], offered=others is None, steps=[("requested", now)],
        )  # fmt: skip
        if not self._still_possible(one):
            raise Refused("not possible")
        self.all.append(one)
        return one

    def offer(self, introducer: str, seeker: str, posting: str, now: datetime) -> Introduction:
        """An introducer offers. Raises Refused."""
        self.carry_out(now)
        theirs = [each for each in self.all if each.offered and each.introducer == introducer]
        same = [each for each in theirs if (each.seeker, each.posting) == (seeker, posting)]
        if same and (same[-1].live or same[-1].state == "introduced"):
            return same[-1]
        if same:
            raise Refused("offered before")
        waiting = [each for each in self.all if each.seeker == seeker and each.offered and each.state == "requested"]
        if len(waiting) >= 3:
            raise Refused("three wait")
        if sum(each.steps[0][1] > now - DAY for each in theirs) >= 3:
            raise Refused("three a day")
        return self._begin(seeker, introducer, posting, now, now, None)

    def take_offer(self, one: Introduction, said: str, now: datetime) -> None:
        """The seeker's `yes` or `no` to an offer. Their own asks in its way are withdrawn."""

        def say() -> None:
            if said == "no":
                one.steps.append(("declined", now))
                return
            own = [each for each in self.all if each.seeker == one.seeker and each.counts_as_live and not each.offered]
            in_the_way = [each for each in own if each.posting == one.posting or each.introducer == one.introducer]
            self._check_limits(one.seeker, one.introducer, one.posting, in_the_way)
            for each in in_the_way:
                self._end(each, "closed:withdrawn", now)
            self._agree(one, now)

        self._do(one, now, lambda: one.offered and one.state == "requested" and not one.yes, say, "seeker", said)

    def sent(self, one: Introduction, now: datetime) -> None:
        """The writer says that they sent the draft."""
        self._do(
            one, now, lambda: one.by_hand and one.state in ("asked", "accepted") and one.state not in one.sent,
            lambda: one.sent.setdefault(one.state, now),
        )  # fmt: skip

    def withdraw(self, one: Introduction, who: str, now: datetime) -> None:
        """The seeker takes it back; of an offer that waits, the introducer does. Again by the same changes nothing."""
        whose = "introducer" if one.offered and not one.when("accepted") else "seeker"
        if who == whose and one.state == "closed:withdrawn":
            return
        self._do(one, now, lambda: one.live and who == whose, lambda: self._end(one, "closed:withdrawn", now))

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
        """The introducer's: `yes`, `no` told at once, or `quiet`; a no may come after a yes."""

        def possible() -> bool:
            states = ("asked",) if said == "yes" else ("asked", "accepted")
            return one.state in states and "introducer" not in one.sealed and not (said == "yes" and one.yes)

        def say() -> None:
            if said == "no":
                self._end(one, "declined", now)
            elif said == "quiet":
                one.sealed.add("introducer")
            else:
                self._agree(one, now)

        self._do(one, now, possible, say, "introducer", said)

    def _agree(self, one: Introduction, now: datetime) -> None:
        """Yes was given: on a direct path both are introduced, else the target is asked as soon as they have room."""
        if one.direct:
            one.steps += [("accepted", now), ("introduced", now)]
        else:
            one.yes = True

    def target_answer(self, one: Introduction, said: str, now: datetime) -> None:
        """The target's: `yes`, or `no`, which is always quiet."""

        def say() -> None:
            if said == "yes":
                one.steps.append(("introduced", now))
            else:
                one.sealed.add("target")

        self._do(one, now, lambda: one.state == "accepted" and "target" not in one.sealed, say, "target", said)

    def _do(
        self, one: Introduction, now: datetime, possible: Callable[[], bool], act: Callable[[], object],
        who: str = "", said: str = "",
    ) -> None:  # fmt: skip
        """Carry out what is due, and then do it, unless it was done before. `said`: an answer of `who`."""
        self.carry_out(now)
        said = "no" if said == "quiet" else said
        if said and one.answers.get(who) == said:
            return
        if not possible():
            raise Refused(one.state)
        act()
        one.answers |= {who: said} if said else {}
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
