"""The figures as a page of Markdown: goals, updates, and what is asked in each row, of whom, and who takes how long."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

WHOLE_JOB = """
A record or a question goes in, and what a person reads comes out: the engine against what one would build on a database
instead. The databases are favoured: people and companies are numbers for them, nothing is flushed to disk, and what two
sides of a tie come to, in strength and in words, is looked up in tables that the rules filled. Each is in the best form
that was found. DuckDB: beside the arcs, smaller tables in the order of their use. PostgreSQL: a covering index for each
use. Both keep who fits what in a table. ladybug: marks in the graph instead of lists.
"""

PATHS = """
The part of the job that array and graph libraries can do. All are handed who fits; the peers also who works there, with
which standing. Every arc has its factors. *Ours* is the engine from there to rows of numbers: it finds the insiders
itself and stores the rows, and of introducers it also gives insider, label and how to ask.
"""

GROUPS = {"whole job": ("## The whole job", WHOLE_JOB), "paths alone": ("## Paths alone", PATHS)}


def report(made: Json) -> str:
    """The page of a run."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Json) -> Iterator[str]:
    machine = made["machine"]
    yield "# The engine and its peers"
    yield ""
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; Python {machine['python']}."
    yield f"Written by `make bench-engine` in {made['minutes']:g} minutes; see [benchmarks](../README.md)."
    yield "Every *times ours* is a median over the engine's in the same turns, over the same data."
    yield from _goals(made["goals"])
    yield from _updates(made["updates"])
    for group, (title, text) in GROUPS.items():
        rows = [row for row in made["rows"] if row["group"] == group]
        if rows:
            yield from ("", title, *text.rstrip().split("\n"))
            yield from _summary(rows)
        for row in rows:
            yield from ("", *_row(row))
    if made["growth"]:
        yield from _growth(made["growth"])
    if made["absent"]:
        yield from ("", "## Who could not take part", "")
        for one in made["absent"]:
            yield f"- {one['peer']}, {one['graph']}: {one['why']}"


def _goals(goals: list[Json]) -> Iterator[str]:
    if not goals:
        return
    yield from ("", "## Goals", "", "| what | goal | ours | met |", "|---|---:|---:|---|")
    for one in goals:
        met = "yes" if one["met"] else f"missed by {one['missed_by']:,g} times"
        yield f"| {one['what']} | {one['goal']} | {one['ours']:,g} {one['unit']} | {met} |"


def _updates(updates: Json) -> Iterator[str]:
    if updates:
        yield from ("", "## Updates, and starting again", "", "The engine alone; no peer was asked.")
    for name, found in updates.items():
        yield from ("", f"### {name.replace('_', ' ')}", "")
        for what, value in found.items():
            said = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            yield f"- {what.replace('_', ' ')}: {said}"


def _summary(rows: list[Json]) -> Iterator[str]:
    """Times ours at a glance: a line a row and graph, a column a peer."""
    peers = list(dict.fromkeys(name for row in rows for name in row["subjects"] if name != "ours"))
    if not peers:
        return
    yield from ("", "Times ours, by median:", "", f"| row | graph | {' | '.join(peers)} |")
    yield f"|---|---|{'---:|' * len(peers)}"
    for row in rows:
        cells = (f"{row['ratios'][name]:,.1f}" if name in row["ratios"] else "" for name in peers)
        yield f"| {row['row']} | {row['graph']} | {' | '.join(cells)} |"


def _row(row: Json) -> Iterator[str]:
    yield f"### {row['row']}, {row['graph']}"
    yield ""
    fitting = f"; {row['fitting'][0]:,} to {row['fitting'][1]:,} fit" if "fitting" in row else ""
    yield f"- Asked: {row['asked']}"
    sizes = f"{row['people']:,} people, {row['arcs']:,} arcs, {row['seekers']:,} seekers, {row['openings']:,} openings"
    yield f"- Graph: {sizes}{fitting}."
    yield f"- In the time: {row['timed']}"
    if "handed_ms" in row:
        yield f"- Handed: who fits and the insiders; numpy takes {row['handed_ms']:.3f} ms for that."
    yield f"- Compared: {row['checked']}"
    yield ""
    yield "| subject | version | p50 ms | p99 ms | ours beside it, p50 ms | p99 ms | times ours | load s |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    timed = {name: found for name, found in row["subjects"].items() if "p50_ms" in found}
    for name, found in sorted(timed.items(), key=lambda item: (item[0] != "ours", row["ratios"].get(item[0], 0.0))):
        own = found.get("ours")
        beside = f"{own['p50_ms']:,.3f} | {own['p99_ms']:,.3f} | {row['ratios'][name]:,.1f}" if own else "| | "
        load = f"{found['load_s']:,.1f}" if "load_s" in found else ""
        yield f"| {name} | {found['version']} | {found['p50_ms']:,.3f} | {found['p99_ms']:,.3f} | {beside} | {load} |"
    for name, found in row["subjects"].items():
        if "without" in found:
            yield f"| {name} | | {found['without']} | | | | | |"


def _growth(growth: Json) -> Iterator[str]:
    yield from ("", "## As the work grows", "", "![time per opening](growth.png)", "")
    for axis, sentence in growth["sentences"].items():
        yield f"- {axis}: {sentence}"
