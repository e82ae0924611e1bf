"""`warmpath inbox`: a member's inbox, as the member sees it."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.markup import escape

from cli.context import MEMBER_ID, Context, ask, fail, load
from cli.people import who

PAGE = 50


def inbox(
    member: Annotated[str, typer.Option(help=f"Whose inbox, {MEMBER_ID}.")],
    kind: Annotated[list[str] | None, typer.Option(help="Only items of this kind; may be repeated.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Keep showing new suggestions, until Ctrl-C.")] = False,
) -> None:
    """Show what waits for a member: introductions first, then suggestions, with who can introduce them, and why."""
    context, console = load(), Console(soft_wrap=True)
    with context.client("profiles") as client:  # so that an unknown member is an error, not an empty inbox
        ask(client, "GET", "/v1/me", params={"member": member})
    shown = 0
    for item in _items(context, member, kind):
        show_item(console, item)
        shown += 1
    if not shown:
        console.print("Nothing yet. `warmpath paths` shows who could introduce you, and what would open a path.")
    if follow:
        try:
            _follow(context, console, member)
        except KeyboardInterrupt:
            raise typer.Exit from None


def show_item(console: Console, item: dict[str, Any]) -> None:
    """Print an item: a suggestion with its opening, then each introducer with the reasons; else what it says."""
    if item["kind"] != "suggestion":
        _show_notice(console, item)
        return
    console.print(
        f"[bold]{escape(item['title'])}[/bold] at [bold]{escape(item['company'])}[/bold]"
        f"  [dim]fits {item['fit']} %, posting {escape(item['posting_id'])}[/dim]"
    )
    for number, path in enumerate(item["paths"], start=1):
        show_path(console, number, path)


def _show_notice(console: Console, item: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(item['sentence'])}[/bold]  [dim]{escape(item['page'])} in the console[/dim]")
    for line in item["says"]:
        console.print(f"   {escape(line)}")
    if item["note"]:
        console.print(f"   [dim]“{escape(item['note'])}”[/dim]")


def show_path(console: Console, number: int, path: dict[str, Any]) -> None:
    """Print an introducer: who they are, the way, its strength and how to ask, then the reasons."""
    how = "ask in the app" if path["ask"] == "app" else "write to them yourself"
    console.print(f"   {number}. {escape(who(path))}")
    if path["profile_url"]:
        console.print(f"      {escape(path['profile_url'])}")
    console.print(f"      {escape(path['says'])} [dim]({path['band']}, {path['label']}; {how})[/dim]")
    for reason in path["reasons"]:
        console.print(f"      · {escape(reason)}")


def _items(context: Context, member: str, kinds: list[str] | None) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    with context.client("notifications") as client:
        while True:
            params: dict[str, Any] = {"member": member, "limit": PAGE, "kind": kinds or []}
            params |= {"cursor": cursor} if cursor else {}
            page = ask(client, "GET", "/v1/inbox", params=params)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def _follow(context: Context, console: Console, member: str) -> None:
    console.print("[dim]waiting for more; Ctrl-C stops[/dim]")
    with context.client("notifications") as client:
        try:
            for kind, data in _events(client, member):
                _show_event(console, kind, data)
        except httpx2.TransportError as error:
            fail(f"the stream ended ({type(error).__name__})", "is the stack still up?")


def _show_event(console: Console, kind: str, data: dict[str, Any]) -> None:
    if kind == "summary":
        console.print(f"[bold]{escape(data['text'])}[/bold]")
        for item in data["top"]:
            show_item(console, item)
    elif kind == "withdrawn":
        console.print(f"[dim]withdrawn: {escape(str(data['id']))}[/dim]")
    elif data.get("item"):
        console.print(f"[green]{kind}[/green]")
        show_item(console, data["item"])


def _events(client: httpx2.Client, member: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events of the live stream as (kind, data)."""
    with client.stream("GET", "/v1/inbox/stream", params={"member": member}, timeout=None) as answer:
        if answer.is_error:
            fail(f"the stream was refused: {answer.status_code}")
        kind = ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)
