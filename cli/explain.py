"""`warmpath explain`: why an opening is suggested to a member, or why not."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import MEMBER_ID, POSTING_ID, ask, load
from cli.paths import cards_of_paths, show_paths


def explain(
    member: Annotated[str, typer.Option(help=f"The seeker, {MEMBER_ID}.")],
    posting: Annotated[str, typer.Option(help=f"The opening, {POSTING_ID}.")],
) -> None:
    """Show the suggestion with its numbers and how the fit comes about, or the rule that excluded it."""
    context, console = load(), Console(soft_wrap=True, highlight=False)
    with context.client("matching") as client:
        found = ask(client, "GET", "/v1/explain", params={"member": member, "posting_id": posting})
    made = found["suggestion"]
    if made is None:
        console.print(f"No suggestion. {found['reason']} ({found['rule']})")
    if found["fit_parts"]:
        _show_fit(console, found)
    if made is not None:
        show_paths(console, made["paths"], cards_of_paths(context, member, made["paths"]))


def _show_fit(console: Console, found: dict[str, Any]) -> None:
    """The fit as a sum, then each of its parts in words."""
    parts, made = found["fit_parts"], found["suggestion"]
    total = f"{made['exact_fit']:.4f}" if made else f"{found['fit']} %"
    terms = " + ".join(f"{part['weight']:.2f} · {part['value']:.3g}" for part in parts)
    console.print(f"fit {total} = ({terms}) / {sum(part['weight'] for part in parts):.2f}")
    for part in parts:
        console.print(f"   {part['name']:6} {part['value']:.3g}: {escape(part['says'])}")
