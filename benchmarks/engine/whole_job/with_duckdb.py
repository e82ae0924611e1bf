"""DuckDB, in memory: arcs sorted by their first end, and beside them two smaller tables in the order of their use."""

from typing import Any

import duckdb

from benchmarks.engine.whole_job.database import Database
from benchmarks.engine.whole_job.tables import Columns

NEAR_ARCS = "select * from arcs where source in (select person from searches)"
LINKS = "select target, source, onward from arcs where own and open and warm and onward > 0"

TABLES = f"""
create table near_arcs as {NEAR_ARCS} order by source, target;
create table links as {LINKS} order by target, source;
create table fits (seeker int, opening int, fit double);
create table suggestions (
  seeker int, opening int, place int, fit double, introducer int, insider int, score double, warm bool, app bool,
  reasons varchar
);
create table fresh as from suggestions;
create table held as from suggestions;
create table changed (seeker int, opening int);
create table dirty (person int);
create table dirty_pairs (seeker int, opening int, fit double);
create table new_ties (source int, target int, mine int, theirs int);
create table grown (source int, target int, more int);
create table recounted (source int, target int, mutual int, counted int, was int, strength double, fresh bool);
"""

ARCS_CHANGED = (
    """
    update near_arcs set mutual = recounted.mutual, counted = recounted.counted,
      near = 0.5 * recounted.strength * bridge * 0.5
    from recounted join counts on counts.counted = recounted.counted
    where near_arcs.source = recounted.source and near_arcs.target = recounted.target and not fresh
    """,
    f"insert into near_arcs {NEAR_ARCS} and (source, target) in (select source, target from new_ties)",
    f"insert into links {LINKS} and (source, target) in (select source, target from new_ties)",
)


class DuckDB(Database):
    """It plans joins over whole tables: what is smaller, and sorted by what is looked up, is read faster."""

    name = "DuckDB"
    package = "duckdb"

    def create(self, arcs: Columns, others: dict[str, Columns]) -> None:
        """By copying the arrays."""
        self._base = duckdb.connect(":memory:")
        for name, columns in {"arcs": arcs, **others}.items():
            self._base.register("given", columns)
            self._base.execute(f"create table {name} as from given")
        self._base.unregister("given")
        self._base.execute(TABLES)

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """As Python's tuples."""
        found: list[Any] = self._base.execute(statement, list(values)).fetchall()
        return found

    def refill(self, table: str, query: str, *values: Any) -> None:
        """By emptying it first."""
        self._base.execute(f"truncate {table}")
        self._base.execute(f"insert into {table} {query}", list(values))

    def put(self, table: str, columns: Columns) -> None:
        """By copying the arrays."""
        self._base.register("given", columns)
        self.refill(table, "from given")
        self._base.unregister("given")

    def search_changed(self, person: int) -> None:
        """The arcs of those who seek."""
        self._base.execute("delete from near_arcs where source = $1", [person])
        self._base.execute(f"insert into near_arcs {NEAR_ARCS} and source = $1", [person])

    def consent_changed(self, person: int) -> None:
        """What leads to this person."""
        self._base.execute("update near_arcs set open = false where target = $1", [person])
        self._base.execute("delete from links where target = $1", [person])

    def arcs_changed(self) -> None:
        """New ones, and bridges that moved."""
        for statement in ARCS_CHANGED:
            self._base.execute(statement)

    def close(self) -> None:
        """Drop the tables."""
        if hasattr(self, "_base"):
            self._base.close()
            del self._base
