"""The figures as quantiles, a page of Markdown and a plot."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

Json = dict[str, Any]


def quantiles(seconds: Sequence[float]) -> Json:
    """Milliseconds: median, the 99th percentile, the longest, and of how many."""
    if not seconds:
        return {"count": 0}
    found = np.array(seconds) * 1e3
    p50, p99, most = np.percentile(found, 50), np.percentile(found, 99), found.max()
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1), "max": round(float(most), 1), "count": len(found)}


def report(made: Json) -> list[str]:
    """The page in Markdown, line by line."""
    full, light, echo = made["full"], made["light"], made["echo_ms"]
    burst, contacts = made["burst"], made["contacts"]
    ratio = full["inbox_ms"]["p50"] / echo["p50"]
    found = [
        f"Taken {made['made']} on {made['machine']['cores']} cores, {made['seekers']} seekers.",
        "",
        "| what | seen | goal |",
        "|---|---|---|",
        _row(f"posted → inbox at {full['posted_a_second']}/s", _times(full["inbox_ms"]), "p50 ≤ 25, p99 ≤ 100 ms"),
        _row("posted → live stream", _times(full["stream_ms"]), "as above"),
        _row(f"posted → inbox at {light['posted_a_second']}/s", _times(light["inbox_ms"]), ""),
        _row("posted → live stream at that rate", _times(light["stream_ms"]), ""),
        _row(f"suggestions at {full['posted_a_second']}/s", f"{full['suggestions_a_second']}/s", ""),
        _row("echo, two bare hops", _times(echo), ""),
        _row("inbox against echo, medians", f"{ratio:.1f} times", "≤ 8 times"),
        _row(f"burst of {burst['openings']} openings", f"{burst['suggestions_a_second']} suggestions/s", "5,000/s"),
        _row("contacts, file to graph", f"{contacts['in_the_graph_a_second']}/s", "20,000/s"),
        _row("contacts, answered", f"{contacts['answered_a_second']}/s", ""),
    ]
    if soak := made.get("soak"):
        first, last = soak["samples"][len(soak["samples"]) // 4], soak["samples"][-1]
        grown = ", ".join(f"{name} {last['mb'][name] - mb:+.0f}" for name, mb in first["mb"].items())
        behind = max(each["lag"] for each in soak["samples"])
        tried = ", ".join(
            f"{each['posted_a_second']}/s: p99 {each['inbox_ms']['p99']:.0f} ms" for each in made["sustained"]["tried"]
        )
        found += [
            _row(
                "highest rate at which 99 of 100 arrive within a second",
                f"{made['sustained']['rate']:g} openings/s ({tried})",
                "",
            ),
            _row(f"{last['s']} s at {soak['rate']}/s", _times(soak["inbox_ms"]), ""),
            _row("memory from a quarter of it to its end, MB", grown, "flat"),
            _row("most lag of notifications", f"{behind} records", "flat"),
            _row("in inboxes / in the matcher", f"{soak['in_inboxes']} / {soak['in_the_matcher']}", "equal"),
        ]
    return [
        *found,
        "",
        *_busy(
            {
                f"{full['posted_a_second']} openings/s": full,
                f"{light['posted_a_second']} openings/s": light,
                "contacts": contacts,
            }
        ),
        "",
        *_time_by_part(made["time_by_part_ms"]),
    ]


def _busy(rounds: dict[str, Json]) -> list[str]:
    """Processor time by process, most first."""
    first = next(iter(rounds.values()))["busy_cores"]
    busy = [each["busy_cores"] for each in rounds.values()]
    return [
        "Cores in use during the round, with the posting and listening of this benchmark:",
        "",
        _row("part", *rounds),
        _row("---", *("---" for _ in rounds)),
        *(_row(name, *(str(each[name]) for each in busy)) for name in sorted(first, key=lambda name: -first[name])),
        _row("all of it", *(f"{sum(each.values()):.2f}" for each in busy)),
    ]


def _time_by_part(rounds: dict[str, Json]) -> list[str]:
    """How long each part takes, with a column for each rate."""
    counts = " and ".join(str(each["openings"]) for each in rounds.values())
    names = next(iter(rounds.values()))["parts"]
    return [
        f"Time by part, medians of {counts} traces (`time_by_part.png`):",
        "",
        _row("part", *rounds),
        _row("---", *("---" for _ in rounds)),
        *(_row(name, *(f"{each['parts'][name]} ms" for each in rounds.values())) for name in names),
        _row("all of it", *(f"{each['all']} ms" for each in rounds.values())),
    ]


def soak_plot(soak: Json, path: Path) -> None:
    """Memory and lag over time."""
    import matplotlib as mpl  # noqa: PLC0415 - only there with requirements-bench.txt

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice above

    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(8, 5))
    seconds = [each["s"] for each in soak["samples"]]
    for name in soak["samples"][0]["mb"]:
        above.plot(seconds, [each["mb"][name] for each in soak["samples"]], label=name)
    above.set_ylabel("resident MB")
    above.set_ylim(bottom=0)
    above.legend()
    for name in ("lag", "outbox"):
        below.plot(seconds, [each[name] for each in soak["samples"]], label=name)
    below.set_ylabel("records waiting")
    below.set_xlabel(f"seconds at {soak['rate']} openings/s")
    below.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _times(found: Json) -> str:
    return f"p50 {found['p50']} ms, p99 {found['p99']} ms ({found['count']})" if found["count"] else "nothing arrived"
