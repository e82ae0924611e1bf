"""Makes `data/common_words.txt`: words of English; a name of one of them alone may be several companies'."""

import csv
import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from shared.resolution.building.sources import Label

_WORD = re.compile(r"[a-z]{3,}")


def write(labels: Iterable[Label], skills: Path, path: Path) -> None:
    """The words in small letters of ESCO's English labels of occupations and skills."""
    words = {word for label in labels if label.language == "en" for word in _WORD.findall(label.text)}
    with gzip.open(skills, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words.update(_WORD.findall(row["preferredLabel"]), _WORD.findall(row["altLabels"]))
    path.write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
