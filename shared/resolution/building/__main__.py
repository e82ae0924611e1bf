"""`make vocabulary`: builds our tables from the open data in the folder that WARMPATH_DATA names."""

import argparse
import os
from pathlib import Path

from shared.resolution.building import common_words, held_out, known_titles, place_names, skill_labels
from shared.resolution.building.sources import Esco, isco_labels, onet_labels

OURS = Path(__file__).parent.parent / "data"


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
    kept = [label for label in labels if options.held_out and held_out.is_held_out(label)]
    built = options.into / "titles.npz"
    known_titles.write([label for label in labels if not options.held_out or not held_out.is_held_out(label)], built)
    if kept:
        print("\n".join(held_out.report(kept, built.read_bytes())))  # noqa: T201 - a command, that prints


if __name__ == "__main__":
    main()
