"""The figures as a page of Markdown: the goals, what was measured besides, and one table a row."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def table(made: Json) -> str:
    """All rows of a run."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Json) -> Iterator[str]:
    machine = made["machine"]
    yield "# The engine and its peers"
    yield ""
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; Python {machine['python']}."
    yield "Written by `make bench-engine`; what the rows mean: [benchmarks](../README.md)."
    yield from _goals(made["goals"])
    yield from _measured(made["measured"])
    for row in made["rows"]:
        yield ""
        yield from _row(row)
    if made["growth"]:
        yield from _growth(made["growth"])
    if made["cannot"]:
        yield from ("", "## Who could not take part", "")
        for one in made["cannot"]:
            yield f"- {one['peer']}, {one['graph']}: {one['why']}"


def _goals(goals: list[Json]) -> Iterator[str]:
    if not goals:
        return
    yield from ("", "## Goals", "", "| what | goal | ours | met |", "|---|---:|---:|---|")
    for one in goals:
        met = "yes" if one["met"] else f"missed by {one['missed_by']:,g} times"
        yield f"| {one['what']} | {one['goal']} | {one['ours']:,g} {one['unit']} | {met} |"


def _measured(measured: Json) -> Iterator[str]:
    for name, found in measured.items():
        yield from ("", f"### {name.replace('_', ' ')}", "")
        for what, value in found.items():
            said = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            yield f"- {what.replace('_', ' ')}: {said}"


def _row(row: Json) -> Iterator[str]:
    yield f"## {row['what']}"
    yield ""
    fitting = f"; {row['fitting'][0]:,} to {row['fitting'][1]:,} fit" if "fitting" in row else ""
    yield f"{row['graph']}: {row['people']:,} people, {row['arcs']:,} arcs, {row['openings']:,} openings{fitting}."
    if "handed_ms" in row:
        yield "Peers answer for the paths alone: they are handed what fits and who works there (numpy takes"
        yield f"{row['handed_ms']:.3f} ms for that). *ours* is whole: a record comes, and suggestions with reasons go;"
        yield "*ours, fit handed* is the paths alone, as of the peers."
    yield ""
    yield "| subject | version | p50 ms | p99 ms | times ours | times ours, fit handed | answers | load s |"
    yield "|---|---|---:|---:|---:|---:|---|---:|"
    timed = {name: found for name, found in row["subjects"].items() if "p50_ms" in found}
    for name, found in sorted(timed.items(), key=lambda item: (not item[0].startswith("ours"), item[1]["p50_ms"])):
        ratio, handed = (_ratio(row, which, name) for which in ("ratios", "ratios_handed"))
        yield (
            f"| {name} | {found['version']} | {found['p50_ms']:,.3f} | {found['p99_ms']:,.3f} | {ratio} | {handed} "
            f"| {found['answers']} | {found['load_s']:.1f} |"
        )
    for name, found in row["subjects"].items():
        if "wrong" in found:
            yield f"| {name} | | {found['wrong']} | | | | | |"


def _ratio(row: Json, which: str, name: str) -> str:
    found = row.get(which, {})
    return f"{found[name]:,.1f}" if name in found else ""


def _growth(growth: Json) -> Iterator[str]:
    yield from ("", "## As the work grows", "", "![time per opening](growth.png)", "")
    for axis, sentence in growth["sentences"].items():
        yield f"- {axis}: {sentence}"
