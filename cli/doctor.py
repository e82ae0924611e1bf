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

COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
) -> None:
    """Look at configuration, services, topics, migrations, clocks and mail; ends with 1 where anything is wrong.

    What is not set in this environment is not looked at, and said. WARMPATH_DATABASE_URL: an administrator's address of
    the database, for migrations and its clock; a stack on this machine tells its own.
    """
    from cli.findings import look, worst  # noqa: PLC0415 - reads three services, and no other command needs them

    found = asyncio.run(look(load(), os.environ))
    console = Console(soft_wrap=True)
    for each in found:
        if as_json:
            print(json.dumps(asdict(each)))
            continue
        state = f"[{COLOURS[each.state]}]{each.state:7}[/]"
        console.print(f"{state} {each.area}: {escape(f'{each.name}: {each.what}')}", highlight=False)
        if each.state != "ok" and each.remedy:
            console.print(f"        {escape(each.remedy)}", highlight=False)
    if worst(found) == "wrong":
        raise typer.Exit(1)
