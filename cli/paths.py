"""`warmpath paths`: who could introduce a member into a company."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.context import ask, load

Numbers = dict[str, Any]


def paths(
    member: Annotated[str, typer.Option(help="Whose network.")],
    company: Annotated[str, typer.Option(help="The company's name.")],
    domain: Annotated[str, typer.Option(help="Its web domain, which settles which one is meant.")] = "",
) -> None:
    """List who could introduce a member into a company, best first; with nobody, what would make a way."""
    params = {"member": member, "company": company} | ({"domain": domain} if domain else {})
    with load().client("matching") as client:
        found = ask(client, "GET", "/v1/paths", params=params)
    console = Console()
    if found["paths"]:
        console.print(paths_table(found["paths"]))
        return
    console.print(found["reason"])
    show_ways(console, found["ways"])


def paths_table(found: list[Numbers]) -> Table:
    """Paths with their numbers, as an operator sees them."""
    table = Table("", "introducer", "insider", "score", "band", "label", "ask", "why")
    for number, path in enumerate(found, start=1):
        insider = "(the same)" if path["direct"] else path["insider_id"]
        score = f"{path['score']:.6g}"
        why = "\n".join(path["reasons"])
        table.add_row(str(number), path["introducer_id"], insider, score, path["band"], path["label"], path["ask"], why)
    return table


def show_ways(console: Console, ways: list[Numbers]) -> None:
    """What is nearest to making a path."""
    for way in ways:
        console.print(f"  {way['person_id']}: {way['says']}", highlight=False)
