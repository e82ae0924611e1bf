"""Questions answered between two slices of work, with marks of their own, so that neither disturbs the other."""

from services.matching.columns.matching import LINKS, PEOPLE
from services.matching.columns.people import ANY_ROLE
from services.matching.columns.store import Store
from services.matching.kernels.best import Found, new_found
from services.matching.kernels.question import aim, from_insiders, introducers
from services.matching.kernels.scene import Scene
from services.matching.kernels.target import clear, mark, new_target
from services.matching.plain import bridge

ALL = 1 << 62


class Questions:
    """Room for one question at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._target = new_target(PEOPLE, LINKS)
        self.found: Found = new_found(PEOPLE)
        """The answer to the last question: a path each in the columns of paths."""

    def introducers(self, scene: Scene, person: int, company: int) -> int:
        """Everybody who could introduce a person into a company, each with their best path; how many there are."""
        target = self._target
        clear(target, len(self._store.names))
        aim(scene, target, self._store.people.workers.of(company), company, -1, -1, ANY_ROLE)
        marked = from_insiders(scene, target, person)
        if marked:
            mark(target, scene.people, scene.arcs, 0, ALL, False)
        return introducers(scene, target, self.found, person, marked, bridge.FEW_TIES)
