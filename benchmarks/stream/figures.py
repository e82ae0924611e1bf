"""From the times noted in the stream to what is said of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

Json = dict[str, Any]

STEPS = "warmpath_matcher_step_seconds"


@dataclass(frozen=True, slots=True)
class Row:
    """A suggestion in the inbox: of which opening, when its row was written and when that was committed."""

    key: str
    posting: str
    written: float
    committed: float


@dataclass(slots=True)
class Waits:
    """Seconds since the opening was sent, one a suggestion; in `openings` until the last of each opening's."""

    to_topic: list[float] = field(default_factory=list)
    to_row: list[float] = field(default_factory=list)
    to_inbox: list[float] = field(default_factory=list)
    openings: dict[str, float] = field(default_factory=dict)


def waits(sent: Mapping[str, float], seen: Mapping[str, float], rows: Iterable[Row]) -> Waits:
    """Join the three by the ids of openings and suggestions.

    Raises:
        ValueError: a suggestion stands in the inbox that was not seen in the topic.
    """
    found = Waits()
    for row in rows:
        if row.key not in seen:
            raise ValueError("a suggestion is in the inbox that the topic did not show")
        begun = sent[row.posting]
        found.to_topic.append(seen[row.key] - begun)
        found.to_row.append(row.written - begun)
        found.to_inbox.append(row.committed - begun)
        found.openings[row.posting] = max(found.openings.get(row.posting, 0.0), row.committed - begun)
    return found


def summary(seconds: Iterable[float]) -> Json:
    """Mean, median, 99th percentile and the longest, in milliseconds, and of how many."""
    ms = np.array(list(seconds)) * 1e3
    if not len(ms):
        return {"count": 0}
    p50, p99 = np.percentile(ms, [50, 99])
    named = {"mean_ms": ms.mean(), "p50_ms": p50, "p99_ms": p99, "max_ms": ms.max()}
    return {name: round(float(value), 2) for name, value in named.items()} | {"count": len(ms)}


def metric(text: str, name: str, **labels: str) -> float:
    """The sum of all samples of this name that bear these labels, in what a service says it counts."""
    samples = (each for family in text_string_to_metric_families(text) for each in family.samples)
    return sum(
        each.value
        for each in samples
        if each.name == name and all(each.labels.get(label) == value for label, value in labels.items())
    )


def matching(before: str, after: str, openings: int, elapsed: float) -> Json:
    """What the matcher's engine thread did between two looks at its metrics.

    A *slice* takes records in (decoding them, and what the matcher reads back of its own suggestions, too) or works
    out what they change; a *question* puts suggestions into words to be written. It is time on the clock: where others
    want the processors, or the interpreter, waiting for them is in it. Where openings come faster than the thread is
    through with them (`thread_busy` near 1), an opening's time goes into the matching of those before it.
    """

    def grown(name: str, **labels: str) -> float:
        return metric(after, name, **labels) - metric(before, name, **labels)

    spent = {kind: grown(f"{STEPS}_sum", kind=kind) for kind in ("slice", "question")}
    steps = {f"{kind}s": int(grown(f"{STEPS}_count", kind=kind)) for kind in ("slice", "question")}
    each = {f"{kind}_ms": round(seconds * 1e3 / openings, 4) for kind, seconds in spent.items()}
    whole = sum(spent.values())
    busy = round(whole / elapsed, 3)
    return {"ms_an_opening": round(whole * 1e3 / openings, 4), **each, **steps, "thread_busy": busy}


def share(ms: float, of: Json) -> float | None:
    """Which part of a mean time this is."""
    mean = of.get("mean_ms")
    return round(ms / mean, 4) if mean else None


COLUMNS: Sequence[tuple[str, str, str]] = (
    ("rate", "/s", "{:.0f}"),
    ("openings", "openings", "{:,}"),
    ("most", "at most", "{}"),
    ("fitting_mean", "fitting", "{:.1f}"),
    ("suggestions_mean", "told", "{:.2f}"),
    ("to_topic.p50_ms", "topic p50", "{:,.1f}"),
    ("to_topic.p99_ms", "p99", "{:,.1f}"),
    ("to_inbox.p50_ms", "inbox p50", "{:,.1f}"),
    ("to_inbox.p99_ms", "p99", "{:,.1f}"),
    ("kept.behind_inbox", "behind", "{:,}"),
    ("kept.inbox_drained_s", "drained s", "{:.1f}"),
    ("engine_alone.mean_ms", "alone ms", "{:.3f}"),
    ("matching.ms_an_opening", "matching ms", "{:.3f}"),
    ("processor_ms_an_opening.matcher", "processor ms", "{:.3f}"),
    ("matching.thread_busy", "busy", "{:.0%}"),
    ("matching.share_of_topic", "of topic", "{:.1%}"),
    ("matching.share_of_inbox", "of inbox", "{:.1%}"),
)


def table(rounds: Sequence[Json]) -> str:
    """The rounds as lines of equal columns."""
    lines = [[head for _, head, _ in COLUMNS]]
    lines += [[_cell(found, path, form) for path, _, form in COLUMNS] for found in rounds]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cell(found: Any, path: str, form: str) -> str:
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return "-" if found is None else form.format(found)
