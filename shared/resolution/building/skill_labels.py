"""Makes `data/skills.npz`: what ESCO calls each skill, by the hash of the name without spaces and signs."""

import csv
import gzip
from pathlib import Path

import numpy as np

from shared.resolution.text import compact, hashed


def write(source: Path, path: Path) -> None:
    """Build the table; a name that two skills share is left out, a skill's own name stays with it."""
    preferred: dict[int, int] = {}
    others: dict[int, set[int]] = {}
    names: list[str] = []
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = len(names)
            names.append(row["preferredLabel"])
            preferred.setdefault(hashed(compact(row["preferredLabel"])), number)
            for alias in row["altLabels"].splitlines():
                others.setdefault(hashed(compact(alias)), set()).add(number)
    chosen = {key: next(iter(numbers)) for key, numbers in others.items() if len(numbers) == 1} | preferred
    keys = sorted(chosen)
    np.savez_compressed(
        path,
        keys=np.array(keys, np.uint64),
        places=np.array([chosen[key] for key in keys], np.uint16),
        names=np.frombuffer("\n".join(names).encode(), np.uint8),
    )
