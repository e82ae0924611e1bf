"""Questions answered between two slices of work, with marks of their own, so that neither disturbs the other."""

import numpy as np

from services.matching.columns import signs
from services.matching.columns.matching import LINKS, PEOPLE
from services.matching.columns.people import ANY_ROLE
from services.matching.columns.store import Store
from services.matching.kernels.best import Found, new_found
from services.matching.kernels.hints import new_hits
from services.matching.kernels.layout import I64
from services.matching.kernels.question import Introducers, Question, ask, ask_few
from services.matching.kernels.scene import Scene
from services.matching.kernels.sieve import new_sieve
from services.matching.kernels.target import new_target
from services.matching.kernels.ways import IF_NAMED, THROUGH, ways
from services.matching.plain import bridge
from services.matching.plain.numbers import factor
from services.matching.plain.queries import IF_SAID, WAYS, Way

ARCS_A_WORKER = 400
"""So many hints are looked at in the time in which one worker's standing is found and their ties are marked."""


class Questions:
    """Room for one question at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._target, self._sieve = new_target(PEOPLE, LINKS), new_sieve(PEOPLE)
        self._words: I64 = store.ties.arcs.hint.view(np.int64)
        self.found: Found = new_found(PEOPLE)
        """The answer to the last question: a path each in the columns of paths."""
        self._columns = Introducers(*(getattr(self.found, name) for name in Introducers._fields))
        self._hits = new_hits()

    def introducers(self, scene: Scene, person: int, company: int) -> int:
        """Everybody who could introduce a person into a company, each with their best path; how many there are."""
        asked = self._question(person, company)
        count = ask(scene, self._columns, self._hits, asked, ARCS_A_WORKER * len(asked.workers))
        return ask_few(scene, self._target, self._sieve, self._columns, asked) if count < 0 else count

    def ways(self, scene: Scene, person: int, company: int) -> list[Way]:
        """Where `introducers` finds nobody: what is nearest to making a path, best first, as `plain.queries.ways`."""
        found, name = self._columns, self._store.names.name
        count = ways(scene, found, self._question(person, company), factor(IF_SAID))
        columns = (found.kind[:count], found.introducer[:count], found.score[:count])
        made = [
            Way("member" if kind == THROUGH else "contact", name(other), score)
            for kind, other, score in zip(*(column.tolist() for column in columns), strict=True)
            if kind != IF_NAMED or self._brought_in(other, name(person))
        ]
        return sorted(made, key=lambda way: (way.kind != "contact", -way.score, way.person))[:WAYS]

    def _question(self, person: int, company: int) -> Question:
        workers = self._store.people.workers.of(company)
        return Question(person, company, signs.of(company), workers, self._words, ANY_ROLE, bridge.FEW_TIES)

    def _brought_in(self, contact: int, person: str) -> bool:
        """Whether the contact came with the person's address book."""
        record = self._store.people.record(contact)
        # Reading a record takes long; an id of such characters stands in it as it is.
        if record is None or (person.isascii() and person.isalnum() and person.encode() not in record):
            return False
        known = self._store.people.person(contact)
        return known is not None and known.imported_by == person
