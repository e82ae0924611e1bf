"""ladybug, the successor of Kuzu: a property graph in memory, asked in Cypher; the best three are chosen by numpy.

Whom a request is about gets a mark in the graph, which was faster than handing lists over. Strength and bridge are
whole numbers there: of columns of doubles 0.22.0 reads a few values back as 0.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import ladybug
import numpy as np

from benchmarks.engine.questions import Ask
from benchmarks.engine.subject import Subject
from benchmarks.engine.whole_job import requests
from benchmarks.engine.whole_job.requests import SEPARATOR, Answer, Introducer, Line, Request
from benchmarks.engine.whole_job.tables import Columns, Posting, Search, arcs_table, posting, search, small_tables
from benchmarks.graphs.generated import Data
from services.matching.rules.fit import FITS_FROM, LEVELS_APART

POOL = 8 << 30
"""Bytes it may use; it would take four fifths of the machine."""

SCHEMA = (
    """create node table Person(id int64, seeks boolean, title int64, kind int64, level int64, request int64,
    fit double, standing double, primary key(id))""",
    "create node table Company(id int64, primary key(id))",
    "create node table Skill(id int64, primary key(id))",
    """create node table Opening(id int64, company int64, title int64, kind int64, level int64, enough int64,
    request int64, fit double, primary key(id))""",
    """create rel table Knows(from Person to Person, mine int64, theirs int64, counted int64, strength int64,
    onward int64, bridge int64, own boolean, pair boolean, open boolean, warm boolean)""",
    "create rel table Works(from Person to Company, title int64, kind int64, recruiting boolean)",
    "create rel table At(from Opening to Company)",
    "create rel table Offers(from Person to Skill)",
    "create rel table Names(from Opening to Skill)",
    """create rel table Suggested(from Person to Opening, place int64, fit double, introducer int64, insider int64,
    score double, warm boolean, app boolean, reasons string)""",
)

NEAR = "(0.5 * (n.strength / 10000.0) * (n.bridge / 10000.0) * 0.5)"
FAR = "(f.onward / 10000.0)"
STANDING = """case when w.title = o.title then 1.0 when w.kind = o.kind or w.recruiting then 0.85 else 0.6 end"""

FIT = f"""
with s, o, count(*) as found where abs(o.level - s.level) < {LEVELS_APART}
with s, o, floor(10000.0 * (
    0.6 * (case when found >= o.enough then 1.0 else cast(found, 'double') / o.enough end)
    + 0.25 * (case when o.title = s.title then 1.0 when o.kind = s.kind then 0.5 else 0.0 end)
    + 0.15 * (1.0 - abs(o.level - s.level) / 3.0)
  ) + 0.5 + 0.000001) / 10000.0 as fit
where fit >= {FITS_FROM} and not exists {{ match (s)-[:Works]->(:Company {{id: o.company}}) }}
"""

ADD_OPENING = """
match (c:Company {id: $company})
create (o:Opening {id: $opening, company: $company, title: $title, kind: $kind, level: $level, enough: $enough,
  request: 0, fit: 0.0})-[:At]->(c)
