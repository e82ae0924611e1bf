"""DuckDB: self-joins over tables of arcs, in memory, with as many threads as it likes.

Two ways were tried: tables sorted by the end that is looked up, and the same with an index on it. The faster is used.
"""

from typing import Any, ClassVar

import duckdb
import numpy as np

from benchmarks.engine.paths.protocol import Peer
from benchmarks.engine.questions import Answer, Ask, Call, Turn
from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM
from benchmarks.graphs.generated import Data, Graph
from benchmarks.graphs.new_ties import Burst

ARCS = """
create table arcs as select source, target, near, strength,
  (flags & {own}) > 0 as own, (flags & {asks}) > 0 as asks, (flags & {link}) > 0 as link, (flags & {warm}) > 0 as warm
from columns
"""

INTRODUCERS = """
with insiders as (select distinct person from jobs where company = $company),
far as (
  select arcs.source as who, arcs.strength * 1.0 as value from arcs
  where arcs.source in ({asked}) and arcs.link and arcs.target <> $person
    and arcs.target in (select person from insiders)
),
paths as (
  select far.who, mine.near * far.value as score from far
    join (select target, near from arcs where source = $person and asks) mine on mine.target = far.who
  union all
  select target, 2 * near * 1.0 from arcs
  where source = $person and own and target in (select person from insiders)
)
select who, max(score) as score from paths where score > 0 group by who order by score desc, who
"""

OPENING = """
with reach as (
  select links.source as who, max(links.strength * insiders.standing) as value
  from arcs links join insiders on links.target = insiders.person
  where links.link and links.warm group by links.source
),
mine as (select source, target, near, own, asks and warm as asks from arcs join seekers on source = seekers.person),
paths as (
  select source, target, near * value as score from mine join reach on target = who where asks
  union all
  select source, target, 2 * near * standing from mine join insiders on target = insiders.person where own
),
best as (select source, target, max(score) as score from paths where score > 0 group by source, target)
select source, target, score from best
qualify row_number() over (partition by source order by score desc, target) <= 3
order by source, score desc, target
"""

PROFILE = """
with mine as (select target, near, own, asks and warm as asks from arcs where source = $person),
reach as (
  select links.target as who,
    max(mine.near * (strength * 1.0)) as same, max(mine.near * (strength * 0.85)) as near_,
    max(mine.near * (strength * 0.6)) as other
  from (select * from arcs where source in ({asked}) and link and warm and target <> $person) links
    join mine on links.source = mine.target where mine.asks group by links.target
  union all
  select target, 2 * near * 1.0, 2 * near * 0.85, 2 * near * 0.6 from mine where own
),
held as (
  select company, title, max(same) as same, max(near_) as near_, max(other) as other
  from reach join jobs on who = jobs.person where company in (select company from sought) group by company, title
)
select opening, max(case
  when held.title = sought.title then held.same
  when t.kind = s.kind or t.recruiting then held.near_
  else held.other end) as score
from held join sought using (company)
  join titles t on t.title = held.title join titles s on s.title = sought.title
group by opening having score > 0 order by opening
"""


class DuckDB(Peer):
    """Sorted tables: arcs by their first end."""

    name = "DuckDB"
    package = "duckdb"
    indexed: ClassVar[bool] = False

    def load(self, data: Data) -> None:
        """Copy the columns into tables."""
        self.close()
        self._base = duckdb.connect(":memory:")
        self._graph = data.graph
        self._fill(data)
        self._jobs(data.graph)

    def _fill(self, data: Data) -> None:
        arcs = data.arcs
        columns = {  # noqa: F841 - DuckDB finds the arrays by the name of the variable
            "source": arcs.source,
            "target": arcs.target,
            "near": arcs.near(),
            "strength": arcs.strengths(),
            "flags": arcs.flags,
        }
        self._base.execute(ARCS.format(own=OWN, asks=ASKS, link=LINK, warm=WARM))
        if self.indexed:
            self._base.execute("create index by_source on arcs (source)")

    def _jobs(self, graph: Graph) -> None:
        jobs = {"person": graph.job_person(), "company": graph.job_company, "title": graph.job_title}
        titles = {
            "title": np.arange(len(graph.title_group), dtype=np.int32),
            "kind": graph.title_group,
            "recruiting": graph.title_recruiting,
        }
        self._base.register("given_jobs", jobs)
        self._base.register("given_titles", titles)
        self._base.execute("create table jobs as select * from given_jobs order by company, person")
        self._base.execute("create table titles as select * from given_titles")

    def introducers(self, ask: Ask) -> Answer:
        """Two questions: whom may they ask, and whom of the insiders do these know."""
        query = INTRODUCERS.format(asked=self._asked(ask.person, "asks"))
        return self._answer(query, 1, {"person": ask.person, "company": ask.company})

    def opening(self, call: Call) -> Answer:
        """One question; insiders and seekers are handed over as arrays."""
        insiders = {"person": call.insiders, "standing": call.standings}
        self._base.register("insiders", insiders)
        self._base.register("seekers", {"person": call.seekers})
        return self._answer(OPENING, 2, {})

    def profile(self, turn: Turn) -> Answer:
        """Two questions, as for introducers."""
        at = turn.openings
        sought = {"opening": at, "company": self._graph.opening_company[at], "title": self._graph.opening_title[at]}
        self._base.register("sought", sought)
        query = PROFILE.format(asked=self._asked(turn.person, "asks and warm"))
        return self._answer(query, 1, {"person": turn.person})

    def burst(self, burst: Burst) -> None:
        """Change the arcs in place."""
        arcs, places = burst.after.arcs, burst.places
        changed = {"source": arcs.source[places], "target": arcs.target[places], "near": arcs.near()[places]}
        changed |= {"strength": arcs.strengths()[places], "flags": arcs.flags[places], "fresh": burst.fresh}
        self._base.register("changed", changed)
        self._base.execute(
            "update arcs set near = changed.near from changed"
            " where arcs.source = changed.source and arcs.target = changed.target and not fresh"
        )
        self._base.execute(
            f"insert into arcs select source, target, near, strength, (flags & {OWN}) > 0, (flags & {ASKS}) > 0,"  # noqa: S608 - numbers of ours
            f" (flags & {LINK}) > 0, (flags & {WARM}) > 0 from changed where fresh"
        )

    def _asked(self, person: int, role: str) -> str:
        rows = self._base.execute(f"select target from arcs where source = ? and {role}", [person]).fetchnumpy()  # noqa: S608 - words of ours
        return ", ".join(map(str, rows["target"].tolist())) or "-1"

    def _answer(self, query: str, keys: int, values: dict[str, Any]) -> Answer:
        columns = list(self._base.execute(query, values).fetchnumpy().values())
        found = tuple(np.asarray(column, np.int64) for column in columns[:keys])
        return Answer(found, np.asarray(columns[keys], np.float64))

    def close(self) -> None:
        """Drop the tables."""
        if hasattr(self, "_base"):
            self._base.close()


class IndexedDuckDB(DuckDB):
    """The same tables with an index on the first end of an arc."""

    name = "DuckDB, indexed"
    indexed = True
