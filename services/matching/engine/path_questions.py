"""Questions about paths, answered between two slices of an update; their scratch space is their own."""

from datetime import date

import numpy as np

from services.matching.engine.columns import company_hints
from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.people import ANY_ROLE
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import ARCS
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
from services.matching.kernels.search.left_there import find_left_there
from services.matching.kernels.storage.arrays import I64
from services.matching.kernels.suggestions.rows import SuggestionRows, new_suggestion_rows
from services.matching.rules import bridge
from services.matching.rules.questions import LeftThere, latest

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

    def left_there(self, view: GraphView, person: int, company: int) -> list[LeftThere]:
        """Where `introducers` finds nobody: whom the person knows who left there, as `rules.questions` says."""
        room = int(view.arcs.size[person])
        people, left = np.empty(room, np.int32), np.empty(room, np.int32)
        count = find_left_there(view, self._store.people.job_days, self._query(person, company), people, left)
        found = zip(people[:count].tolist(), left[:count].tolist(), strict=True)
        return latest(LeftThere(self._store.names.name(one), date.fromordinal(day)) for one, day in found)

    def _query(self, person: int, company: int) -> IntroducerQuery:
        workers = self._store.people.workers.of(company)
        return IntroducerQuery(
            person, company, company_hints.hint_of(company), workers, self._words, ANY_ROLE, bridge.FEW_TIES
        )
