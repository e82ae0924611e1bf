"""The real graphs, with employers drawn as the openings of USAJOBS fall on agencies, titles and skills from O*NET.

Who works where and knows what is drawn (seeded): the graphs say only who knows whom. `WARMPATH_DATA` names the folder.
"""

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.graphs.distributions import Doubles, Int32s, World, draw, zipf
from benchmarks.graphs.generated import CACHE, LAYOUT, SEED, Data, Graph, kept, populate

DATA = Path(os.environ.get("WARMPATH_DATA", "../shared/data"))

REAL = {
    "lastfm_asia": "graphs/lastfm_asia_edges.csv.gz",
    "deezer_hu": "graphs/deezer_hu_edges.csv.gz",
    "dblp-2010": "graphs/dblp-2010.edges.txt.gz",
}
"""Graphs by name, smallest first."""

SEEKERS = 0.1
SKILLS_A_TITLE = 40
HUMAN_RESOURCES = "13-1071"


def real(name: str, seed: int = SEED, cache: Path = CACHE, data: Path = DATA) -> Data:
    """A real graph by its name.

    Raises:
        FileNotFoundError: the data is not there.
    """
    return kept(cache / f"{name}-{seed}-v{LAYOUT}", name, lambda: _make(data, name, seed))


def _make(data: Path, name: str, seed: int) -> Graph:
    rng = np.random.default_rng(seed)
    ties, people = _ties(data / REAL[name])
    employers, at = _employers(data / "usajobs/usajobs_postings.jsonl.gz")
    world = _world(rng, data / "onet", employers)
    first = draw(rng, world.companies, people)
    return populate(rng, world, ties, first, (SEEKERS, len(at)), at)


def _ties(path: Path) -> tuple[tuple[Int32s, Int32s], int]:
    header = int(".csv" in path.suffixes)
    with gzip.open(path, "rt") as file:
        separator = "," if header else "\t"
        pairs = np.loadtxt(file, np.int64, delimiter=separator, skiprows=header)
    people = int(pairs.max()) + 1
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    keys = np.unique(pairs.min(axis=1) * people + pairs.max(axis=1))
    return ((keys // people).astype(np.int32), (keys % people).astype(np.int32)), people


def _employers(path: Path) -> tuple[Doubles, Int32s]:
    """The share of openings that each agency (with its subagency) has, commonest first, and whose each opening is."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        agencies = [_agency(json.loads(line)) for line in file]
    common = Counter(agencies).most_common()
    number = {agency: k for k, (agency, _) in enumerate(common)}
    shares = np.array([count for _, count in common], np.float64)
    return shares / shares.sum(), np.array([number[agency] for agency in agencies], np.int32)


def _agency(posting: dict[str, str | None]) -> str:
    return f"{posting['department']} / {posting['agency']} / {posting['subagency']}"


def _world(rng: np.random.Generator, folder: Path, employers: Doubles) -> World:
    """Titles are the occupations, in groups by the first five characters of their code; skills are technologies."""
    occupations = [row["O*NET-SOC Code"] for row in _rows(folder / "occupations.tsv")]
    used = [(row["O*NET-SOC Code"], row["Example"]) for row in _rows(folder / "technology_skills.tsv.gz")]
    common = {skill: rank for rank, (skill, _) in enumerate(Counter(skill for _, skill in used).most_common())}
    by_title: dict[str, list[int]] = {}
    for code, skill in used:
        by_title.setdefault(code, []).append(common[skill])
    groups = {group: k for k, group in enumerate(dict.fromkeys(code[:5] for code in occupations))}
    everyday = list(range(SKILLS_A_TITLE))
    profiles = [sorted(by_title.get(code, everyday)) for code in occupations]
    order = rng.permutation(len(occupations))
    return World(
        companies=employers,
        titles=zipf(len(occupations), 0.9)[np.argsort(order)],
        title_group=np.array([groups[code[:5]] for code in occupations], np.int32),
        recruiting=np.array([code.startswith(HUMAN_RESOURCES) for code in occupations]),
        title_skills=np.array([np.resize(own, SKILLS_A_TITLE) for own in profiles], np.int32),
        skills=len(common),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    yield from csv.DictReader(text.splitlines(), delimiter="\t")
