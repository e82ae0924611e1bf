"""`warmpath explain`: why an opening is suggested to a member, or why not."""

from typing import Annotated

import typer
from rich.console import Console

from cli.context import ask, load
from cli.paths import show_paths


def explain(
    member: Annotated[str, typer.Option(help="The seeker.")],
    posting: Annotated[str, typer.Option(help="The opening.")],
) -> None:
    """Show the suggestion with its numbers, or the rule that excluded it."""
    with load().client("matching") as client:
        found = ask(client, "GET", "/v1/explain", params={"member": member, "posting_id": posting})
    console, made = Console(), found["suggestion"]
    if made is not None:
        console.print(f"fit {made['exact_fit']:.4f}")
        show_paths(console, made["paths"])
        return
    console.print(f"No suggestion. {found['reason']} ({found['rule']})")
    if found["fit"] is not None:
        console.print(f"fit {found['fit']} %")
