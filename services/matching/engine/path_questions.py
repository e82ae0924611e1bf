"""Questions answered between two slices of work, with marks of their own, so that neither disturbs the other."""

import numpy as np

from services.matching.engine.columns import signs
from services.matching.engine.columns.people import ANY_ROLE
from services.matching.engine.columns.store import Store
from services.matching.engine.rematch import LINKS, PEOPLE
from services.matching.kernels.graph.layout import MEMBER
from services.matching.kernels.graph.standing import works_at
from services.matching.kernels.search.company_hints import new_hits
from services.matching.kernels.search.graph_view import Scene
from services.matching.kernels.search.insiders import new_target
from services.matching.kernels.search.introducers import Introducers, Question, ask, ask_few
from services.matching.kernels.search.near_misses import IF_NAMED, THROUGH, ways
from services.matching.kernels.search.sieve import new_sieve
from services.matching.kernels.storage.arrays import I64
from services.matching.kernels.suggestions.rows import Found, new_found
from services.matching.rules import bridge
from services.matching.rules.numbers import factor
from services.matching.rules.questions import IF_SAID, POTENTIAL_PATHS, PotentialPath

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

    def ways(self, scene: Scene, person: int, company: int) -> list[PotentialPath]:
        """Where `introducers` finds nobody: what is nearest to making a path, best first, as `plain.queries.ways`."""
        found, name, away = self._columns, self._store.names.name, self._away_from(person)
        count = ways(scene, found, self._question(person, company), factor(IF_SAID))
        columns = (found.kind[:count], found.introducer[:count], found.score[:count])
        made = [
            PotentialPath("member" if kind == THROUGH else "contact", name(other), score)
            for kind, other, score in zip(*(column.tolist() for column in columns), strict=True)
            if not self._works_at_any(other, away) and (kind != IF_NAMED or self._brought_in(other, name(person)))
        ]
        return sorted(made, key=lambda way: (way.kind != "contact", -way.score, way.person))[:POTENTIAL_PATHS]

    def _question(self, person: int, company: int) -> Question:
        workers = self._store.people.workers.of(company)
        return Question(person, company, signs.of(company), workers, self._words, ANY_ROLE, bridge.FEW_TIES)

    def _away_from(self, person: int) -> list[int]:
        """The companies that somebody blocks who is no member: they are no seeker, so the kernels do not know of them.

        All that such a person can be offered are contacts: nobody else's tie has own evidence of theirs.
        """
        people, companies = self._store.people, self._store.words.companies
        known = None if people.columns.flags[person] & MEMBER else people.person(person)
        if known is None or known.search is None or not known.search.discreet:
            return []
        return [number for number in map(companies.find, known.search.blocked) if number >= 0]

    def _works_at_any(self, contact: int, companies: list[int]) -> bool:
        people = self._store.people
        return any(works_at(people.jobs, people.columns, contact, company) for company in companies)

    def _brought_in(self, contact: int, person: str) -> bool:
        """Whether the contact came with the person's address book."""
        record = self._store.people.record(contact)
        # Reading a record takes long; an id of such characters stands in it as it is.
        if record is None or (person.isascii() and person.isalnum() and person.encode() not in record):
            return False
        known = self._store.people.person(contact)
        return known is not None and known.imported_by == person
