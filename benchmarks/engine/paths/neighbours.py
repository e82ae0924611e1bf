"""Neighbour by neighbour over a graph library's own API, with the factors of arcs in columns beside it.

What a library brings is the way from a person to their arcs; the arithmetic on what comes back is the same numpy for
all of them.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.paths.path_finder import PathFinder
from benchmarks.engine.paths.ranking import Openings, best_three, ranked
from benchmarks.engine.questions import STANDINGS, Answer, Ask, Call, Turn
from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM
from benchmarks.graphs.distributions import Doubles, Int64s
from benchmarks.graphs.generated import Data

Places = NDArray[Any]


class Walker(PathFinder):
    """A graph in memory that is asked for the arcs out of one person at a time."""

    @abstractmethod
    def build(self, data: Data) -> None:
        """Make the library's graph; arc k is known to it as k."""

    @abstractmethod
    def out(self, person: int) -> Places:
        """The arcs out of a person, by their numbers, in any order."""

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - paths alone need none
        """The library's graph, and columns of factors."""
        self._arcs = data.arcs
        self._near, self._onward = data.arcs.near(), data.arcs.onwards()
        self._standing = np.zeros(data.graph.people)
        self._reach = np.zeros(data.graph.people)
        self._openings = Openings(data.graph)
        order = np.argsort(data.graph.job_company, kind="stable")
        self._staff, self._staff_of = data.graph.job_person()[order], data.graph.job_company[order]
        self.build(data)

    def introducers(self, ask: Ask) -> Answer:
        """Out to the person's people, and out again from each who may be asked."""
        begin, end = np.searchsorted(self._staff_of, [ask.company, ask.company + 1])
        insiders = self._staff[begin:end]
        self._standing[insiders] = 1.0
        mine = self.out(ask.person)
        asked = self._with(mine, ASKS)
        best = np.array([self._best(int(one)) for one in self._arcs.target[asked]])
        straight = self._with(mine, OWN)
        who = np.concatenate([self._arcs.target[asked], self._arcs.target[straight]])
        direct = 2 * self._near[straight] * self._standing[self._arcs.target[straight]]
        score = np.concatenate([self._near[asked] * best, direct])
        self._standing[insiders] = 0.0
        found = score > 0
        return ranked(who[found], score[found])

    def _best(self, between: int) -> float:
        far = self._with(self.out(between), LINK)
        if not len(far):
            return 0.0
        return float((self._onward[far] * self._standing[self._arcs.target[far]]).max())

    def opening(self, call: Call) -> Answer:
        """Out from each insider, marking who knows them; out from each seeker, looking for marks."""
        arcs = self._arcs
        self._standing[call.insiders] = call.standings
        marked: list[Places] = []
        for insider, standing in zip(call.insiders.tolist(), call.standings.tolist(), strict=True):
            back = self._with(arcs.mirror[self.out(insider)], LINK | WARM)
            who = arcs.source[back]
            self._reach[who] = np.maximum(self._reach[who], self._onward[back] * standing)
            marked.append(who)
        found = [self._seeker(int(seeker)) for seeker in call.seekers]
        self._standing[call.insiders] = 0.0
        for who in marked:
            self._reach[who] = 0.0
        places = np.concatenate([place for place, _ in found])
        return best_three(arcs.source[places], arcs.target[places], np.concatenate([score for _, score in found]))

    def _seeker(self, seeker: int) -> tuple[Places, Doubles]:
        mine = self.out(seeker)
        asked, straight = self._with(mine, ASKS | WARM), self._with(mine, OWN)
        target = self._arcs.target
        places = np.concatenate([asked, straight])
        direct = 2 * self._near[straight] * self._standing[target[straight]]
        score = np.concatenate([self._near[asked] * self._reach[target[asked]], direct])
        found = score > 0
        return places[found], score[found]

    def profile(self, turn: Turn) -> Answer:
        """Everybody within two steps, once for each standing they may have."""
        mine = self.out(turn.person)
        asked, straight = self._with(mine, ASKS | WARM), self._with(mine, OWN)
        target = self._arcs.target
        far = [self._with(self.out(int(one)), LINK | WARM) for one in target[asked]]
        steps: Doubles = np.repeat(self._near[asked], [len(one) for one in far])
        beyond: Int64s = np.concatenate([*far, np.zeros(0, np.int64)])
        insider = np.concatenate([target[beyond], target[straight]])
        values = np.array(
            [
                np.concatenate([steps * (self._onward[beyond] * value), 2 * self._near[straight] * value])
                for value in STANDINGS
            ]
        )
        others = insider != turn.person
        return self._openings.reached(turn, insider[others], values[:, others])

    def _with(self, places: Places, flags: int) -> Places:
        found: Places = places[(self._arcs.flags[places] & flags) == flags]
        return found
