"""The rules against a second reading of the contract: random histories of several people, step for step the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.introductions import commands
from services.introductions.domain import NotPossibleError, UnknownError
from services.introductions.introduction import Introduction
from services.introductions.limits import Limits
from services.introductions.transitions import Outcome, Who
from tests.tiers import examples
from tests.unit.introductions.second_reading import Introduction as SecondIntroduction
from tests.unit.introductions.second_reading import Refused, SecondReading, Someone, Way
from tests.unit.introductions.town import START, Town, opening

T = TypeVar("T")

SEEKERS, INTRODUCERS, TARGETS = ("sam", "sue"), ("mei", "kai", "lea", "moe", "nia", "oda"), ("ida", "tom")
OPENINGS = ("o1", "o2", "o3", "o4", "o5", "o6")
ROOM = {"kai": 1, "mei": 2, "ida": 2, "lea": 3}
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=80)
"""Longer than any deadline."""


class Both:
    """One town under both readings."""

    def __init__(self) -> None:
        self.town, self.second = (
            Town(limits={who: Limits(asks_a_month=most) for who, most in ROOM.items()}),
            SecondReading(),
        )
        for person in (*SEEKERS, *INTRODUCERS, *TARGETS):
            self.second.people[person] = Someone(person, asks_a_month=ROOM.get(person, 4))
        for number, about in enumerate(OPENINGS):
            self.second.companies[about] = "initech"
            for place, introducer in enumerate(INTRODUCERS):
                for seeker in SEEKERS:
                    self._path(seeker, introducer, about, number, place)

    def _path(self, seeker: str, introducer: str, about: str, number: int, place: int) -> None:
        direct, by_hand = (number, place) == (0, 2), (number, place) == (1, 2)
        target = introducer if direct else TARGETS[(number + place) % 2]
        leg = "hand" if by_hand else "app"
        value = 1000 * (place + 1) + 10 * SEEKERS.index(seeker) + number
        self.town.path(seeker, introducer, target, opening(about), leg=leg, target_leg=leg, value=value)
        self.second.ways[seeker, introducer, about] = Way(target, value, by_hand)

    def wait(self, until: datetime) -> None:
        """Let time go by from one moment at which something is due to the next."""
        while (moment := self._next_moment()) and moment <= until:
            self._tick(moment)
        self._tick(until)

    def _tick(self, now: datetime) -> None:
        self.town.tick(now)
        self.second.carry_out(now)
        assert told_by_rules(self.town) == told_by_second(self.second)

    def _next_moment(self) -> datetime | None:
        moments = [one.due_at for one in self.town.open() if one.due_at]
        moments += [at + timedelta(hours=720) for who in (*INTRODUCERS, *TARGETS) for at in self.town.reached(who)]
        moments += [closed + timedelta(hours=48) for closed in self.town.closed_at.values()]
        return min((moment for moment in moments if moment > self.town.now), default=None)

    def step(self, kind: str, *details) -> None:
        """The same command in both; both do it, or both refuse."""
        self.wait(self.town.now + MINUTE)
        outcomes = []
        for do in (self._in_town, self._in_second):
            try:
                do(kind, *details)
                outcomes.append("done")
            except (NotPossibleError, UnknownError, Refused):
                outcomes.append("refused")
        assert outcomes[0] == outcomes[1], (kind, details)
        self._tick(self.town.now)

    def _in_town(self, kind: str, *details) -> None:
        match kind, details:
            case "ask", (seeker, about, introducers):
                self.town.ask(seeker, *introducers, about=opening(about))
            case "offer", (seeker, about, introducer):
                self.town.offer(introducer, seeker, opening(about))
            case "close", (about,):
                self.town.closed_at.setdefault(about, self.town.now)
            case "unwilling", (person,):
                self.town.unwilling.add(person)
            case "block", (one, other):
                self.town.blocked.add((min(one, other), max(one, other)))
            case "answer", (number, who, said) if self.town.introductions:
                self._answer_in_town(last(in_order(self.town), number), who, said)
            case "do", (number, what) if self.town.introductions:
                one = last(in_order(self.town), number)
                if what == "sent":
                    self.town.do(commands.sent, one, one.writer)
                elif what == "withdraw":
                    self.town.do(commands.withdraw, one, Who.INTRODUCER if one.is_waiting_offer else Who.SEEKER)
                else:
                    self.town.do(commands.tell, one, Who.SEEKER, Outcome(what))

    def _answer_in_town(self, one: Introduction, who: Who, said: str) -> None:
        words = {"no": "not_now", "quiet": "not_now"} if who == Who.INTRODUCER else {"quiet": "no"}
        self.town.answer(one, who, words.get(said, said), quietly=said == "quiet")

    def _in_second(self, kind: str, *details) -> None:
        now, all_of_them = self.town.now, seconds_in_order(self.second)
        match kind, details:
            case "ask", (seeker, about, introducers):
                self.second.ask(seeker, list(introducers), about, now)
            case "offer", (seeker, about, introducer):
                self.second.offer(introducer, seeker, about, now)
            case "close", (about,):
                self.second.closed_postings.setdefault(about, now)
            case "unwilling", (person,):
                self.second.people[person].introduces = False
            case "block", (one, other):
                self.second.blocks.add(frozenset({one, other}))
            case "answer", (number, who, said) if all_of_them:
                answers = {Who.INTRODUCER: self.second.answer, Who.TARGET: self.second.target_answer}
                answers.get(who, self.second.take_offer)(last(all_of_them, number), said, now)
            case "do", (number, what) if all_of_them:
                one = last(all_of_them, number)
                if what == "sent":
                    self.second.sent(one, now)
                elif what == "withdraw":
                    self.second.withdraw(
                        one, "introducer" if one.offered and one.state == "requested" else "seeker", now
                    )
                else:
                    self.second.outcome(one, what, now)


def in_order(town: Town) -> list[Introduction]:
    """The order in which both are numbered: several may begin in one moment."""
    return sorted(
        town.introductions.values(),
        key=lambda one: (one.begun_at, one.seeker_id, one.path.introducer_id, one.opening.posting_id),
    )


def last(those: Sequence[T], number: int) -> T:
    """One of the last, since the earlier ones have mostly ended."""
    return those[-1 - number % len(those)]


def seconds_in_order(second: SecondReading) -> list[SecondIntroduction]:
    return sorted(second.all, key=lambda one: (one.steps[0][1], one.seeker, one.introducer, one.posting))


def told_by_rules(town: Town) -> list[tuple]:
    return [
        (
            one.seeker_id, one.path.introducer_id, one.opening.posting_id, one.origin.value,
            [(f"{step.state}:{step.outcome}" if step.outcome else step.state.value, step.at) for step in one.history],
        )
        for one in in_order(town)
    ]  # fmt: skip


def told_by_second(second: SecondReading) -> list[tuple]:
    return [
        (one.seeker, one.introducer, one.posting, "offer" if one.offered else "ask", one.steps)
        for one in seconds_in_order(second)
    ]


NUMBER = st.integers(0, 5)
ASK = st.tuples(st.just("ask"), st.sampled_from(SEEKERS), st.sampled_from(OPENINGS), st.permutations(INTRODUCERS))
INTRODUCERS_ANSWER = st.tuples(
    st.just("answer"), NUMBER, st.just(Who.INTRODUCER), st.sampled_from(("yes", "yes", "no", "quiet"))
)
STEPS = st.one_of(
    ASK,
    ASK,
    ASK,
    INTRODUCERS_ANSWER,
    INTRODUCERS_ANSWER,
    st.tuples(st.just("answer"), NUMBER, st.just(Who.TARGET), st.sampled_from(("yes", "yes", "quiet"))),
    st.tuples(st.just("answer"), NUMBER, st.just(Who.SEEKER), st.sampled_from(("yes", "no"))),
    st.tuples(st.just("offer"), st.sampled_from(SEEKERS), st.sampled_from(OPENINGS), st.sampled_from(INTRODUCERS)),
    st.tuples(st.just("wait"), st.sampled_from((0.1, 0.1, 1, 2, 3, 5, 8, 14, 22, 31))),
    st.tuples(st.just("do"), NUMBER, st.sampled_from(("sent", "withdraw", "talked", "hired", "nothing"))),
    st.one_of(
        st.tuples(st.just("close"), st.sampled_from(OPENINGS)),
        st.tuples(st.just("unwilling"), st.sampled_from(INTRODUCERS)),
        st.tuples(st.just("block"), st.sampled_from(SEEKERS), st.sampled_from((*INTRODUCERS, *TARGETS))),
    ),
)


@examples(300)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_both_readings_agree_step_for_step_and_none_stays_open(history: list[tuple]):
    both = Both()
    for kind, *details in history:
        if kind == "wait":
            both.wait(both.town.now + timedelta(days=details[0]))
        else:
            both.step(kind, *details)
    both.wait(both.town.now + 2 * LONGEST)
    assert both.town.open() == []
    assert both.town.now > START


QUIET = ("answer", 0, Who.INTRODUCER, "quiet")
YES = ("answer", 0, Who.INTRODUCER, "yes")
REFUSES = ("answer", 0, Who.TARGET, "quiet")


@pytest.mark.parametrize(
    "history",
    [
        [QUIET, QUIET, ("do", 0, "withdraw"), QUIET],
        [QUIET, ("block", "sam", "mei"), QUIET],
        [QUIET, ("wait", 8), QUIET],
        [YES, QUIET, ("do", 0, "withdraw"), YES],
        [YES, REFUSES, ("answer", 0, Who.INTRODUCER, "no"), REFUSES],
    ],
    ids=["taken back", "no longer possible", "declined at the deadline", "a yes before", "the other said no at once"],
)
def test_a_quiet_answer_is_given_until_another_end_overtakes_it(history):
    """Then nothing is left of it, so that saying it again is refused as any answer to what has ended."""
    both = Both()
    both.step("ask", "sam", "o4", ["mei"])
    for each in history:
        both.wait(both.town.now + timedelta(days=each[1])) if each[0] == "wait" else both.step(*each)
