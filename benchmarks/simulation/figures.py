"""What is told of the years of one policy: medians over the seeds, and their spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.simulation.town import DAYS, PEOPLE, Town
from benchmarks.simulation.year import Year


@dataclass(frozen=True, slots=True)
class Figure:
    """A median over the seeds, with the least and the greatest."""

    middle: float
    least: float
    greatest: float


WITHIN: Final = 60

FIGURES: Final = {
    "hires": "hires",
    "asks_a_hire": "asks a hire",
    "helped": "seekers with an introduction within 60 days, %",
    "helped_of_few": "the same of the quarter that knows fewest people, %",
    "busiest": "requests in the busiest month of the most asked twentieth",
    "gini": "Gini of introductions made, over all people",
}


def of_year(town: Town, year: Year) -> dict[str, float]:
    """The figures of one year, by their names in `FIGURES`."""
    busiest = sorted(year.busiest_months)
    by_ties = sorted(town.seeking_from, key=lambda seeker: (len(town.ties[seeker]), seeker))
    return {
        "hires": year.hires,
        "asks_a_hire": year.asks / max(1, year.hires),
        "helped": _helped(year, list(town.seeking_from)),
        "helped_of_few": _helped(year, by_ties[: len(by_ties) // 4]),
        "busiest": busiest[int(len(busiest) * 0.95)] if busiest else 0,
        "gini": gini([year.helped[person] for person in range(PEOPLE)]),
    }


def _helped(year: Year, seekers: Sequence[int]) -> float:
    soon = sum(year.introduced_after.get(seeker, DAYS) <= WITHIN for seeker in seekers)
    return 100 * soon / len(seekers)


def over_seeds(each: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    """Each figure over several years."""
    return {name: Figure(median(v), min(v), max(v)) for name in FIGURES if (v := [one[name] for one in each])}


def gini(values: Sequence[float]) -> float:
    """Gini's coefficient, 0 (all alike) to 1 (one has all): half the relative mean absolute difference."""
    ordered, total = sorted(values), sum(values)
    if total == 0:
        return 0.0
    weighted = sum(rank * value for rank, value in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)
