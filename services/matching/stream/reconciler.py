"""Checks a sample of the engine against the plain rules, regularly and in a forked copy. Expects no difference.

Kept true: what is compared is the state of one moment, so a difference is a fault; however long a check takes, the
engine pauses only for the fork; a difference is counted, logged with its ids and repaired.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, Literal, Protocol, TypeVar

import msgspec

from services.matching.domain import Opening, Person, State
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.plain.caching_network import CachingNetwork
from services.matching.rules.standing import standing_for
from services.matching.rules.suggestions import Key, Suggestion, fit_of, suggestion
from services.matching.snapshots import fork
from services.matching.stream.engine_thread import EngineThread
from shared.observability.logs import get_logger
from shared.observability.metric_list import MATCHER_CHECKS, MATCHER_REPAIRS

log = get_logger(__name__)

MOST_CHECKS: Final = 600
BUDGET_S: Final = 5.0
"""Processor time of one round. It ends at this or at MOST_CHECKS, whichever comes first."""

MOST_LOGGED: Final = 20
_TRIES: Final = 20

_KINDS: Final = ("suggestion", "tie")
for _kind in _KINDS:
    MATCHER_REPAIRS.labels(_kind)  # there from the start, at 0

T = TypeVar("T")


class Checked(Protocol):
    """What the reconciler needs of an engine."""

    @property
    def state(self) -> State: ...  # noqa: D102
    @property
    def network(self) -> Network: ...  # noqa: D102
    def suggestion(self, seeker: str, posting: str) -> Suggestion | None: ...  # noqa: D102
    def any_key(self, random: Random) -> Key | None: ...  # noqa: D102
    def repair(self, seeker: str, posting: str) -> None: ...  # noqa: D102
    def repair_tie(self, a: str, b: str) -> None: ...  # noqa: D102


class Case(msgspec.Struct, frozen=True):
    """A difference: of a suggestion (seeker, posting), or of a tie, its mutual count or its ends' help (a, b)."""

    kind: Literal["suggestion", "tie"]
    one: str
    other: str


class Report(msgspec.Struct):
    """The result of a round."""

    checks: dict[str, int]
    cases: list[Case]


def examine(engine: Checked, answers_for: Callable[[str], bool], random: Random, *, most: int = MOST_CHECKS) -> Report:
    """Compare a sample: live suggestions, pairs that fit or not, ties. The engine must be up to date."""
    report, until = Report(dict.fromkeys(_KINDS, 0), []), time.process_time() + BUDGET_S
    found: dict[Case, None] = {}
    for number, (case, equal) in enumerate(_compared(engine, answers_for, random)):
        report.checks[case.kind] += 1
        if not equal:
            found[case] = None
        if number + 1 >= most or time.process_time() > until:
            break
    report.cases += found
    return report


def _compared(engine: Checked, answers_for: Callable[[str], bool], random: Random) -> Iterator[tuple[Case, bool]]:
    """Endlessly, kind by kind, each with whether it is as the rules say; ends only if there is nothing to compare."""
    network = CachingNetwork(engine.state)  # of its own: the plain rules, each answer computed once a round
    people = list(engine.state.people)
    openings = [posting for posting in engine.state.openings if answers_for(posting)]
    while (key := engine.any_key(random)) or people:
        if key:
            yield _pair(engine, network, *key)
        if people and openings:
            yield _pair(engine, network, _seeker(engine.state, people, random), random.choice(openings))
        if people:
            yield _tie(engine, network, random.choice(people), random)


def _seeker(state: State, people: list[str], random: Random) -> str:
    """A seeker, or anybody if some tries find none."""
    drawn = (random.choice(people) for _ in range(_TRIES))
    return next((one for one in drawn if state.people[one].seeks), people[0])


def _pair(engine: Checked, network: Network, seeker: str, posting: str) -> tuple[Case, bool]:
    right = recomputed(network, seeker, posting)
    return Case("suggestion", seeker, posting), right == engine.suggestion(seeker, posting)


def _tie(engine: Checked, network: Network, one: str, random: Random) -> tuple[Case, bool]:
    near = sorted(engine.state.near(one))
    other = random.choice(near) if near else one
    return Case("tie", one, other), _facts(network, one, other) == _facts(engine.network, one, other)


def _facts(network: Network, one: str, other: str) -> tuple[object, ...]:
    both = one in network.state.people and other in network.state.people
    mutual = network.mutual(one, other) if both else None
    ties = network.tie(one, other), network.tie(other, one)
    return ties, network.blocked(one, other), mutual, network.help(one), network.help(other)


def recomputed(network: Network, seeker: str, posting: str) -> Suggestion | None:
    """A suggestion by the plain rules; looks for insiders only within two ties, where a path can end."""
    person, opening = network.state.people.get(seeker), network.state.openings.get(posting)
    if person is None or opening is None or fit_of(person, opening, network) is None:
        return None
    return suggestion(network, person, opening, InsiderIndex(network, _insiders_near(network, person, opening)))


def _insiders_near(network: Network, person: Person, opening: Opening) -> dict[str, float]:
    state = network.state
    near = set(state.near(person.id))
    for between in state.near(person.id):
        known = state.people.get(between)
        if known is not None and known.member:
            near |= state.near(between)
    people = (state.people[one] for one in near if one in state.people)
    found = {one.id: standing_for(one, opening, network.today) for one in people}
    return {one: standing for one, standing in found.items() if standing > 0}


class Reconciler:
    """Starts a round when one is due, and repairs what it finds."""

    def __init__(
        self, every_s: float, clock: Callable[[], float] = time.monotonic, random: Random | None = None
    ) -> None:
        self._every_s, self._clock = every_s, clock
        self._random = Random() if random is None else random
        self._next = clock() + every_s
        self._round: asyncio.Task[None] | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for another round, and none is running."""
        return self._clock() >= self._next and (self._round is None or self._round.done())

    async def begin(
        self, thread: EngineThread, engine: Checked, answers_for: Callable[[str], bool], repaired: Callable[[], None]
    ) -> None:
        """Fork between two slices, the engine up to date. `repaired` is called before a repair, which needs an update.

        What goes wrong is logged.
        """
        self._next = self._clock() + self._every_s
        seed = self._random.getrandbits(64)
        try:
            child = await thread.ask(
                lambda: fork.start(lambda: msgspec.json.encode(examine(engine, answers_for, Random(seed))))
            )
        except OSError as error:
            log.warning("check_not_begun", error=error)
            return
        self._round = asyncio.create_task(self._finish(child, thread, engine, repaired), name="reconciler")

    async def stop(self) -> None:
        """Cancel the round that is running."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.gather(self._round, return_exceptions=True)

    async def _finish(
        self, child: fork.Child, thread: EngineThread, engine: Checked, repaired: Callable[[], None]
    ) -> None:
        try:
            report = msgspec.json.decode(await fork.result(child), type=Report)
        except fork.ChildError as error:
            log.warning("check_failed", reason=str(error))
            return
        for kind, count in report.checks.items():
            MATCHER_CHECKS.labels(kind).inc(count)
        for case in report.cases:
            MATCHER_REPAIRS.labels(case.kind).inc()
        for case in report.cases[:MOST_LOGGED]:
            log.error("engine_differs_from_the_rules", kind=case.kind, one=case.one, other=case.other)
        if report.cases:
            repaired()
            await thread.ask(lambda: _repair(engine, report.cases))


def _repair(engine: Checked, cases: list[Case]) -> None:
    for case in cases:
        if case.kind == "tie":
            engine.repair_tie(case.one, case.other)
        else:
            engine.repair(case.one, case.other)
