"""Reads the open data that the tables are built from: ESCO, ISCO-08 and O*NET.

The folder is named by WARMPATH_DATA, and laid out as `docs/vocabulary.md` says.
"""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.resolution import tables

_GROUP_DIGITS = 3
LOOSE = "onet, loose"
_MATCHES = ("exactMatch", "exactISCO", "closeMatch", "narrowMatch", "broadMatch")
"""How well an occupation of O*NET fits one of ESCO, best first."""


class Label(NamedTuple):
    """What an occupation is called. `preferred`: its one English name."""

    occupation: str
    group: str
    language: str
    text: str
    preferred: bool


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


class Esco:
    """Occupations of ESCO by their ids, those that are one of ours under our name and group."""

    def __init__(self, folder: Path) -> None:
        ours = {
            label: (occupation, group)
            for occupation, group, cell in tables.rows("occupations.tsv")
            for label in tables.names(cell)
        }
        self._path = folder / "esco" / "occupation_labels.tsv.gz"
        self.english: dict[str, str] = {}
        self.named: dict[str, tuple[str, str]] = {}
        for row in _rows(folder / "esco" / "occupations.tsv.gz"):
            own = row["label"], row["isco08"][:_GROUP_DIGITS]
            self.named[row["occupation"]] = ours.pop(row["label"], own)
            self.english[row["occupation"]] = row["label"]
        if ours:
            raise ValueError(f"occupations.tsv names what ESCO does not have: {', '.join(ours)}")

    def labels(self) -> Iterator[Label]:
        """Every label in every language; an occupation that has no group is left out."""
        for row in _rows(self._path):
            if row["occupation"] in self.named:
                preferred = row["language"] == "en" and row["label"] == self.english[row["occupation"]]
                yield Label(*self.named[row["occupation"]], row["language"], row["label"], preferred)


def isco_labels(folder: Path) -> Iterator[Label]:
    """What ISCO-08 calls its groups of three and four digits: "Bricklayers and related workers"."""
    for row in _rows(folder / "esco" / "isco_groups.tsv.gz"):
        if len(row["isco08"]) >= _GROUP_DIGITS:
            yield Label(row["label"].lower(), row["isco08"][:_GROUP_DIGITS], "isco", row["label"], preferred=False)


def onet_labels(folder: Path, esco: Esco) -> Iterator[Label]:
    """O*NET's titles and alternate titles, by the crosswalk to ESCO.

    Where one occupation of ESCO is exactly the same, they are that occupation's. Where the best matches are looser but
    of one group, they are an occupation of their own, in the language LOOSE: good to answer with, not to learn from.
    Where these are of several groups, alternate titles are left out.
    """
    matches: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in _rows(folder / "esco" / "onet_crosswalk.tsv.gz"):
        matches[row["onet"]].append((_MATCHES.index(row["match"]), row["occupation_or_isco"]))
    named: dict[str, Label] = {}
    with (folder / "onet" / "occupations.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            code, title = row["O*NET-SOC Code"], row["Title"]
            same = [esco.named[there] for rank, there in matches[code] if rank == 0 and there in esco.named]
            groups = _groups(sorted(matches[code]), esco)
            if len(same) == 1:
                named[code] = Label(*same[0], "onet", title, preferred=False)
                yield named[code]
            elif groups:
                label = Label(title.lower(), groups.most_common(1)[0][0], LOOSE, title, preferred=True)
                yield label
                if len(groups) == 1:
                    named[code] = label
    for row in _rows(folder / "onet" / "alternate_titles.tsv.gz"):
        if (known := named.get(row["O*NET-SOC Code"])) is not None:
            yield known._replace(text=row["Alternate Title"], preferred=False)


def _groups(matches: list[tuple[int, str]], esco: Esco) -> Counter[str]:
    """The groups that the best matches are in."""
    best = (there for rank, there in matches if rank == matches[0][0])
    return Counter(group for there in best if (group := _group(there, esco)) is not None)


def _group(there: str, esco: Esco) -> str | None:
    if there in esco.named:
        return esco.named[there][1]
    code = there.lstrip("C")
    return code[:_GROUP_DIGITS] if code.isdigit() else None
