"""What the stream stands on, made in a process of its own that lets go of its memory before the matcher starts.

The matcher's snapshot with the graph in it, as if it had been read from the topics up to their (empty) beginning; the
vocabulary file it goes with; and the openings to post, each with the suggestions the engine has for it when nobody
else runs. `python -m benchmarks.stream.preparation BOOTSTRAP FOLDER GRAPH STAFF MOST:COUNT ..`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np

from benchmarks.engine import filled_engine
from benchmarks.engine.questions import Questions
from benchmarks.graphs import records
from benchmarks.graphs.generated import LARGE, SMALL, TENTH, Data, Graph, generated, opening_id
from services.matching.engine.engine import Engine
from services.matching.events import Event
from services.matching.snapshots import matcher_state
from services.matching.snapshots.schedule import SUFFIX
from services.matching.stream.intake import INPUTS
from shared.events.envelope import body_of
from shared.events.postings import Company
from shared.messaging.kafka.partitioning import partition_of
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS
from shared.resolution import Vocabulary

SIZES = {"small": SMALL, "tenth": TENTH, "large": LARGE}
FITTING = range(1, 21)
"""Openings with so many fitting seekers are posted. With many more it would be the inbox that is measured."""

DRAWN = 100
"""Where openings that bring few suggestions are wanted: so many are looked at for each at most."""

MODELS = 300
"""So many openings of the graph are models for those posted: their title, level and skills, at companies drawn."""

VOCABULARY, SNAPSHOTS, OPENINGS = "vocabulary.json", "snapshots", "openings.json"


class Posted(msgspec.Struct):
    """An opening to post: key and value, its fitting seekers, its suggestions, and what the engine takes for them."""

    key: str
    value: str
    fitting: int
    suggestions: int
    alone_s: float


class Prepared(msgspec.Struct):
    """All of them, by the most suggestions that each may bring."""

    openings: dict[int, list[Posted]]
    snapshot_bytes: int


@dataclass(frozen=True, slots=True)
class Model:
    """An opening of the graph, and how many seekers it fits."""

    number: int
    fitting: int


def main() -> None:
    """Make all of it in a folder."""
    bootstrap, folder, size, staff = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    counts = {int(most): int(wanted) for most, _, wanted in (each.partition(":") for each in sys.argv[5:])}
    data = generated(SIZES[size])
    models = list(find_models(data))
    say(f"{len(models)} openings of the graph are models")
    engine = filled_engine.loaded(data)
    say(f"the engine has the graph ({filled_engine.resident() / 2**30:.1f} GiB)")
    (folder / VOCABULARY).write_text(json.dumps(_words(data.graph)), encoding="utf-8")
    written = keep(engine, len(data.graph.opening_company), bootstrap, folder)
    say(f"the matcher's snapshot is written ({written / 2**20:,.0f} MiB)")
    drawn = draw(data.graph, models, staff)
    say("posting to the engine alone, to know what the stream must bring")
    openings = {most: list(alone(engine, drawn, most, wanted)) for most, wanted in counts.items()}
    (folder / OPENINGS).write_bytes(msgspec.json.encode(Prepared(openings, written)))
    say(f"{sum(counts.values()):,} openings to post")


def say(line: str) -> None:
    """One line of progress."""
    print(f"  {line}", flush=True)


def _words(graph: Graph) -> dict[str, object]:
    return records.words(graph.title_group.tolist(), graph.title_recruiting.tolist())


def find_models(data: Data, seed: int = 11) -> Iterator[Model]:
    """Openings of the graph that fit a few seekers, at random."""
    asked, found = Questions(data), 0
    for number in np.random.default_rng(seed).permutation(len(data.graph.opening_company)).tolist():
        fitting = len(asked.fitting_seekers(number))
        if fitting in FITTING:
            yield Model(number, fitting)
            found += 1
        if found == MODELS:
            return


def draw(graph: Graph, models: Sequence[Model], staff: int = 0, seed: int = 12) -> Iterator[tuple[Model, Event]]:
    """New openings without end, each after a model and at the company of some other opening.

    With `staff`, only at companies where at most so many work.
    """
    rng, companies = np.random.default_rng(seed), graph.opening_company
    if staff:
        companies = companies[np.bincount(graph.job_company, minlength=companies.max() + 1)[companies] <= staff]
    for number in count():
        model, company = models[int(rng.integers(len(models)))], int(rng.choice(companies))
        yield model, posting(graph, model.number, company, number)


def posting(graph: Graph, model: int, company: int, number: int) -> Event:
    """The record of a new opening: like one of the graph, under an id that the graph does not have."""
    value = records.opening(graph, model).value
    assert value is not None  # noqa: S101 - an opening is no tombstone
    key = posted_id(number)
    changed = {"posting_id": key, "company": Company(name=records.company_name(company))}
    return Event(POSTINGS.name, key, value.model_copy(update=changed), 1)


def posted_id(number: int) -> str:
    """The id of an opening that is posted."""
    return f"n{number:08d}"


def keep(engine: Engine, openings: int, bootstrap: str, folder: Path) -> int:
    """Write the engine as the snapshot of a matcher that has read nothing yet from this cluster's topics."""
    read = (*INPUTS, SUGGESTIONS)
    cluster_id, ids = asyncio.run(cluster.identities(bootstrap, [topic.name for topic in read]))
    digest = Vocabulary.load(folder / VOCABULARY).digest
    identity = matcher_state.identity(cluster_id, ids, read, digest, engine)
    taken = {(topic.name, number): 0 for topic in read for number in range(topic.partitions)}
    partitions = {
        opening_id(number): partition_of(opening_id(number).encode(), POSTINGS.partitions) for number in range(openings)
    }
    path = folder / SNAPSHOTS / f"matching{SUFFIX}"  # under the name of the only shard there is
    path.parent.mkdir()
    return int(matcher_state.MatcherState(engine, taken, partitions, {}, {}).writer(path, identity, time.time())())


def alone(engine: Engine, drawn: Iterator[tuple[Model, Event]], most: int, wanted: int) -> Iterator[Posted]:
    """Post openings to the engine one by one until so many were found that bring at most `most` suggestions.

    Raises:
        ValueError: there are too few of them.
    """
    found = 0
    for model, event in islice(drawn, DRAWN * wanted):
        started = perf_counter()
        brings = len(engine.apply(event))
        took = perf_counter() - started
        if brings <= most:
            yield Posted(event.key, (body_of(event.value) or b"").decode(), model.fitting, brings, took)
            found += 1
        if found == wanted:
            return
    raise ValueError(f"too few openings bring at most {most} suggestions")


if __name__ == "__main__":
    main()
