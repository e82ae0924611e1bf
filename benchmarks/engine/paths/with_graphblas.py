"""python-graphblas (SuiteSparse): products over the semiring of max and times, masked to what is asked."""

from typing import Any

import numpy as np
from graphblas import Matrix, Vector, binary, semiring

from benchmarks.engine.paths.path_finder import PathFinder
from benchmarks.engine.paths.ranking import Openings, best_three, ranked
from benchmarks.engine.questions import STANDINGS, Answer, Ask, Call, Turn
from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM, Arcs
from benchmarks.graphs.distributions import Doubles, Int32s
from benchmarks.graphs.generated import Data


class Graphblas(PathFinder):
    """Max-times: near · max (onward strength · standing), as the rules ask; rounding keeps order, so it is exact."""

    name = "python-graphblas"
    package = "python-graphblas"

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - paths alone need none
        """Matrices by the role an arc plays."""
        arcs, people = data.arcs, data.graph.people
        near, onward = arcs.near(), arcs.onwards()
        self._people = people
        self._direct = _matrix(arcs, people, OWN, 2 * near)
        self._near = _matrix(arcs, people, ASKS, near)
        self._near_warm = _matrix(arcs, people, ASKS | WARM, near)
        self._far = _matrix(arcs, people, LINK, onward)
        self._far_warm = _matrix(arcs, people, LINK | WARM, onward)
        self._into = Matrix(float, people, people)
        self._into << self._far_warm.T
        self._openings = Openings(data.graph)
        job_person = data.graph.job_person()
        order = np.argsort(data.graph.job_company, kind="stable")
        self._staff, self._staff_of = job_person[order], data.graph.job_company[order]

    def introducers(self, ask: Ask) -> Answer:
        """The far arcs of those asked, times the insiders, masked by the row of the person."""
        begin, end = np.searchsorted(self._staff_of, [ask.company, ask.company + 1])
        insiders = self._vector(np.unique(self._staff[begin:end]), None)
        row = self._near[ask.person, :].new()
        reach = Vector(float, self._people)
        reach(row.S) << semiring.max_times(self._far @ insiders)
        paths = binary.times(row & reach).new()
        straight = binary.times(self._direct[ask.person, :].new() & insiders).new()
        paths << binary.max(paths | straight)
        who, score = paths.to_coo()
        found = score > 0
        return ranked(who[found], score[found])

    def opening(self, call: Call) -> Answer:
        """Reach of the insiders by one product; the seekers' rows weighed by it."""
        insiders = self._vector(call.insiders, call.standings)
        reach = semiring.max_times(insiders @ self._into).new()
        rows = np.ascontiguousarray(call.seekers, np.uint64)
        paths = self._weighed(self._near_warm, rows, reach)
        straight = self._weighed(self._direct, rows, insiders)
        place, who, score = binary.max(paths | straight).new().to_coo()
        return best_three(call.seekers[place], who.astype(np.int64), score)

    def _weighed(self, matrix: Any, rows: Any, weight: Any) -> Any:
        return semiring.any_times(matrix[rows, :].new() @ weight.diag()).new()

    def profile(self, turn: Turn) -> Answer:
        """The row of the person times the far arcs of those asked, once for each standing."""
        row = self._near_warm[turn.person, :].new()
        asked, near = row.to_coo()
        far = self._far_warm[asked, :].new()
        steps = Vector.from_coo(np.arange(len(asked)), near, dtype=float, size=len(asked))
        straight = self._direct[turn.person, :].new()
        reached = []
        for value in STANDINGS:
            scaled = binary.times(far, value).new()
            paths = semiring.max_times(steps @ scaled).new()
            direct = binary.times(straight, value).new()
            reached.append(binary.max(paths | direct).new().to_coo())
        insider = reached[0][0].astype(np.int64)
        values = np.array([score for _, score in reached])
        others = insider != turn.person
        return self._openings.reached(turn, insider[others], values[:, others])

    def _vector(self, people: Int32s, values: Doubles | None) -> Any:
        return Vector.from_coo(
            people.astype(np.uint64), 1.0 if values is None else values, dtype=float, size=self._people
        )


def _matrix(arcs: Arcs, people: int, flags: int, values: Doubles) -> Any:
    kept = arcs.has(flags)
    start = np.concatenate([[0], np.cumsum(np.bincount(arcs.source[kept], minlength=people))])
    return Matrix.from_csr(start, arcs.target[kept], values[kept], ncols=people)
