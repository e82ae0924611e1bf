"""`warmpath import profile FILE`: a profile out of LinkedIn's export, confirmed field by field.

Nothing is stored before it was confirmed; jobs and skills that the profile has already stay, and are not asked again.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import context
from cli.import_contacts import IMPORT_SECONDS, opened_file

out = Console()


def profile(
    file: Annotated[Path, typer.Argument(help="LinkedIn's whole export (ZIP); - reads standard input")],
    member: Annotated[str, typer.Option(help="whose profile it is")],
    yes: Annotated[bool, typer.Option("--yes", help="confirm everything")] = False,
) -> None:
    """Read a profile out of an export, and store what you confirm of it."""
    who = {"member": member}
    with context.load().client("profiles") as client:
        with opened_file(file) as opened:
            draft = context.ask(
                client, "POST", "/v1/me/import", params=who, content=opened.read(), timeout=IMPORT_SECONDS
            )
        changes = _confirmed(draft, context.ask(client, "GET", "/v1/me", params=who), yes=yes)
        for line in draft["unclear"]:
            out.print(f"[yellow]not understood[/yellow] {escape(line)}")
        if not changes:
            out.print("nothing to change")
            return
        context.ask(client, "PATCH", "/v1/me", params=who, json=changes)
    out.print(f"[green]stored[/green]: {', '.join(changes)}")


def _confirmed(draft: dict[str, Any], me: dict[str, Any], *, yes: bool) -> dict[str, Any]:
    """The fields of the profile that change."""
    changes: dict[str, Any] = {}
    if draft["name"] and draft["name"] != me["name"] and _agreed(f"name: {draft['name']}", yes=yes):
        changes["name"] = draft["name"]
    held = {_job(work) for work in me["employments"]}
    jobs = [work for work in draft["employments"] if _job(work) not in held]
    agreed = [_whole_days(work) for work in jobs if _agreed(_told(work), yes=yes)]
    if agreed:
        changes["employments"] = [*me["employments"], *agreed]
    known = {skill.casefold() for skill in me["skills"]}
    skills = [skill for skill in draft["skills"] if skill.casefold() not in known]
    kept = [skill for skill in skills if _agreed(f"skill: {skill}", yes=yes)]
    if kept:
        changes["skills"] = [*me["skills"], *kept]
    return changes


def _agreed(what: str, *, yes: bool) -> bool:
    return yes or typer.confirm(what, default=True)


def _job(work: dict[str, Any]) -> tuple[str, str]:
    return work["company"].casefold(), (work["title"] or "").casefold()


def _told(work: dict[str, Any]) -> str:
    title = f"{work['title']} at " if work["title"] else ""
    return f"job: {title}{work['company']}, {work['start'] or '?'} to {work['end'] or 'today'}"


def _whole_days(work: dict[str, Any]) -> dict[str, Any]:
    """A year alone becomes its first month, as profiles have it."""
    days = {name: work[name] for name in ("start", "end")}
    return work | {name: f"{day}-01" if day and len(day) == len("YYYY") else day for name, day in days.items()}
