"""`warmpath paths`: who could introduce a member into a company."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import MEMBER_ID, Context, ask, load
from cli.people import cards_of, who

Numbers = dict[str, Any]
Cards = Mapping[str, Mapping[str, Any]]


def paths(
    member: Annotated[str, typer.Option(help=f"Whose network, {MEMBER_ID}.")],
    company: Annotated[str, typer.Option(help="The company's name.")],
    domain: Annotated[str, typer.Option(help="The company's web domain, if its name is ambiguous.")] = "",
) -> None:
    """List who could introduce a member into a company, best first; if nobody can, whom they know who left.

    People are named as the member's own address book has them.
    """
    params = {"member": member, "company": company} | ({"domain": domain} if domain else {})
    context, console = load(), Console(soft_wrap=True, highlight=False)
    with context.client("matching") as client:
        found = ask(client, "GET", "/v1/paths", params=params)
    if found["paths"]:
        show_paths(console, found["paths"], cards_of_paths(context, member, found["paths"]))
        return
    console.print(found["reason"])
    cards = cards_of(context, member, (one["person_id"] for one in found["left_there"]))
    for one in found["left_there"]:
        console.print(f"  {escape(who(cards.get(one['person_id'])))}; left on {one['left']}")


def cards_of_paths(context: Context, member: str, found: list[Numbers]) -> Cards:
    """Who the introducers are."""
    return cards_of(context, member, (path["introducer_id"] for path in found))


def show_paths(console: Console, found: list[Numbers], cards: Cards) -> None:
    """Print paths with their numbers, as an operator sees them."""
    for number, path in enumerate(found, start=1):
        card = cards.get(path["introducer_id"])
        through = "" if path["direct"] else " → somebody there"
        console.print(f"{number}. [bold]{escape(who(card))}[/bold]{through}")
        if card and card["profile_url"]:
            console.print(f"   {escape(card['profile_url'])}")
        how = f"score {path['score']:.6g} ({path['band']}), {path['label']}, ask: {path['ask']}"
        console.print(f"   [dim]{how}[/dim]")
        for reason in path["reasons"]:
            console.print(f"   · {escape(reason)}")
