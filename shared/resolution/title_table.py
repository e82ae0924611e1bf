"""The built table of titles: what open data calls each occupation, and what its words say where no title fits.

`data/titles.npz` is made by `make vocabulary` (see `docs/vocabulary.md`):

- `keys`, `places`: the hash of each known title's stems, sorted, and the number of its occupation;
- `names`, `groups`: the occupations in English and their ISCO-08 minor groups, a line each;
- `words`, `scale`, `outputs`, `classes`: a linear model of a title's words and their pieces, 48 numbers a bucket
  [Joulin et al. 2017, "Bag of tricks for efficient text classification"]. It tells occupations, and `classes` names the
  group of each: told apart by their occupations, groups are told better.
"""

import io
import zlib
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from shared.resolution.text import hashed
from shared.resolution.title_text import Words

BUCKETS = 1 << 18
PIECES = (3, 4, 5)
"""Lengths of the pieces of words, so that compounds and inflections share some."""

_ENDINGS = {
    ending: instead
    for instead, endings in {
        "tor": ("trices", "trice", "tores", "tori", "tore", "toras", "tora", "teurs", "teuses", "teuse", "teur"),
        "eur": ("euses", "euse", "eurs", "eresse"),
        "ier": ("ieres", "iere", "iers"),
        "ist": ("istka", "istki"),
        "ik": ("iczka", "niczka"),
        "el": ("elka", "elki"),
        "arz": ("arka", "arki"),
        "": ("innen", "es", "as", "os", "en", "e", "a", "o", "i", "s"),
    }.items()
    for ending in endings
}
"""What stands for an ending of gender or number, in the languages of the table."""
_LONGEST = max(map(len, _ENDINGS))
_FEMININE = "in"
_SHORTEST = 4


@lru_cache(1 << 16)  # words come again and again
def stem(word: str) -> str:
    """A Latin word without its endings of gender and number, roughly; the same for titles known and asked for."""
    if len(word) <= _SHORTEST or not word.isascii():
        return word
    if word.endswith(_FEMININE) and len(word) > _SHORTEST + 2:
        return word[: -len(_FEMININE)]
    for length in range(min(_LONGEST, len(word) - _SHORTEST + 1), 0, -1):
        instead = _ENDINGS.get(word[-length:])
        if instead is not None:
            return word[:-length] + instead
    return word


@lru_cache(1 << 12)  # several tables are asked for the same words
def keys_of(words: Words) -> tuple[int, int]:
    """Two hashes of 64 bits: of the stems written as one word, and of the stems in alphabetical order."""
    stems = [stem(word) for word in words]
    return hashed("".join(stems)), hashed(" ".join(sorted(stems)))


def features(words: Iterable[str]) -> list[int]:
    """The buckets of words, their pieces, neighbours, and of the first and the last word."""
    found: set[int] = set()
    before = ""
    for word in words:
        found.update(_pieces(word))
        found.add(_bucket(f"b{before} {word}" if before else "F" + word))
        before = word
    if before:
        found.add(_bucket("L" + before))
    return sorted(found)


@lru_cache(1 << 14)  # words come again and again
def _pieces(word: str) -> tuple[int, ...]:
    edged = f"^{word}$"
    spans = ((start, start + length) for length in PIECES for start in range(len(edged) - length + 1))
    return (_bucket("w" + word), *(_bucket(edged[start:end]) for start, end in spans))


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) & (BUCKETS - 1)


class Known(NamedTuple):
    """An occupation of the table."""

    occupation: str
    group: str


class TitleTable:
    """The table, read once; about 20 MB of memory."""

    def __init__(self, content: bytes) -> None:
        with np.load(io.BytesIO(content)) as file:
            self._keys = file["keys"]
            self._places = file["places"]
            names = file["names"].tobytes().decode().split("\n")
            groups = file["groups"].tobytes().decode().split("\n")
            self._words, self._scale = file["words"], file["scale"]
            self._outputs = file["outputs"].astype(np.float32)
            classes = file["classes"].tobytes().decode().split("\n")
        self._classes = sorted(set(classes))
        self._starts = [classes.index(group) for group in self._classes]
        self._occupations = [Known(*pair) for pair in zip(names, groups, strict=True)]

    def known(self, words: Words) -> Known | None:
        """The occupation of a title of these words, in any order and inflection."""
        for key in keys_of(words) if words else ():
            at = bisect_left(self._keys, key)
            if at < len(self._keys) and int(self._keys[at]) == key:
                return self._occupations[int(self._places[at])]
        return None

    def group_by_words(self, words: Words) -> tuple[str, float]:
        """The likeliest group of a title of these words, and how likely it is, from 0 to 1."""
        buckets = features(words)
        hidden = self._words[buckets].sum(axis=0, dtype=np.float32) * self._scale / np.sqrt(max(1, len(buckets)))
        scores = self._outputs @ hidden
        odds = np.add.reduceat(np.exp(scores - scores.max()), self._starts)
        best = int(odds.argmax())
        return self._classes[best], float(odds[best] / odds.sum())
