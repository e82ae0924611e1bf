"""`make bench-words`: precision and recall with each confusion, the speed and the memory, into `benchmarks/results`."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.words.measure import KEPT, LABELS, OPEN, measured
from shared.resolution import Vocabulary

RESULTS = Path(__file__).parent.parent / "results" / "words.json"
_REPEATED = 20
"""How often a name comes up in the traffic of the cached rate; in an address book it is more often than that."""
_OPENED = "import time;b=time.process_time();from shared.resolution import Vocabulary;{}print(time.process_time()-b)"


def main() -> None:
    """Measure everything, print what was confused, and write the figures."""
    before = _memory()
    words = Vocabulary.default()
    figures: dict[str, Any] = {"machine": machine.facts(), "memory_mib": round(_memory() - before)}
    figures["open_seconds"] = round(_child("Vocabulary.default();") - _child(""), 3)
    for half in (OPEN, KEPT):
        for kind, outcome in measured(words, half).items():
            figures.setdefault(half, {})[kind] = {
                "pairs": outcome.right + len(outcome.missed),
                "precision": round(outcome.precision, 4),
                "recall": round(outcome.recall, 4),
                "missed": outcome.missed,
                "false": outcome.false,
            }
    figures["a_second"] = {kind: _rates(texts, resolve) for kind, texts, resolve in _traffic()}
    RESULTS.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1, ensure_ascii=False))


def _memory() -> float:
    """The most memory this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(statement: str) -> float:
    """Seconds in a fresh process from before the import of the package to behind the statement."""
    run = [sys.executable, "-c", _OPENED.format(statement)]
    done = [subprocess.run(run, check=True, capture_output=True) for _ in range(3)]  # noqa: S603 - our own words
    return min(float(each.stdout) for each in done)


def _traffic() -> Iterable[tuple[str, list[str], Callable[[Vocabulary, str], object]]]:
    kinds: dict[str, Callable[[Vocabulary, str], object]]
    kinds = {"companies": Vocabulary.company, "titles": Vocabulary.title, "skills": Vocabulary.skills}
    for kind, resolve in kinds.items():
        lines = (LABELS / f"{kind}_same.tsv").read_text(encoding="utf-8").splitlines()
        yield kind, [text for line in lines for text in line.split("\t")], resolve


def _rates(texts: list[str], resolve: Callable[[Vocabulary, str], object]) -> dict[str, int]:
    """Resolutions a second on one core: each text once, and each a number of times."""
    words = Vocabulary.fresh()
    resolve(words, "warm up")
    began = time.process_time()
    for text in texts:
        resolve(words, text)
    once = time.process_time() - began
    for _ in range(_REPEATED - 1):
        for text in texts:
            resolve(words, text)
    often = time.process_time() - began
    return {"never_seen": round(len(texts) / once), "each_20_times": round(_REPEATED * len(texts) / often)}


if __name__ == "__main__":
    main()
