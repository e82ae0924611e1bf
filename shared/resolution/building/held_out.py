"""What labels come to that the table of titles has never seen, per language: a measure without labels of our own."""

import random
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from shared.resolution.building.sources import Label
from shared.resolution.titles import Titles

_SHARE = 10
_BEGINNING = 5
_DRAWN = 700


def is_held_out(label: Label) -> bool:
    """Whether a label is kept back, a tenth of them; both genders of a title, which begin alike, go together."""
    beginning = f"{label.occupation}\n{label.language}\n{label.text[:_BEGINNING].casefold()}"
    return not label.preferred and zlib.crc32(beginning.encode()) % _SHARE == 0


def report(labels: Iterable[Label], table: bytes) -> Iterator[str]:
    """A line a language: the share of labels that get an answer, and of these the share in the right group.

    These are harder than titles people have: a title that stands in the table as well, under another occupation, counts
    as wrong, and one that stands there under the same is not drawn.
    """
    titles = Titles(table)
    by_language: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        by_language[label.language].append(label)
    for language, found in sorted(by_language.items()):
        drawn = random.Random(0).sample(found, min(_DRAWN, len(found)))
        answers = [(label.group, titles.title(label.text)) for label in drawn]
        right = [title.group == group for group, title in answers if title is not None]
        share = sum(right) / max(1, len(right))
        answered = len(right) / len(drawn)
        yield f"{language}: {answered:.0%} of {len(drawn)} answered, {share:.0%} of these in the right group"
