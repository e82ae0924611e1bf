"""The comparison of engines can fail: each of these wrong ones is found."""

import random

import pytest

from services.matching.engine.ask_next import ask_next
from services.matching.rules import bridge, questions
from services.matching.rules.ask_next import RatingCandidate
from services.matching.rules.plain.engine import Engine as PlainEngine
from tests.records import event
from tests.unit.matching.engine.changing_crowds import consent, day, help_, opening_gone, skills, tie, work
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import TODAY, VOCABULARY
from tests.unit.matching.engine.side_by_side import SideBySide


class ForgetsTheDay(PlainEngine):
    """Works nothing out again when the day moves."""

    def update(self):
        if self._live and self._invalidation.everything:
            self._invalidation.take()
        return super().update()


class ForgetsHelp(PlainEngine):
    """Keeps the help of an introducer as it first was."""

    def _apply_introduction(self, key, value):
        self.state.replace_introduction(key, value)


class ForgetsOthersWork(PlainEngine):
    """Works out only the person's own suggestions when their jobs or consent change."""

    def _apply_person(self, key, after):
        self._invalidation.openings_of = lambda *_people: set()
        super()._apply_person(key, after)
        del self._invalidation.openings_of


class ForgetsBridges(PlainEngine):
    """Thinks that no tie moves a bridge."""

    def _tied_members(self, _a, _b):
        return False


class LosesAWithdrawal(PlainEngine):
    """Does not say that something is withdrawn."""

    def update(self):
        return [change for change in super().update() if self.suggestion(change.seeker, change.posting) is not None]


class LastDigit(PlainEngine):
    """Adds gains up in another way."""

    def ask_next(self, person, n):
        return [RatingCandidate(tap.contact, tap.gain * (1 + 2**-52)) for tap in ask_next(self.network, person, n)]


class LosesAPath(PlainEngine):
    """Answers `paths` without the last one."""

    def paths(self, person, company):
        found, ways = questions.paths(self.network, self.state.people[person], company)
        return found[:-1], ways


@pytest.mark.parametrize(
    ("wrong", "steps"),
    [
        (ForgetsTheDay, [day]),
        (ForgetsHelp, [help_]),
        (ForgetsOthersWork, [work, consent]),
        (ForgetsBridges, [tie]),
        (LosesAWithdrawal, [opening_gone, work]),
        (LastDigit, [skills]),
        (LosesAPath, [skills]),
    ],
)
def test_a_wrong_engine_is_found(wrong, steps, monkeypatch):
    """The comparison would prove nothing if it could not fail."""
    monkeypatch.setattr(bridge, "FEW_TIES", 4)
    chance = random.Random(5)
    crowd, both = Crowd(chance, SMALL_TOWN), SideBySide(VOCABULARY, wrong)
    crowd.settle_in(members=30, contacts=15, openings=6, ties_each=6)
    both.step([event("clock.v1", "day", {"day": TODAY.isoformat()}, 0)], chance)
    both.step(crowd.begin(), chance)

    def live():
        for _ in range(100):
            both.step(chance.choice(steps)(crowd), chance)
            both.ask(chance, 10)

    with pytest.raises(AssertionError):
        live()
