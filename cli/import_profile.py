"""`warmpath import profile FILE`: a profile out of a résumé or LinkedIn's export, confirmed field by field.

Nothing is stored before it was confirmed; what the profile has already stays, and is not asked again.
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
    file: Annotated[
        Path,
        typer.Argument(
            help="a résumé (PDF, DOCX, JSON Resume) or LinkedIn's whole export (ZIP); - reads standard input"
        ),
    ],
    member: Annotated[str, typer.Option(help=f"Whose profile it is, {context.MEMBER_ID}.")],
    yes: Annotated[bool, typer.Option("--yes", help="confirm everything")] = False,
) -> None:
    """Read a profile out of a résumé or an export, and store what you confirm of it."""
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
    for field in ("name", "headline"):
        if draft[field] and draft[field] != me[field] and _agreed(f"{field}: {draft[field]}", yes=yes):
            changes[field] = draft[field]
    for field, told in (("employments", _told), ("skills", "skill: {}".format)):
        agreed = [one for one in draft[field] if _agreed(told(one), yes=yes)]
        if agreed:
            changes[field] = [*me[field], *agreed]
    asked = me["seeking"] is not None or not yes  # to confirm everything begins no search
    seeking = _search(draft, me["seeking"] or {}, yes=yes) if asked else {}
    return changes | ({"seeking": (me["seeking"] or {}) | seeking} if seeking else {})


def _search(draft: dict[str, Any], before: dict[str, Any], *, yes: bool) -> dict[str, Any]:
    """What is looked for from now on, where nothing was said of it before."""
    asked = (("titles", "titles", "look for"), ("locations", "places", "look in"))
    wishes = {
        field: [one for one in draft[name] if _agreed(f"{words}: {one}", yes=yes)]
        for field, name, words in asked
        if not before.get(field)
    }
    return {field: told for field, told in wishes.items() if told}


def _agreed(what: str, *, yes: bool) -> bool:
    return yes or typer.confirm(what, default=True)


def _told(work: dict[str, Any]) -> str:
    title = f"{work['title']} at " if work["title"] else ""
    return f"job: {title}{work['company']}, {work['start'] or '?'} to {work['end'] or 'today'}"
