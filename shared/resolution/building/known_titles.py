"""Makes `data/titles.npz`: the known titles of open data, and the model of their words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from shared.resolution import tables
from shared.resolution.building.sources import LOOSE, Label
from shared.resolution.building.title_model import trained
from shared.resolution.title_table import features, keys_of
from shared.resolution.title_text import Words, bare, outside_brackets, without_levels, words_of

_PREFERRED = 1000
"""What an occupation's own English name counts, against other occupations' labels of the same words."""
_LEARN = {"onet": 0.3, "ours": 2.0}
"""How much a title counts in training: O*NET's groups come through a coarse crosswalk, ours are set by hand."""


def write(labels: Sequence[Label], path: Path) -> None:
    """Build the table from these labels."""
    keys, places, occupations = _known(labels)
    sure = [label for label in (*labels, *_ours()) if label.language != LOOSE]
    taught = [(label, words) for label in sure for words in _words(label.text)]
    classes = sorted({(label.group, label.occupation) for label, _ in taught})
    places_of = {occupation: place for place, occupation in enumerate(classes)}
    model = trained(
        [features(words) for _, words in taught],
        [places_of[label.group, label.occupation] for label, _ in taught],
        [_LEARN.get(label.language, 1.0) for label, _ in taught],
    )
    np.savez_compressed(
        path,
        keys=keys,
        places=places,
        names=_lines(name for name, _ in occupations),
        groups=_lines(group for _, group in occupations),
        classes=_lines(group for group, _ in classes),
        words=model.words,
        scale=model.scale,
        outputs=model.outputs,
    )


def _known(labels: Sequence[Label]) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    votes: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for label in labels:
        for words in _words(label.text):
            for key in dict.fromkeys(keys_of(words)):
                votes[key][label.occupation, label.group] += _PREFERRED if label.preferred else 1
    chosen = {key: best for key, found in votes.items() if (best := _best(found)) is not None}
    occupations = sorted(set(chosen.values()))
    numbers = {occupation: number for number, occupation in enumerate(occupations)}
    keys = sorted(chosen)
    return (
        np.array(keys, np.uint64),
        np.array([numbers[chosen[key]] for key in keys], np.uint16),
        occupations,
    )


def _best(found: Counter[tuple[str, str]]) -> tuple[str, str] | None:
    """The occupation most labels mean; None where groups compete evenly."""
    (best, count), *others = found.most_common(2)
    if others and others[0][1] == count and others[0][0][1] != best[1]:
        return None
    return best


def _words(text: str) -> Iterator[Words]:
    """The words of a label as they are looked up; without brackets and levels where that says less."""
    found = dict.fromkeys(
        without_levels(words_of(each)) for each in (bare(text), outside_brackets(bare(text))) if each.strip()
    )
    yield from filter(None, found)


def _ours() -> Iterator[Label]:
    groups = {row[0]: row[1] for row in tables.rows("occupations.tsv")}
    for occupation, _, cell in tables.rows("titles.tsv"):
        for text in tables.names(cell):
            yield Label(occupation, groups[occupation], "ours", text, preferred=False)


def _lines(texts: Iterable[str]) -> np.ndarray:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)
