"""The plain rules of the project over the same graph, by its records: the oracle, where a graph is small enough."""

from benchmarks.engine.paths.path_finder import PathFinder
from benchmarks.engine.questions import Answer, Ask, Call, Turn
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, opening_id, person_id
from services.matching.rules import questions
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.plain.engine import Engine
from services.matching.rules.suggestions import introducers


class Plain(PathFinder):
    """The plain engine; its state is asked, its live suggestions are not kept."""

    name = "plain"
    package = "warmpath"
    most_arcs = 500_000
    limit = "some 2 KB of Python objects and 20 µs a tie: larger graphs would take minutes to load"

    def version(self) -> str:
        """That of the project."""
        return "this project"

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - paths alone need none
        """Take in every record."""
        self._engine = Engine(records.vocabulary(data.graph))
        self._engine.ingest(records.everything(data.graph))

    def introducers(self, ask: Ask) -> Answer:
        """As a person asks."""
        network = self._engine.network
        found, _ = questions.paths(
            network, network.state.people[person_id(ask.person)], records.company_name(ask.company)
        )
        return Answer.of([(_number(path.introducer), path.score) for path in found])

    def opening(self, call: Call) -> Answer:
        """The best three of each seeker; which seekers fit is given, as to everybody else."""
        network = self._engine.network
        target = InsiderIndex(network, network.insiders(network.state.openings[opening_id(call.opening)]))
        people = network.state.people
        return Answer.of(
            [
                (seeker, _number(path.introducer), path.score)
                for seeker in call.seekers.tolist()
                for path in introducers(network, people[person_id(seeker)], target)
            ],
            keys=2,
        )

    def profile(self, turn: Turn) -> Answer:
        """Opening by opening."""
        network = self._engine.network
        seeker, rows = network.state.people[person_id(turn.person)], []
        for opening in turn.openings.tolist():
            target = InsiderIndex(network, network.insiders(network.state.openings[opening_id(opening)]))
            rows += [(opening, path.score) for path in introducers(network, seeker, target)[:1]]
        return Answer.of(rows)


def _number(person: str) -> int:
    return int(person.removeprefix("p"))
