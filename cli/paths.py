"""`warmpath paths`: who could introduce a member into a company."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import ask, load

Numbers = dict[str, Any]


def paths(
    member: Annotated[str, typer.Option(help="Whose network.")],
    company: Annotated[str, typer.Option(help="The company's name.")],
    domain: Annotated[str, typer.Option(help="The company's web domain, if its name is ambiguous.")] = "",
) -> None:
    """List who could introduce a member into a company, best first; if nobody can, whom they know who left."""
    params = {"member": member, "company": company} | ({"domain": domain} if domain else {})
    with load().client("matching") as client:
        found = ask(client, "GET", "/v1/paths", params=params)
    console = Console()
    if found["paths"]:
        show_paths(console, found["paths"])
        return
    console.print(found["reason"])
    for one in found["left_there"]:
        console.print(f"  {escape(one['person_id'])} left on {one['left']}", highlight=False)


def show_paths(console: Console, found: list[Numbers]) -> None:
    """Print paths with their numbers, as an operator sees them. Ids are never wrapped."""
    for number, path in enumerate(found, start=1):
        through = "" if path["direct"] else f" → {escape(path['insider_id'])}"
        console.print(f"{number}. [bold]{escape(path['introducer_id'])}[/bold]{through}", highlight=False)
        how = f"score {path['score']:.6g} ({path['band']}), {path['label']}, ask: {path['ask']}"
        console.print(f"   [dim]{how}[/dim]", highlight=False)
        for reason in path["reasons"]:
            console.print(f"   · {escape(reason)}", highlight=False)
