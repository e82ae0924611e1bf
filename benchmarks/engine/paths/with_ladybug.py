"""ladybug, the successor of Kuzu: a property graph in memory, asked in Cypher."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ladybug
import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.paths.ranking import Openings, best_three, ranked
from benchmarks.engine.questions import Answer, Ask, Call, Turn
from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM
from benchmarks.graphs.generated import Data

POOL = 8 << 30
"""Bytes it may use; it would take four fifths of the machine."""

SCHEMA = (
    "create node table Person(id int64, call int64, primary key(id))",
    "create node table Company(id int64, primary key(id))",
    """create rel table Knows(from Person to Person, strength int64, bridge int64,
    own boolean, asks boolean, link boolean, warm boolean)""",
    "create rel table Works(from Person to Company, title int64)",
)

DIRECT = """
match (s:Person {id: $person})-[n:Knows]->(i:Person)-[:Works]->(:Company {id: $company}) where n.own
return i.id, max(2 * (0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5) * 1.0)
"""

BETWEEN = """
match (s:Person {id: $person})-[n:Knows]->(j:Person)-[f:Knows]->(i:Person)-[:Works]->(:Company {id: $company})
where n.asks and f.link and i.id <> $person
return j.id, max((0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5) * ((f.strength / 10000.0) * 1.0))
"""

MARK = "unwind $seekers as one match (s:Person {id: one}) set s.call = $call"

CALLED_BETWEEN = """
unwind $insiders as one match (i:Person {id: one.person})<-[f:Knows]-(j:Person) where f.link and f.warm
with j, max((f.strength / 10000.0) * one.standing) as reach
match (j)<-[n:Knows]-(s:Person) where s.call = $call and n.asks and n.warm
return s.id, j.id, (0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5) * reach
"""

CALLED_DIRECT = """
unwind $insiders as one match (i:Person {id: one.person})<-[n:Knows]-(s:Person) where s.call = $call and n.own
return s.id, i.id, 2 * (0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5) * one.standing
"""

REACHED = """
match (s:Person {id: $person})-[n:Knows]->(j:Person)-[f:Knows]->(i:Person)
where n.asks and n.warm and f.link and f.warm and i.id <> $person
with i.id as who, 0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5 as near, f.strength / 10000.0 as strength
return who, max(near * (strength * 1.0)), max(near * (strength * 0.85)), max(near * (strength * 0.6))
"""

REACHED_DIRECT = """
match (s:Person {id: $person})-[n:Knows]->(i:Person) where n.own
with i.id as who, 0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5 as near
return who, 2 * near * 1.0, 2 * near * 0.85, 2 * near * 0.6
"""


class Ladybug(Peer):
    """Strength and bridge are whole numbers here: of columns of doubles 0.22.0 reads a few values back as 0.

    Rows come back as Python lists; they are ranked by the same numpy as other peers' arrays.
    """

    name = "ladybug"
    package = "ladybug"

    def load(self, data: Data) -> None:
        """By Parquet files, as fast as it reads."""
        self.close()
        self._store = ladybug.Database(":memory:", buffer_pool_size=POOL)
        self._base = ladybug.Connection(self._store)
        for statement in SCHEMA:
            self._base.execute(statement)
        with tempfile.TemporaryDirectory() as folder:
            for table, columns in _tables(data):
                path = Path(folder) / f"{table}.parquet"
                _write(columns, path)
                self._base.execute(f"copy {table} from '{path}'")
                path.unlink()
        self._openings = Openings(data.graph)
        self._calls = 0

    def introducers(self, ask: Ask) -> Answer:
        """Direct paths, and those with one between, from the person outward."""
        values = {"person": ask.person, "company": ask.company}
        rows = [*self._rows(DIRECT, values), *self._rows(BETWEEN, values)]
        who, score = _columns(rows, 2)
        return ranked(who.astype(np.int64), score)

    def opening(self, call: Call) -> Answer:
        """The seekers get a mark; then from the insiders outward to those marked."""
        if not len(call.insiders):  # an empty list has no type that it could bind
            return best_three(call.insiders, call.insiders, call.standings)
        self._calls += 1
        self._base.execute(MARK, {"seekers": call.seekers.tolist(), "call": self._calls})
        people = zip(call.insiders.tolist(), call.standings.tolist(), strict=True)
        insiders = [{"person": person, "standing": standing} for person, standing in people]
        values = {"insiders": insiders, "call": self._calls}
        rows = [*self._rows(CALLED_BETWEEN, values), *self._rows(CALLED_DIRECT, values)]
        seeker, who, score = _columns(rows, 3)
        return best_three(seeker.astype(np.int64), who.astype(np.int64), score)

    def profile(self, turn: Turn) -> Answer:
        """Everybody within two steps; their openings are looked up outside."""
        values = {"person": turn.person}
        rows = [*self._rows(REACHED, values), *self._rows(REACHED_DIRECT, values)]
        columns = _columns(rows, 4)
        return self._openings.reached(turn, columns[0].astype(np.int64), columns[1:])

    def _rows(self, query: str, values: dict[str, Any]) -> list[Any]:
        result = self._base.execute(query, values)
        rows: list[Any] = result.get_all()
        return rows

    def close(self) -> None:
        """Drop the database."""
        if hasattr(self, "_base"):
            self._base.close()
            self._store.close()


def _tables(data: Data) -> Sequence[tuple[str, dict[str, NDArray[Any]]]]:
    graph, arcs = data.graph, data.arcs
    companies = int(max(graph.job_company.max(), graph.opening_company.max())) + 1
    flags = {name: arcs.has(flag) for name, flag in (("own", OWN), ("asks", ASKS), ("link", LINK), ("warm", WARM))}
    ends = {"source": arcs.source.astype(np.int64), "target": arcs.target.astype(np.int64)}
    return (
        ("Person", {"id": np.arange(graph.people), "call": np.zeros(graph.people, np.int64)}),
        ("Company", {"id": np.arange(companies)}),
        (
            "Knows",
            {**ends, "strength": arcs.strength.astype(np.int64), "bridge": arcs.bridge.astype(np.int64), **flags},
        ),
        ("Works", {name: column.astype(np.int64) for name, column in _works(data).items()}),
    )


def _works(data: Data) -> dict[str, NDArray[Any]]:
    graph = data.graph
    return {"person": graph.job_person(), "company": graph.job_company, "title": graph.job_title}


def _write(columns: dict[str, NDArray[Any]], path: Path) -> None:
    with duckdb.connect() as base:
        base.register("columns", columns)
        base.execute(f"copy (select * from columns) to '{path}' (format parquet)")  # noqa: S608 - a path of ours


def _columns(rows: list[Any], count: int) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.array(rows, np.float64).reshape(len(rows), count).T)
