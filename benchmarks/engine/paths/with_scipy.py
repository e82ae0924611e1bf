"""scipy.sparse: rows cut out of CSR matrices, and numpy over them; its own product knows only plus and times."""

from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.engine.paths.path_finder import PathFinder
from benchmarks.engine.paths.ranking import Openings, best_three, ranked
from benchmarks.engine.questions import STANDINGS, Answer, Ask, Call, Turn
from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM, Arcs
from benchmarks.graphs.distributions import Doubles
from benchmarks.graphs.generated import Data


class Scipy(PathFinder):
    """Sparse matrices by the role an arc plays."""

    name = "scipy.sparse"
    package = "scipy"

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - paths alone need none
        """Direct, near and far arcs as matrices of factors; the warm far ones turned round as well."""
        arcs, people = data.arcs, data.graph.people
        near, onward = arcs.near(), arcs.onwards()
        self._direct = _matrix(arcs, people, OWN, 2 * near)
        self._near = _matrix(arcs, people, ASKS, near)
        self._near_warm = _matrix(arcs, people, ASKS | WARM, near)
        self._far = _matrix(arcs, people, LINK, onward)
        self._far_warm = _matrix(arcs, people, LINK | WARM, onward)
        self._into = self._far_warm.T.tocsr()
        self._standing = np.zeros(people)
        self._reach = np.zeros(people)
        self._openings = Openings(data.graph)
        job_person = data.graph.job_person()
        order = np.argsort(data.graph.job_company, kind="stable")
        self._staff = job_person[order]
        self._staff_of = data.graph.job_company[order]

    def introducers(self, ask: Ask) -> Answer:
        """The person's row, then the rows of those whom they may ask."""
        begin, end = np.searchsorted(self._staff_of, [ask.company, ask.company + 1])
        insiders = self._staff[begin:end]
        self._standing[insiders] = 1.0
        who, score = _paths(self._near[ask.person], self._far, self._standing)
        row = self._direct[ask.person]
        straight = row.data * self._standing[row.indices]
        self._standing[insiders] = 0.0
        who, score = np.concatenate([who, row.indices]), np.concatenate([score, straight])
        found = score > 0
        return ranked(who[found], score[found])

    def opening(self, call: Call) -> Answer:
        """Whom the insiders are known by is marked; then the seekers' rows are cut out and weighed by the marks."""
        self._standing[call.insiders] = call.standings
        into = self._into[call.insiders]
        np.maximum.at(self._reach, into.indices, into.data * np.repeat(call.standings, np.diff(into.indptr)))
        parts = [_weighed(self._near_warm, call, self._reach), _weighed(self._direct, call, self._standing)]
        self._standing[call.insiders] = 0.0
        self._reach[into.indices] = 0.0
        seeker, who, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        return best_three(seeker, who, score)

    def profile(self, turn: Turn) -> Answer:
        """Everybody within two steps, once for each standing they may have."""
        row, straight = self._near_warm[turn.person], self._direct[turn.person]
        far = self._far_warm[row.indices]
        steps = np.repeat(row.data, np.diff(far.indptr))
        insider = np.concatenate([far.indices, straight.indices])
        values = np.array([np.concatenate([steps * (far.data * value), straight.data * value]) for value in STANDINGS])
        others = insider != turn.person
        return self._openings.reached(turn, insider[others], values[:, others])


def _matrix(arcs: Arcs, people: int, flags: int, values: Doubles) -> Any:
    """The arcs with these flags. They are in rows already: no sorting."""
    kept = arcs.has(flags)
    start = np.concatenate([[0], np.cumsum(np.bincount(arcs.source[kept], minlength=people))])
    return sparse.csr_matrix((values[kept], arcs.target[kept], start), shape=(people, people))


def _paths(row: Any, matrix: Any, standing: Doubles) -> tuple[Any, Doubles]:
    """Each of the row's people, with near · max (onward strength · standing) over their own rows."""
    if row.nnz == 0:
        return row.indices, np.zeros(0)
    far = matrix[row.indices]
    values = np.concatenate([far.data * standing[far.indices], [0.0]])
    best = np.maximum.reduceat(values, far.indptr[:-1])
    best[np.diff(far.indptr) == 0] = 0.0
    return row.indices, row.data * best


def _weighed(matrix: Any, call: Call, weight: Doubles) -> tuple[Any, Any, Doubles]:
    rows = matrix[call.seekers]
    score = rows.data * weight[rows.indices]
    seeker = np.repeat(call.seekers, np.diff(rows.indptr))
    found = score > 0
    return seeker[found], rows.indices[found], score[found]
