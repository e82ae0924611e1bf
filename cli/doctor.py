"""`warmpath doctor`: what is wrong with a stack, and what to do about it."""

import asyncio
import json
import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import load

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per finding.")] = False,
) -> None:
    """Check configuration, services, topics, migrations, clocks and mail; the exit code is 1 if anything is wrong.

    What is not set in this environment is not checked, and reported as such. Migrations and the database's clock need
    WARMPATH_DATABASE_URL with an administrator's role; for a stack on this machine it is known.
    """
    from cli.findings import check_all, worst  # noqa: PLC0415 - slow to import, and no other command needs it

    found = asyncio.run(check_all(load(), os.environ))
    console = Console(soft_wrap=True)
    for each in found:
        if as_json:
            print(json.dumps(asdict(each)))
            continue
        state = f"[{COLOURS[each.state]}]{each.state:7}[/]"
        console.print(f"{state} {each.area}: {escape(f'{each.name}: {each.what}')}", highlight=False)
        if each.state != "ok" and each.remedy:
            console.print(f"        {escape(each.remedy)}", highlight=False)
    if worst(found) == "error":
        raise typer.Exit(1)
