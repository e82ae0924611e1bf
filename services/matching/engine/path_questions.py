"""Questions about paths, answered between two slices of an update; their scratch space is their own."""

import numpy as np

from services.matching.engine.columns import company_hints
from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.people import ANY_ROLE
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import ARCS
from services.matching.kernels.graph.layout import MEMBER
from services.matching.kernels.graph.standing import works_at
from services.matching.kernels.search.candidate_filter import new_candidate_filter
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.search.hint_scan import new_hits
from services.matching.kernels.search.insiders import new_insider_index
from services.matching.kernels.search.introducers import (
    IntroducerQuery,
    IntroducerRows,
    find_introducers,
    find_introducers_to_few,
)
from services.matching.kernels.search.potential_paths import IF_IMPORTED, MEMBER_BETWEEN, find_potential_paths
from services.matching.kernels.storage.arrays import I64
from services.matching.kernels.suggestions.rows import SuggestionRows, new_suggestion_rows
from services.matching.rules import bridge
from services.matching.rules.numbers import factor
from services.matching.rules.questions import IF_SAID, POTENTIAL_PATHS, PotentialPath

ARCS_A_WORKER = 400
"""Scanning so many hints takes as long as indexing who knows one person of the company."""


class PathQuestions:
    """Room for one question at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._index, self._candidates = new_insider_index(PEOPLE, ARCS), new_candidate_filter(PEOPLE)
        self._words: I64 = store.ties.arcs.hint.view(np.int64)
        self.found: SuggestionRows = new_suggestion_rows(PEOPLE)
        """The last answer, one path an introducer in the columns of paths."""
        self._columns = IntroducerRows(*(getattr(self.found, name) for name in IntroducerRows._fields))
        self._hits = new_hits()

    def introducers(self, view: GraphView, person: int, company: int) -> int:
        """Find everybody who could introduce a person into a company, with their best path; returns how many."""
        query = self._query(person, company)
        count = find_introducers(view, self._columns, self._hits, query, ARCS_A_WORKER * len(query.workers))
        if count >= 0:
            return count
        return find_introducers_to_few(view, self._index, self._candidates, self._columns, query)

    def potential_paths(self, view: GraphView, person: int, company: int) -> list[PotentialPath]:
        """Where `introducers` finds nobody: what could become a path, best first, as `rules.questions` says."""
        found, name, blocked = self._columns, self._store.names.name, self._blocked_by_contact(person)
        count = find_potential_paths(view, found, self._query(person, company), factor(IF_SAID))
        columns = (found.kind[:count], found.introducer[:count], found.score[:count])
        made = [
            PotentialPath("member" if kind == MEMBER_BETWEEN else "contact", name(other), score)
            for kind, other, score in zip(*(column.tolist() for column in columns), strict=True)
            if not self._works_at_any(other, blocked)
            and (kind != IF_IMPORTED or self._was_imported_by(other, name(person)))
        ]
        return sorted(made, key=lambda path: (path.kind != "contact", -path.score, path.person))[:POTENTIAL_PATHS]

    def _query(self, person: int, company: int) -> IntroducerQuery:
        workers = self._store.people.workers.of(company)
        return IntroducerQuery(
            person, company, company_hints.hint_of(company), workers, self._words, ANY_ROLE, bridge.FEW_TIES
        )

    def _blocked_by_contact(self, person: int) -> list[int]:
        """The companies that somebody who is no member blocks: kernels know those of seekers only.

        Such a person is only ever offered contacts: they have own evidence of nobody.
        """
        people, companies = self._store.people, self._store.words.companies
        known = None if people.columns.flags[person] & MEMBER else people.person(person)
        if known is None or known.search is None:
            return []
        return [number for number in map(companies.find, known.search.blocked) if number >= 0]

    def _works_at_any(self, contact: int, companies: list[int]) -> bool:
        people = self._store.people
        return any(works_at(people.jobs, people.columns, contact, company) for company in companies)

    def _was_imported_by(self, contact: int, person: str) -> bool:
        """Whether the contact comes from the person's address book."""
        record = self._store.people.record(contact)
        # Parsing a record is slow, and JSON holds an id of such characters as it is: most are ruled out without.
        if record is None or (person.isascii() and person.isalnum() and person.encode() not in record):
            return False
        known = self._store.people.person(contact)
        return known is not None and known.imported_by == person
