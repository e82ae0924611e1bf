"""One year in one town under one policy, a day at a time."""

import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.simulation.policies import Policy, Way
from benchmarks.simulation.town import DAYS, OPEN_FOR, SEEKING_FOR, Opening, Town
from services.introductions.limits import DEFAULT_ASKS, MOST_LIVE, Waiting

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
WAITS_FOR: Final = 14
ANSWERS_WITHIN: Final = 7
MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Habits:
    """How people answer. Chances in [0, 1]; `fatigue`: how much each request of the last month lessens an answer."""

    stranger_answers: float = 0.10
    friend_answers: float = 0.90
    fatigue: float = 0.10
    hired: float = 0.02
    hired_with_a_word: float = 0.15
    """The chance that an introduction leads to a hire, and what a path of score 1 adds to it."""

    def answers(self, firmness: float, recent: int) -> float:
        """The chance of a yes."""
        willing = self.stranger_answers + (self.friend_answers - self.stranger_answers) * math.sqrt(firmness)
        return willing / (1 + self.fatigue * recent)


@dataclass(slots=True)
class Ask:
    """One ask. `reached`: the day it reached the introducer; `answered`: the day an answer comes."""

    number: int
    seeker: int
    opening: Opening
    way: Way
    value: float
    day: int
    fit: float
    reached: int | None = None
    answered: int | None = None
    live: bool = True


@dataclass(slots=True)
class Year:
    """What happened."""

    asks: int = 0
    hires: int = 0
    introduced_after: dict[int, int] = field(default_factory=dict)
    """By seeker: days from the beginning of their search to their first introduction."""

    helped: Counter[int] = field(default_factory=Counter)
    """Introductions by who made them."""

    busiest_months: list[int] = field(default_factory=list)
    """By person who was asked at all: the most requests within thirty days."""


