"""Two engines over the same events: whatever either is asked, they must say the same, to the last digit.

An engine that has a method of its own for a question is asked through it, any other over its network.
"""

import random
from collections.abc import Callable, Iterable
from typing import Any

from services.matching.engine.ask_next import ask_next
from services.matching.engine.engine import Engine, Event
from services.matching.events import Cause, Change
from services.matching.rules import ask_next as definition
from services.matching.rules import questions
from services.matching.rules.network import Network
from services.matching.rules.plain.engine import Engine as PlainEngine
from services.matching.rules.suggestions import Key, Suggestion, all_suggestions
from shared.resolution import Vocabulary
from tests.unit.matching.engine.job_referral import job_referral


class SideBySide:
    """The engine, and the plain one that it is measured by."""

    def __init__(self, vocabulary: Vocabulary, engine: Callable[[Vocabulary], Any] = Engine) -> None:
        self.fast, self.plain = engine(vocabulary), PlainEngine(vocabulary)
        self.view: dict[Key, Suggestion] = {}
        self.mattered = self.left_there = 0

    def step(self, burst: Iterable[Event], chance: random.Random) -> None:
        """Take a burst in, at once or in parts, and compare what changed and what there is now."""
        burst = list(burst)
        if chance.random() < 0.5:
            changes = self.fast.apply_all(burst)
        else:
            middle = chance.randint(0, len(burst))
            self.fast.ingest(burst[:middle])
            self.fast.ingest(burst[middle:])
            changes = self.fast.update()
        self.compare(changes, self.plain.apply_all(burst))

    def suspend_introductions(self, person: str) -> None:
        """A record of somebody could not be read."""
        self.fast.suspend_introductions(person)
        self.plain.suspend_introductions(person)
        self.compare(self.fast.update(), self.plain.update())

    def compare(self, changes: list[Change], expected: list[Change]) -> None:
        """The changes in any order; what a reader of them believes; and what the engine itself holds."""
        told = _by_pair(self.fast, changes)
        assert len(told) == len(changes), "one suggestion changed twice in a step"
        assert told == _by_pair(self.plain, expected)
        for key, (suggestion, _) in told.items():
            if suggestion is None:
                del self.view[key]
            else:
                self.view[key] = suggestion
        assert self.fast.suggestions() == self.plain.suggestions() == self.view
        self.mattered += bool(changes)

    def from_scratch(self) -> None:
        """What both hold is what the rules give on the final state."""
        assert self.fast.suggestions() == all_suggestions(self.plain.state)

    def ask(self, chance: random.Random, times: int) -> None:
        """Any questions: the engine's answer against the plain one's."""
        state = self.plain.state
        if state.today is None or not state.people:
            return
        for _ in range(times):
            name = chance.choice(sorted(state.people))
            posting = chance.choice([*sorted(state.openings), "none"])
            assert explain(self.fast, name, posting) == questions.explain(self.plain.network, name, posting)
            assert self.fast.reach(posting) == self.plain.reach(posting)
            assert self.fast.suggestion(name, posting) == self.plain.suggestion(name, posting)
            for company in _companies(self.plain):
                expected = questions.paths(self.plain.network, state.people[name], company)
                assert paths(self.fast, name, company) == expected
                self.left_there += len(expected[1])
            assert asked_next(self.fast, name, 5) == ask_next(self.plain.network, name, 5)
            country, year = chance.choice(["de", "fr", "us", "none"]), chance.choice([2012, 2020, 2030])
            expected = job_referral(state, name, country, year)
            assert job_referral(self.fast.state, name, country, year) == expected

    def ask_literally(self, chance: random.Random) -> None:
        """The questions again, of a seeker and of a contact, if there are such, against rules that remember nothing."""
        state = self.plain.state
        if state.today is None or not state.people:
            return
        for fits in (lambda person: person.seeks, lambda person: not person.member):
            names = sorted(person.id for person in state.people.values() if fits(person)) or sorted(state.people)
            name, network = chance.choice(names), Network(state)
            assert asked_next(self.fast, name, 10) == definition.ask_next(state, name, 10)
            for company in chance.choices(_companies(self.plain), k=2):
                assert paths(self.fast, name, company) == questions.paths(network, state.people[name], company)


def key_of(change: Change) -> Key:
    return change.seeker, change.posting


def _by_pair(engine: Any, changes: list[Change]) -> dict[Key, tuple[Suggestion | None, Cause]]:
    found = engine.current(changes)
    return {key_of(change): (one, change.cause) for change, one in zip(changes, found, strict=True)}


def _companies(engine: PlainEngine) -> list[str]:
    people = engine.state.people.values()
    return sorted({job.company for person in people for job in person.jobs} | {"nowhere"})


def paths(engine: Any, person: str, company: str) -> Any:
    """The engine's answer to `paths`."""
    if hasattr(engine, "paths"):
        return engine.paths(person, company)
    return questions.paths(engine.network, engine.state.people[person], company)


def explain(engine: Any, seeker: str, posting: str) -> Any:
    """The engine's answer to `explain`."""
    if hasattr(engine, "explain"):
        return engine.explain(seeker, posting)
    return questions.explain(engine.network, seeker, posting)


def asked_next(engine: Any, person: str, n: int) -> Any:
    """The engine's answer to `ask_next`."""
    return engine.ask_next(person, n) if hasattr(engine, "ask_next") else ask_next(engine.network, person, n)
