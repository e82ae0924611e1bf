"""What is understood of the labelled words stays understood: bounds on counts."""

import pytest

from benchmarks.words.measure import KEPT, LABELS, OPEN, Outcome, half_of, measured
from shared.resolution import Vocabulary

GOALS = {"companies": (0.98, 0.90), "titles": (0.95, 0.85), "recruiting": (0.98, 0.90), "skills": (0.97, 0.92)}
"""The least precision and recall."""


@pytest.mark.parametrize("half", [OPEN, KEPT])
def test_words_are_understood_as_well_as_the_goals_say(half: str) -> None:
    for kind, outcome in measured(Vocabulary.default(), half).items():
        precision, recall = GOALS[kind]
        assert outcome.precision >= precision, (kind, outcome.false)
        assert outcome.recall >= recall, (kind, outcome.missed)


def test_there_are_as_many_labels_as_promised() -> None:
    counts = {path.stem: 0 for path in LABELS.glob("*.tsv")}
    for name in counts:
        lines = (LABELS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        counts[name] = sum(max(1, line.count("\t")) for line in lines)
    assert counts["companies_same"] + counts["companies_apart"] >= 300
    assert counts["titles_same"] + counts["titles_apart"] + counts["titles_nothing"] >= 300
    assert counts["skills_same"] + counts["skills_apart"] >= 200
    assert counts["recruiting"] >= 100


def test_no_employer_and_no_title_are_nothing() -> None:
    for name in ("companies_nothing", "titles_nothing"):
        for text in (LABELS / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            if half_of(text) == OPEN:
                found = Vocabulary.default().company(text) if "comp" in name else Vocabulary.default().title(text)
                assert found is None, text


def test_an_outcome_counts_what_was_confused() -> None:
    outcome = Outcome()
    outcome.count("a", same=True, found=True)
    outcome.count("b", same=True, found=False)
    outcome.count("c", same=False, found=True)
    outcome.count("d", same=False, found=False)
    assert (outcome.precision, outcome.recall, outcome.missed, outcome.false) == (0.5, 0.5, ["b"], ["c"])
