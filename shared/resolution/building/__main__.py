"""`make vocabulary`: builds our tables from the open data in the folder that WARMPATH_DATA names."""

import argparse
import os
import zlib
from pathlib import Path

from shared.resolution.building import common_words, known_titles, place_names, skill_labels
from shared.resolution.building.sources import Esco, Label, isco_labels, onet_labels

OURS = Path(__file__).parent.parent / "data"
_HELD_OUT = 10
_BEGINNING = 5


def main() -> None:
    """Build the tables; with --held-out into another folder without a tenth of the labels, to measure with."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--into", type=Path, default=OURS)
    options = parser.parse_args()
    source = Path(os.environ.get("WARMPATH_DATA", "../shared/data"))
    esco = Esco(source)
    labels = [*esco.labels(), *isco_labels(source), *onet_labels(source, esco)]
    skills = source / "esco" / "skills_labels.csv.gz"
    common_words.write(labels, skills, options.into / "common_words.txt")
    skill_labels.write(skills, options.into / "skills.npz")
    place_names.write(options.into / "cities.tsv", options.into / "country_names.tsv")
    if options.held_out:
        labels = [label for label in labels if not held_out(label)]
    known_titles.write(labels, options.into / "titles.npz")


def held_out(label: Label) -> bool:
    """Whether a label is kept back; both genders of a title, which begin alike, go together."""
    beginning = f"{label.occupation}\n{label.language}\n{label.text[:_BEGINNING].casefold()}"
    return not label.preferred and zlib.crc32(beginning.encode()) % _HELD_OUT == 0


if __name__ == "__main__":
    main()
