"""How a database does the whole job: which statements, in which order. How they run is each database's own."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.questions import Ask
from benchmarks.engine.subject import Subject
from benchmarks.engine.whole_job import requests, statements
from benchmarks.engine.whole_job.requests import Answer, Introducer, Line, Request
from benchmarks.engine.whole_job.tables import Columns, Posting, Search, arcs_table, posting, search, small_tables
from benchmarks.graphs.generated import Data, Graph
from benchmarks.graphs.new_ties import Ties
from services.matching.rules import bridge

OF_OPENING = "opening = $1"
OF_DIRTY = "seeker in (select person from dirty)"
OF_DIRTY_PAIRS = "(seeker, opening) in (select seeker, opening from dirty_pairs)"


class Database(Subject):
    """Holds the tables of `tables.py`, and in `suggestions` a line for each introducer of each suggestion.

    Work tables: `dirty` and `dirty_pairs`, what is to be matched again; `new_ties`, `grown` and `recounted`.
    """

    _graph: Graph

    def load(self, data: Data, *, live: bool) -> None:
        """Fill the tables and, where they are wanted, work out all suggestions from scratch."""
        self.close()
        self._graph = data.graph
        arcs = arcs_table(data)
        self.create(arcs, small_tables(data, int(arcs["mutual"].max(initial=0))))
        if live:
            self.refill("fits", statements.ALL_FITS)
            self.refill("dirty", "select person from searches")
            self.replace_many(statements.FRESH_OF_PEOPLE, OF_DIRTY)
            self.rows("analyze suggestions")
            self.rows("analyze fits")

    def prepare(self, request: Request) -> Any:
        """Rows of numbers."""
        match request:
            case requests.OpeningArrives(opening):
                return posting(self._graph, opening)
            case requests.SearchBegins(person):
                return search(self._graph, person)
            case requests.TiesArrive(ties):
                return _both_ways(ties)
        return request

    def answer(self, prepared: Any) -> Callable[[], Answer]:
        """Take the record in."""
        match prepared:
            case Ask(person, company):
                found = self.rows(statements.INTRODUCERS, person, company)
                return lambda: [Introducer(*row) for row in found]
            case Posting():
                lines = self._opening(prepared)
            case Search():
                lines = self._search(prepared)
            case requests.OpeningCloses(opening):
                lines = self._closed(opening)
            case requests.SearchEnds(person):
                lines = self._ended(person)
            case requests.IntroducingEnds(person):
                lines = self._introduces_no_more(person)
            case _:
                lines = self._ties(prepared)
        return lambda: [Line(*row) for row in lines]

    @abstractmethod
    def create(self, arcs: Columns, others: dict[str, Columns]) -> None:
        """Make and fill all tables, and the empty ones."""

    @abstractmethod
    def rows(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement; the rows it gives."""

    @abstractmethod
    def refill(self, table: str, query: str, *values: Any) -> None:
        """Put what a query finds into a work table, in place of what is there."""

    @abstractmethod
    def put(self, table: str, columns: Columns) -> None:
        """Put columns into a work table, in place of what is there."""

    def replace(self, fresh: str, scope: str, *values: Any) -> list[Any]:
        """Bring the suggestions in `scope` up to what a query finds; the lines of those that changed."""
        return self.replace_many(fresh, scope, *values)

    def replace_many(self, fresh: str, scope: str, *values: Any) -> list[Any]:
        """The same by work tables, one statement after another in one transaction."""
        self.rows("begin")
        self.refill("fresh", fresh, *values)
        self.refill("held", f"select * from suggestions where {scope}", *values[: scope.count("$")])
        self.refill("changed", statements.CHANGED)
        self.rows(statements.DELETE_CHANGED)
        self.rows(statements.INSERT_CHANGED)
        found = self.rows(statements.CHANGED_LINES)
        self.rows("commit")
        return found

    def search_changed(self, person: int) -> None:
        """Somebody begins or ceases to seek: bring along what is kept for those who do."""

    def consent_changed(self, person: int) -> None:
        """Somebody introduces no more: bring along what is kept beside `arcs`."""

    def arcs_changed(self) -> None:
        """New ties are in `arcs`, and what `recounted` says: bring along what is kept beside it."""

    def _opening(self, record: Posting) -> list[Any]:
        facts = (record.opening, record.company, record.title, record.level, record.enough)
        self.rows("insert into openings values ($1, $2, $3, $4, $5)", *facts)
        self.rows(
            "insert into opening_skills select unnest(cast($2 as int[])), cast($1 as int)",
            record.opening,
            record.skills,
        )
        self.rows(f"insert into fits {statements.FITS_OF_OPENING}", record.opening)
        return self.replace(statements.FRESH_OF_OPENING, OF_OPENING, record.opening, record.company)

    def _closed(self, opening: int) -> list[Any]:
        self.rows("delete from openings where opening = $1", opening)
        self.rows("delete from opening_skills where opening = $1", opening)
        self.rows("delete from fits where opening = $1", opening)
        return self._withdrawn(f"delete from suggestions where {OF_OPENING} returning seeker, opening", opening)

    def _search(self, record: Search) -> list[Any]:
        self.rows("insert into searches values ($1, $2, $3)", record.person, record.title, record.level)
        self.rows(
            "insert into search_skills select unnest(cast($2 as int[])), cast($1 as int)", record.person, record.skills
        )
        self.rows(f"insert into fits {statements.FITS_OF_PERSON}", record.person)
        self.search_changed(record.person)
        self.refill("dirty", "select cast($1 as int)", record.person)
        return self.replace(statements.FRESH_OF_PEOPLE, OF_DIRTY)

    def _ended(self, person: int) -> list[Any]:
        self.rows("delete from searches where person = $1", person)
        self.rows("delete from search_skills where person = $1", person)
        self.rows("delete from fits where seeker = $1", person)
        self.search_changed(person)
        return self._withdrawn("delete from suggestions where seeker = $1 returning seeker, opening", person)

    def _withdrawn(self, statement: str, value: int) -> list[Any]:
        pairs = {(seeker, opening) for seeker, opening in self.rows(statement, value)}
        return [(*pair, None) for pair in sorted(pairs)]

    def _introduces_no_more(self, person: int) -> list[Any]:
        self.rows("update people set introduces = false where person = $1", person)
        self.rows("update arcs set open = false where target = $1", person)
        self.consent_changed(person)
        self.refill("dirty_pairs", statements.DIRTY_PAIRS, person)
        return self.replace(statements.FRESH_OF_PAIRS, OF_DIRTY_PAIRS)

    def _ties(self, new: Columns) -> list[Any]:
        self.put("new_ties", new)
        self.rows(statements.NEW_ARCS)
        self.rows(statements.NEW_DEGREES)
        self.refill("grown", statements.GROWN)
        self.refill("recounted", statements.RECOUNTED.format(few=bridge.FEW_TIES))
        self.rows(statements.RECOUNT)
        self.arcs_changed()
        self.refill("dirty", statements.DIRTY_PEOPLE)
        return self.replace_many(statements.FRESH_OF_PEOPLE, OF_DIRTY)


def _both_ways(ties: Ties) -> Columns:
    pairs: dict[str, Sequence[NDArray[Any]]] = {
        "source": (ties.a, ties.b),
        "target": (ties.b, ties.a),
        "mine": (ties.kind_a, ties.kind_b),
        "theirs": (ties.kind_b, ties.kind_a),
    }
    return {name: np.concatenate(pair).astype(np.int32) for name, pair in pairs.items()}
