"""Precision and recall over the labelled words in `labels/`.

Files: `*_same.tsv`, a name a line with other names that mean the same; `*_apart.tsv`, two that do not; `*_nothing.tsv`,
texts that mean nothing; `recruiting.tsv`, titles with yes or no; `skills_several.tsv`, a text with the skills it names.
Each pair is in one of two halves, by a hash of its text: the rules were worked on with the open half alone.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shared.resolution import Vocabulary

LABELS = Path(__file__).parent / "labels"
OPEN, KEPT = "open", "kept"


@dataclass(slots=True)
class Outcome:
    """How many pairs that are the same were found so, how many were missed, how many that are not were taken for it."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of what was taken for the same, the share that is."""
        return self.right / max(1, self.right + len(self.false))

    @property
    def recall(self) -> float:
        """Of what is the same, the share that was found."""
        return self.right / max(1, self.right + len(self.missed))

    def count(self, confusion: str, *, same: bool, found: bool) -> None:
        """Count one pair."""
        if same and found:
            self.right += 1
        elif same:
            self.missed.append(confusion)
        elif found:
            self.false.append(confusion)


def measured(words: Vocabulary, half: str) -> dict[str, Outcome]:
    """The outcome of each kind of words over one half of the labels."""
    return {
        "companies": _pairs("companies", half, words.company),
        "titles": _pairs("titles", half, lambda text: _occupation(words, text)),
        "recruiting": _recruiting(words, half),
        "skills": _skills(words, half),
    }


def rows(name: str, half: str) -> Iterator[list[str]]:
    """The cells of the lines of a file of labels; a line of several pairs is in one half with its last cell."""
    for line in (LABELS / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        first, *others = line.split("\t")
        for cells in [[first, other] for other in others] or [[first]]:
            if half_of(cells[-1]) == half:
                yield cells


def half_of(text: str) -> str:
    """Which half a text is in."""
    return KEPT if zlib.crc32(text.encode()) % 2 else OPEN


def _pairs(kind: str, half: str, key: Callable[[str], str | None]) -> Outcome:
    outcome = Outcome()
    for same, name in ((True, f"{kind}_same"), (False, f"{kind}_apart")):
        for one, other in rows(name, half):
            a, b = key(one), key(other)
            outcome.count(f"{one} | {other}: {a} | {b}", same=same, found=a == b and a is not None)
    for (text,) in rows(f"{kind}_nothing", half):
        outcome.count(f"{text}: {key(text)}", same=False, found=key(text) is not None)
    return outcome


def _occupation(words: Vocabulary, text: str) -> str | None:
    found = words.title(text)
    return None if found is None else found.occupation


def _recruiting(words: Vocabulary, half: str) -> Outcome:
    outcome = Outcome()
    for answer, title in rows("recruiting", half):
        found = words.title(title)
        outcome.count(f"{title}: {found}", same=answer == "yes", found=found is not None and found.recruiting)
    return outcome


def _skills(words: Vocabulary, half: str) -> Outcome:
    outcome = Outcome()
    for same, name in ((True, "skills_same"), (False, "skills_apart")):
        for one, other in rows(name, half):
            a, b = words.skills(one), words.skills(other)
            outcome.count(f"{one} | {other}: {a} | {b}", same=same, found=a == b)
    for text, skill in rows("skills_several", half):
        outcome.count(f"{text} names {skill}", same=True, found=words.skill(skill) in words.skills(text))
    return outcome
