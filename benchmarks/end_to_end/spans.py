"""How long each part takes between a posted opening and the notified member, from the spans of its trace."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shared.testing.collector import Seen

Json = dict[str, Any]
End = Literal["begun", "ended"]

START = ("postings", "POST /v1/postings", "begun")
CUTS: dict[str, tuple[str, str, End]] = {
    "request, until its outbox row is taken": ("postings", "send postings.v1", "begun"),
    "relay to Kafka": ("postings", "send postings.v1", "ended"),
    "Kafka to matcher": ("matching", "process postings.v1", "begun"),
    "matching": ("matching", "match opening", "ended"),
    "matcher to Kafka": ("matching", "send suggestions.v1", "ended"),
    "Kafka to notifications": ("notifications", "process suggestions.v1", "begun"),
    "into the inbox": ("notifications", "process suggestions.v1", "ended"),
    "onto the live stream": ("notifications", "deliver to live stream", "ended"),
}
"""Each part and the end of a span that ends it."""


def time_by_part(spans: Iterable[Seen], since_ns: int, until_ns: int) -> Json:
    """Medians in milliseconds of each part, over the complete traces that began in that time.

    Of an opening's suggestions the first to arrive counts. A reader may have a record before its writer gets the
    broker's acknowledgement: such a part takes no time, and the next one begins where the writer's span ended.
    """
    traces: dict[str, dict[tuple[str, str, str], int]] = defaultdict(dict)
    for span in spans:
        for end, at in (("begun", span.begun), ("ended", span.ended)):
            place = (span.service, span.name, end)
            traces[span.trace_id][place] = min(at, traces[span.trace_id].get(place, at))
    wanted = [START, *CUTS.values()]
    complete = [[found[each] for each in wanted] for found in traces.values() if all(each in found for each in wanted)]
    times = np.array([ends for ends in complete if since_ns <= ends[0] < until_ns], dtype=np.int64).reshape(
        -1, len(wanted)
    )
    times = np.maximum.accumulate(times, axis=1)
    parts = {
        name: _median(times[:, after] - times[:, before])
        for name, (before, after) in zip(CUTS, pairwise(range(len(wanted))), strict=True)
    }
    return {"openings": len(times), "all": _median(times[:, -1] - times[:, 0]), "parts": parts}


def _median(nanoseconds: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    return round(float(np.median(nanoseconds)) / 1e6, 2) if len(nanoseconds) else 0.0


def time_by_part_plot(found: dict[str, Json], path: Path) -> None:
    """A stacked bar for each round."""
    import matplotlib as mpl  # noqa: PLC0415 - only there with requirements-bench.txt

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice above

    figure, bars = plt.subplots(len(found), 1, figsize=(9, 2.4 * len(found)), squeeze=False)
    for (title, round_), (axes,) in zip(found.items(), bars, strict=True):
        left = 0.0
        for name, took in round_["parts"].items():
            axes.barh(0, took, left=left, label=name)
            left += took
        axes.set_yticks([])
        axes.set_title(f"{title}: medians of {round_['openings']} openings, in milliseconds", fontsize=9)
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.3), frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