"""
ADD_NAMES = "match (o:Opening {id: $opening}) unwind $skills as one match (k:Skill {id: one}) create (o)-[:Names]->(k)"
MARK_SEEKERS = f"""
match (o:Opening {{id: $opening}})-[:Names]->(:Skill)<-[:Offers]-(s:Person) where s.seeks {FIT}
set s.request = $request, s.fit = fit
"""
MARK_INSIDERS = f"""
match (o:Opening {{id: $opening}})-[:At]->(:Company)<-[w:Works]-(i:Person)
with i, max({STANDING}) as standing set i.standing = standing
"""
INTO_BETWEEN = f"""
match (:Company {{id: $company}})<-[:Works]-(i:Person)<-[f:Knows]-(j:Person) where f.own and f.open and f.warm
with j, {FAR} * i.standing as value, min(i.id) as insider
match (j)<-[n:Knows]-(s:Person) where s.request = $request and n.pair and n.open and n.warm
return s.id, $opening, s.fit, j.id, insider, {NEAR} * value, true, true, 0, n.mine, n.theirs, n.counted
"""
INTO_DIRECT = f"""
match (:Company {{id: $company}})<-[:Works]-(i:Person)<-[n:Knows]-(s:Person) where s.request = $request and n.own
return s.id, $opening, s.fit, i.id, i.id, 2.0 * {NEAR} * i.standing, n.warm, n.open, 1, n.mine, n.theirs, n.counted
"""

BEGIN = "match (s:Person {id: $person}) set s.seeks = true, s.title = $title, s.kind = $kind, s.level = $level"
ADD_OFFERS = "match (s:Person {id: $person}) unwind $skills as one match (k:Skill {id: one}) create (s)-[:Offers]->(k)"
MARK_OPENINGS = f"""
match (s:Person {{id: $person}})-[:Offers]->(:Skill)<-[:Names]-(o:Opening) {FIT} set o.request = $request, o.fit = fit
"""
OUT_BETWEEN = f"""
match (s:Person {{id: $person}})-[n:Knows]->(j:Person)-[f:Knows]->(i:Person)-[w:Works]->(:Company)<-[:At]-(o:Opening)
where n.pair and n.open and n.warm and f.own and f.open and f.warm and i.id <> $person and o.request = $request
return s.id, o.id, o.fit, j.id, i.id, {NEAR} * ({FAR} * ({STANDING})), true, true, 0, n.mine, n.theirs, n.counted
"""
OUT_DIRECT = f"""
match (s:Person {{id: $person}})-[n:Knows]->(i:Person)-[w:Works]->(:Company)<-[:At]-(o:Opening)
where n.own and o.request = $request
return s.id, o.id, o.fit, i.id, i.id, 2.0 * {NEAR} * ({STANDING}), n.warm, n.open, 1, n.mine, n.theirs, n.counted
"""

HELD = """
match (s:Person)-[g:Suggested]->(o:Opening) where {0}
return s.id, o.id, g.place, g.fit, g.introducer, g.insider, g.score, g.warm, g.app, g.reasons
"""
OF_OPENING, OF_PERSON = "o.id = $key", "s.id = $key"
KEEP = """
unwind $lines as one match (s:Person {id: one.seeker}), (o:Opening {id: one.opening})
create (s)-[:Suggested {place: one.place, fit: one.fit, introducer: one.introducer, insider: one.insider,
  score: one.score, warm: one.warm, app: one.app, reasons: one.reasons}]->(o)
