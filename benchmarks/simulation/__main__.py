"""`make simulate`: the policies over ten seeds, into `benchmarks/results/simulation.{json,md,png}`."""

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import Any

from benchmarks.simulation.figures import FIGURES, WITHIN, Figure, of_year, over_seeds
from benchmarks.simulation.policies import POLICIES, WARM
from benchmarks.simulation.town import COMPANIES, DAYS, OPENINGS_A_DAY, PEOPLE, SEEKERS, make_town
from benchmarks.simulation.year import Habits, Simulation
from services.introductions.limits import DEFAULT_ASKS

RESULTS = Path(__file__).parent.parent / "results"
SEEDS = 10

Figures = dict[str, float]


def main() -> None:
    """Simulate, and write the figures, the page and the plot."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many towns (default {SEEDS})")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder for the results")
    asked = parser.parse_args()
    runs = [(place, seed) for place in range(len(POLICIES)) for seed in range(asked.seeds)]
    with ProcessPoolExecutor() as processes:
        done = []
        for run, figures in zip(runs, processes.map(_one, runs), strict=True):
            done.append(figures)
            print(f"{POLICIES[run[0]].name}, seed {run[1]}: {figures['hires']:.0f} hires", flush=True)
    each = {policy.name: done[place * asked.seeds : (place + 1) * asked.seeds] for place, policy in enumerate(POLICIES)}
    told = {name: over_seeds(figures) for name, figures in each.items()}
    better = _better(each)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "simulation.json").write_text(json.dumps(_as_json(asked.seeds, told, better), indent=1) + "\n")
    (asked.out / "simulation.md").write_text(_page(asked.seeds, told, better))
    _plot(told, asked.out / "simulation.png")
    print(f"Written: {asked.out}/simulation.json, .md, .png")


def _one(run: tuple[int, int]) -> Figures:
    place, seed = run
    town = make_town(seed)
    return of_year(town, Simulation(town, POLICIES[place], seed, Habits()).run())


def _better(each: dict[str, list[Figures]]) -> dict[str, str]:
    """In how many of the same towns whose-turn is better and worse than first come, by figure."""
    turn, first = (each[policy.name] for policy in POLICIES[:2])
    said = {}
    for name in FIGURES:
        sign = -1 if name in ("asks_a_hire", "busiest", "gini") else 1
        pairs = [sign * (a[name] - b[name]) for a, b in zip(turn, first, strict=True)]
        said[name] = f"{sum(x > 0 for x in pairs)} better, {sum(x < 0 for x in pairs)} worse"
    return said


def _as_json(seeds: int, told: dict[str, dict[str, Figure]], better: dict[str, str]) -> dict[str, Any]:
    policies = {name: {key: asdict(figure) for key, figure in figures.items()} for name, figures in told.items()}
    return {"seeds": seeds, "habits": asdict(Habits()), "policies": policies, "whose_turn_against_first_come": better}


def _page(seeds: int, told: dict[str, dict[str, Figure]], better: dict[str, str]) -> str:
    habits = Habits()
    head = ["", *told, "whose turn against first come"]
    lines = [
        "# A year of asking, simulated",
        "",
        f"Written by `make simulate`: median over {seeds} seeds, in brackets the least and the greatest.",
        "",
        _row(head),
        _row(["---"] * len(head)),
        *(_row([what, *(_cell(told[name][key]) for name in told), better[key]]) for key, what in FIGURES.items()),
        "",
        "![The same as a picture](simulation.png)",
        "",
        f"{PEOPLE} people at {COMPANIES} companies, {SEEKERS} of them seek for half a year each; {OPENINGS_A_DAY}",
        f"openings a day, {DAYS} days. Under Warmpath a person is asked at most {DEFAULT_ASKS} times in thirty days,",
        f"over ties of firmness {WARM} or more; a job site has no limit, and its seekers write to three people a day.",
        f"A yes is as likely as {habits.stranger_answers} for a stranger and {habits.friend_answers} for the firmest",
        f"tie, divided by 1 + {habits.fatigue} for each request of the last thirty days. An introduction leads to a",
        f"hire with {habits.hired} + {habits.hired_with_a_word} · score of the path, times fit.",
        "**These are assumptions**: the table shows what follows from them.",
        f"*Within {WITHIN} days* counts from the beginning of each search.",
        "",
    ]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(figure: Figure) -> str:
    return f"{figure.middle:.3g} ({figure.least:.3g} to {figure.greatest:.3g})"


def _plot(told: dict[str, dict[str, Figure]], where: Path) -> None:
    import matplotlib as mpl  # noqa: PLC0415 - only with the packages of the benchmarks

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    drawing, places = plt.subplots(2, len(FIGURES) // 2, figsize=(9, 5.6))
    names = ["whose turn", "first come", "ask anyone"]
    for place, (key, what) in zip(places.flat, FIGURES.items(), strict=True):
        figures = [told[name][key] for name in told]
        middles = [figure.middle for figure in figures]
        below = [figure.middle - figure.least for figure in figures]
        above = [figure.greatest - figure.middle for figure in figures]
        place.bar(names, middles, yerr=[below, above], capsize=4, color=["#1f6f5c", "#8ab8a8", "#c9a227"])
        place.set_title(fill(what, 36), fontsize=8)
        place.tick_params(labelsize=7)
    drawing.tight_layout()
    drawing.savefig(where, dpi=110)


if __name__ == "__main__":
    main()