class Simulation:
    """The state of a year that is under way."""

    def __init__(self, town: Town, policy: Policy, seed: int, habits: Habits) -> None:
        self.town, self.policy, self.habits = town, policy, habits
        self._chance = random.Random(seed)
        self._live: list[Ask] = []
        self._asked: set[tuple[int, int, int]] = set()
        self._reached: defaultdict[int, list[int]] = defaultdict(list)
        self._delivered: defaultdict[int, list[int]] = defaultdict(list)
        self._filled: set[int] = set()
        self._hired: set[int] = set()
        self._fits: dict[tuple[int, int], float] = {}
        self._today = 0
        self.year = Year()

    def run(self) -> Year:
        """All days, one after the other."""
        for day in range(DAYS):
            self._today = day
            self._end_old(day)
            for seeker in self._seekers(day):
                for _ in range(self.policy.asks_a_day):
                    self._ask(seeker, day)
            self._deliver(day)
            self._answer(day)
        self.year.busiest_months = [_busiest(days) for days in self._reached.values()]
        return self.year

    def _seekers(self, day: int) -> list[int]:
        began = self.town.seeking_from.items()
        seeking = [who for who, start in began if start <= day < start + SEEKING_FOR and who not in self._hired]
        self._chance.shuffle(seeking)
        return seeking

    def _end_old(self, day: int) -> None:
        for ask in self._live:
            waited = ask.reached is None and day >= ask.day + WAITS_FOR
            silent = ask.reached is not None and day >= ask.reached + ANSWERS_WITHIN
            if waited or silent or ask.opening.number in self._filled or ask.seeker in self._hired:
                ask.live = False
        self._live = [ask for ask in self._live if ask.live]

    def _ask(self, seeker: int, day: int) -> None:
        mine = [ask for ask in self._live if ask.seeker == seeker]
        if self.policy.limited and len(mine) >= MOST_LIVE:
            return
        busy = {ask.way.introducer for ask in mine} if self.policy.limited else set()
        openings_asked = {ask.opening.number for ask in mine} if self.policy.limited else set()
        best: tuple[float, Opening, Way, float] | None = None
        for opening in self._open_for(seeker, day):
            if opening.number in openings_asked:
                continue
            fit = self._fit(seeker, opening)
            for way in self.policy.ways(self.town, seeker, opening):
                if way.introducer in busy or (seeker, opening.number, way.introducer) in self._asked:
                    continue
                if best is None or fit * way.score > best[0]:
                    best = (fit * way.score, opening, way, fit)
                break
        if best is None:
            return
        value, opening, way, fit = best
        self._asked.add((seeker, opening.number, way.introducer))
        self._live.append(Ask(len(self._asked), seeker, opening, way, value, day, fit))

    def _open_for(self, seeker: int, day: int) -> list[Opening]:
        occupation, own = self.town.occupation[seeker], self.town.company[seeker]
        return [
            opening
            for opening in self.town.openings
            if day - OPEN_FOR < opening.day <= day and opening.occupation == occupation
            and opening.company != own and opening.number not in self._filled
        ]  # fmt: skip

    def _fit(self, seeker: int, opening: Opening) -> float:
        key = (seeker, opening.number)
        if key not in self._fits:
            self._fits[key] = random.Random(f"{seeker}/{opening.number}").uniform(0.6, 1)
        return self._fits[key]

    def _deliver(self, day: int) -> None:
        waiting = defaultdict[int, list[Ask]](list)
        for ask in self._live:
            if ask.reached is None:
                waiting[ask.way.introducer].append(ask)
        for introducer, asks in sorted(waiting.items()):
            while asks and self._has_room(introducer, day):
                chosen = self.policy.first([self._waiting(ask, day) for ask in asks])
                ask = next(each for each in asks if f"{each.number:06}" == chosen.id)
                asks.remove(ask)
                self._reach(ask, day)

    def _has_room(self, person: int, day: int) -> bool:
        return not self.policy.limited or _recent(self._reached[person], day) < DEFAULT_ASKS

    def _waiting(self, ask: Ask, day: int) -> Waiting:
        delivered = _recent(self._delivered[ask.seeker], day)
        return Waiting(f"{ask.number:06}", round(10_000 * ask.value), delivered, START + timedelta(days=ask.day))

    def _reach(self, ask: Ask, day: int) -> None:
        recent = _recent(self._reached[ask.way.introducer], day)
        ask.reached = day
        self._reached[ask.way.introducer].append(day)
        self._delivered[ask.seeker].append(day)
        self.year.asks += 1
        firmness = self.town.ties[ask.seeker].get(ask.way.introducer, 0.0)
        if self._chance.random() < self.habits.answers(firmness, recent):
            ask.answered = day + 1 + int(self._chance.expovariate(1 / 2))

    def _answer(self, day: int) -> None:
        for ask in [each for each in self._live if each.answered is not None and each.answered <= day]:
            if not ask.way.direct:
                if not self._has_room(ask.way.target, day):
                    continue
                recent = _recent(self._reached[ask.way.target], day)
                self._reached[ask.way.target].append(day)
                firmness = self.town.ties[ask.way.introducer][ask.way.target]
                if self._chance.random() >= self.habits.answers(firmness, recent):
                    ask.live, ask.answered = False, None
                    continue
            self._introduce(ask)
        self._live = [ask for ask in self._live if ask.live]

    def _introduce(self, ask: Ask) -> None:
        ask.live, ask.answered = False, None
        self.year.introduced_after.setdefault(ask.seeker, self._today - self.town.seeking_from[ask.seeker])
        self.year.helped[ask.way.introducer] += 1
        if ask.opening.number in self._filled or ask.seeker in self._hired:
            return
        if self._chance.random() < ask.fit * (self.habits.hired + self.habits.hired_with_a_word * ask.way.score):
            self._filled.add(ask.opening.number)
            self._hired.add(ask.seeker)
            self.year.hires += 1


def _recent(days: list[int], day: int) -> int:
    return sum(each > day - MONTH for each in days)


def _busiest(days: list[int]) -> int:
    return max((sum(start <= each < start + MONTH for each in days) for start in days), default=0)