"""
DROP = """
unwind $pairs as one match (s:Person {id: one.seeker})-[g:Suggested]->(o:Opening {id: one.opening}) delete g
"""
CLOSE = "match (o:Opening {id: $key}) detach delete o"
END = (
    "match (s:Person {id: $key}) set s.seeks = false",
    "match (s:Person {id: $key})-[k:Offers]->(:Skill) delete k",
    "match (s:Person {id: $key})-[g:Suggested]->(:Opening) delete g",
)

ASK_BETWEEN = f"""
match (s:Person {{id: $person}})-[n:Knows]->(j:Person)-[f:Knows]->(i:Person)-[:Works]->(:Company {{id: $company}})
where n.pair and n.open and f.own and f.open and i.id <> $person
return j.id, i.id, {NEAR} * ({FAR} * 1.0), n.warm and f.warm, true, 0
"""
ASK_DIRECT = f"""
match (s:Person {{id: $person}})-[n:Knows]->(i:Person)-[:Works]->(:Company {{id: $company}}) where n.own
return i.id, i.id, 2.0 * {NEAR} * 1.0, n.warm, n.open, 1
"""

UNHELD = "it finds the suggestions that somebody stands in only by looking at all of them: relations have no index"


class Ladybug(Subject):
    """Suggestions are relations from seekers to openings, a line an introducer."""

    name = "ladybug"
    package = "ladybug"
    refuses: ClassVar = {
        requests.IntroducingEnds: UNHELD,
        requests.TiesArrive: f"{UNHELD}, nor can it count mutual contacts in sets",
    }

    def load(self, data: Data, *, live: bool) -> None:  # noqa: ARG002 - what would need them is refused
        """By Parquet files, as fast as it reads."""
        self.close()
        self._graph = data.graph
        self._store = ladybug.Database(":memory:", buffer_pool_size=POOL)
        self._base = ladybug.Connection(self._store)
        for statement in SCHEMA:
            self._run(statement)
        arcs = arcs_table(data)
        others = small_tables(data, int(arcs["mutual"].max(initial=0)))
        with tempfile.TemporaryDirectory() as folder:
            for table, columns in _tables(data, arcs, others):
                path = Path(folder) / f"{table}.parquet"
                _write(columns, path)
                self._run(f"copy {table} from '{path}'")
                path.unlink()
        kinds, counts = others["kinds"], others["counts"]
        pairs = zip(kinds["mine"].tolist(), kinds["theirs"].tolist(), strict=True)
        self._evidence = dict(zip(pairs, kinds["words"].tolist(), strict=True))
        self._mutual = dict(zip(counts["counted"].tolist(), counts["words"].tolist(), strict=True))
        self._requests = 0

    def prepare(self, request: Request) -> Any:
        """Rows of numbers."""
        match request:
            case requests.OpeningArrives(opening):
                return posting(self._graph, opening)
            case requests.SearchBegins(person):
                return search(self._graph, person)
        return request

    def answer(self, prepared: Any) -> Callable[[], Answer]:
        """Take the record in."""
        match prepared:
            case Ask(person, company):
                found = self._introducers(person, company)
                return lambda: found
            case Posting():
                lines = self._opening(prepared)
            case Search():
                lines = self._search(prepared)
            case requests.OpeningCloses(opening):
                lines = self._withdrawn(OF_OPENING, opening, CLOSE)
            case requests.SearchEnds(person):
                lines = self._withdrawn(OF_PERSON, person, *END)
            case _:
                raise NotImplementedError(prepared)
        return lambda: lines

    def close(self) -> None:
        """Drop the database."""
        if hasattr(self, "_base"):
            self._base.close()
            self._store.close()

    def _introducers(self, person: int, company: int) -> list[Introducer]:
        values = {"person": person, "company": company}
        rows = [*self._run(ASK_BETWEEN, **values), *self._run(ASK_DIRECT, **values)]
        best: dict[int, Any] = {}
        for row in sorted(rows, key=lambda row: (-row[2], -row[5], row[1])):
            if row[2] > 0:
                best.setdefault(row[0], row)
        return [Introducer(*row[:5]) for row in sorted(best.values(), key=lambda row: (-row[2], row[0]))]

    def _opening(self, record: Posting) -> list[Line]:
        request = self._next()
        kind = int(self._graph.title_group[record.title])
        self._run(
            ADD_OPENING,
            opening=record.opening,
            company=record.company,
            title=record.title,
            kind=kind,
            level=record.level,
            enough=record.enough,
        )
        self._run(ADD_NAMES, opening=record.opening, skills=record.skills)
        self._run(MARK_SEEKERS, opening=record.opening, request=request)
        self._run(MARK_INSIDERS, opening=record.opening)
        values = {"opening": record.opening, "company": record.company, "request": request}
        return self._changed(INTO_BETWEEN, INTO_DIRECT, values, OF_OPENING, record.opening)

    def _search(self, record: Search) -> list[Line]:
        request = self._next()
        kind = int(self._graph.title_group[record.title])
        self._run(BEGIN, person=record.person, title=record.title, kind=kind, level=record.level)
        self._run(ADD_OFFERS, person=record.person, skills=record.skills)
        self._run(MARK_OPENINGS, person=record.person, request=request)
        values = {"person": record.person, "request": request}
        return self._changed(OUT_BETWEEN, OUT_DIRECT, values, OF_PERSON, record.person)

    def _next(self) -> int:
        self._requests += 1
        return self._requests

    def _changed(self, between: str, direct: str, values: dict[str, Any], scope: str, key: int) -> list[Line]:
        """Bring the suggestions in `scope` up to what the queries find; the lines of those that changed."""
        fresh = self._best_three([*self._run(between, **values), *self._run(direct, **values)])
        held = {Line(*row) for row in self._run(HELD.format(scope), key=key)}
        pairs = {line[:2] for line in held ^ set(fresh)}
        kept = [line for line in fresh if line[:2] in pairs]
        gone = sorted(pairs - {line[:2] for line in kept})
        dropped = [line[:2] for line in held if line[:2] in pairs]
        if dropped:
            self._run(DROP, pairs=[{"seeker": seeker, "opening": opening} for seeker, opening in set(dropped)])
        if kept:
            self._run(KEEP, lines=[{**line._asdict(), "place": line.rank} for line in kept])
        return sorted(
            [*kept, *(Line(seeker, opening, None) for seeker, opening in gone)],
            key=lambda line: (*line[:2], line.rank or 0),
        )

    def _best_three(self, rows: list[Any]) -> list[Line]:
        """Of each seeker and opening the best three introducers, each with their best path; in words."""
        table = np.array(rows, np.float64).reshape(len(rows), 12)
        table = table[table[:, 5] > 0]
        seeker, opening, _, introducer, insider, score, _, _, direct = table.T[:9]
        table = table[np.lexsort((insider, -direct, -score, introducer, opening, seeker))]
        table = table[_first(table[:, [0, 1, 3]])]
        table = table[np.lexsort((table[:, 3], -table[:, 5], table[:, 1], table[:, 0]))]
        begins = np.flatnonzero(_first(table[:, :2]))
        place = np.arange(len(table)) - np.repeat(begins, np.diff([*begins, len(table)])) + 1
        kept = place <= 3  # noqa: PLR2004 - as its name says
        return [self._line(row, int(at)) for row, at in zip(table[kept].tolist(), place[kept], strict=True)]

    def _line(self, row: list[float], place: int) -> Line:
        mine, theirs, counted = (int(value) for value in row[9:])
        words = filter(None, (self._evidence[mine, theirs], self._mutual[counted]))
        ends = (int(row[3]), int(row[4]))
        warm, app = bool(row[6]), bool(row[7])
        return Line(int(row[0]), int(row[1]), place, row[2], *ends, row[5], warm, app, SEPARATOR.join(words))

    def _withdrawn(self, scope: str, key: int, *statements: str) -> list[Line]:
        pairs = {(row[0], row[1]) for row in self._run(HELD.format(scope), key=key)}
        for statement in statements:
            self._run(statement, key=key)
        return [Line(seeker, opening, None) for seeker, opening in sorted(pairs)]

    def _run(self, statement: str, **values: Any) -> list[Any]:
        rows: list[Any] = self._base.execute(statement, values).get_all()
        return rows


def _first(keys: Any) -> Any:
    """Where a new combination begins in sorted rows."""
    first = np.ones(len(keys), np.bool_)
    first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    return first


def _tables(data: Data, arcs: Columns, others: dict[str, Columns]) -> Iterator[tuple[str, Columns]]:
    graph, people = data.graph, data.graph.people
    seeks, title, level = np.zeros(people, np.bool_), np.zeros(people, np.int64), np.zeros(people, np.int64)
    seeks[graph.seekers], title[graph.seekers], level[graph.seekers] = True, graph.seeker_title, graph.seeker_level
    marks = {"request": np.zeros(people, np.int64), "fit": np.zeros(people), "standing": np.zeros(people)}
    yield (
        "Person",
        _wide(
            {
                "id": np.arange(people),
                "seeks": seeks,
                "title": title,
                "kind": graph.title_group[title],
                "level": level,
                **marks,
            }
        ),
    )
    yield "Company", {"id": np.arange(int(max(graph.job_company.max(), graph.opening_company.max())) + 1)}
    yield "Skill", {"id": np.arange(int(max(graph.seeker_skill.max(), graph.opening_skill.max())) + 1)}
    openings = others["openings"]
    kind = graph.title_group[openings["title"]]
    marks = {"request": np.zeros(len(kind), np.int64), "fit": np.zeros(len(kind))}
    opening = {name: openings[name] for name in ("opening", "company", "title")}
    yield "Opening", _wide({**opening, "kind": kind, "level": openings["level"], "enough": openings["enough"], **marks})
    tenths = {"strength": data.arcs.strength, "onward": data.arcs.onward, "bridge": data.arcs.bridge}
    names = ("source", "target", "mine", "theirs", "counted", *tenths, "own", "pair", "open", "warm")
    yield "Knows", _wide({name: {**arcs, **tenths}[name] for name in names})
    jobs = others["jobs"]
    group, recruiting = graph.title_group[jobs["title"]], graph.title_recruiting[jobs["title"]]
    ends = {"person": jobs["person"], "company": jobs["company"]}
    yield "Works", _wide({**ends, "title": jobs["title"], "kind": group, "recruiting": recruiting})
    yield "At", _wide({"opening": openings["opening"], "company": openings["company"]})
    for name, table, end in (("Offers", "search_skills", "person"), ("Names", "opening_skills", "opening")):
        yield name, _wide({end: others[table][end], "skill": others[table]["skill"]})


def _wide(columns: Columns) -> Columns:
    """Whole numbers as it takes them."""
    return {name: column.astype(np.int64) if column.dtype.kind in "iu" else column for name, column in columns.items()}


def _write(columns: Columns, path: Path) -> None:
    with duckdb.connect() as base:
        base.register("columns", columns)
        base.execute(f"copy (select * from columns) to '{path}' (format parquet)")
