"""`warmpath introductions`: for operators, how many there are, which, and the way of one of them."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.context import ask, load

introductions = typer.Typer(
    help="Introductions, for operators: ids, states and times. A quiet answer shows at its deadline.",
    no_args_is_help=True,
)

State = Annotated[
    str | None,
    typer.Option(help="Only in this state: requested, asked, accepted, introduced, declined, expired or closed."),
]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only those past their deadline: there should be none.")]
Count = Annotated[int, typer.Option("--limit", min=1, max=200, help="How many at most.")]


@introductions.command("list")
def list_(state: State = None, overdue: Overdue = False, limit: Count = 50) -> None:
    """The newest first, under how many there are in each state."""
    console = Console()
    with load().client("introductions") as client:
        there = ask(client, "GET", "/internal/v1/overview")
        wanted: dict[str, Any] = {"limit": limit, "overdue": overdue} | ({"state": state} if state else {})
        page = ask(client, "GET", "/internal/v1/introductions", params=wanted)
    counts = ", ".join(f"{count} {name}" for name, count in there["states"].items() if count) or "none yet"
    console.print(f"{counts}; {there['overdue']} overdue, {there['waiting_for_room']} waiting for room")
    table = Table("introduction", "state", "begun", "until", box=None)
    for one in page["items"]:
        how = one["state"] + (f" ({one['outcome']})" if one["outcome"] else "")
        waits = ", waits for room" if one["waits_for_room"] else ""
        table.add_row(one["id"], how + waits, _minute(one["begun_at"]), _minute(one["due_at"]))
    console.print(table)
    if page["next"]:
        console.print(f"[dim]more than {limit}; use --state, --overdue or a larger --limit[/dim]")


@introductions.command("show")
def show(
    introduction_id: Annotated[
        str, typer.Argument(metavar="ID", help="The introduction's id; `warmpath introductions list` prints them.")
    ],
) -> None:
    """The way of one introduction, step by step."""
    console = Console()
    with load().client("introductions") as client:
        one = ask(client, "GET", f"/internal/v1/introductions/{introduction_id}")
    about = f"posting {one['posting_id']} at " if one.get("posting_id") else ""
    console.print(f"{one['origin']} about {about}{one['company']}", markup=False)
    for part in ("seeker_id", "introducer_id", "insider_id"):
        console.print(f"  {part.removesuffix('_id'):<11}{one[part]}", markup=False)
    for step in one["history"]:
        outcome = f" ({step['outcome']})" if step.get("outcome") else ""
        console.print(f"  {_minute(step['at'])}  {step['state']}{outcome}", markup=False)
    if one.get("due_at"):
        console.print(f"  {_minute(one['due_at'])}  the time to answer is over", markup=False)
    if one.get("waits_for"):
        console.print(f"  waits for room of {one['waits_for']}", markup=False)


def _minute(moment: str | None) -> str:
    """`2026-03-01 09:00` in UTC."""
    return "" if moment is None else moment[:16].replace("T", " ")
