"""`warmpath topics reconcile`: compares a topic with its owner's tables, after a restore from a backup."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import ask, fail, load
from cli.kafka import TopicName, topic_named
from shared.messaging.topics.catalogue import CLOCK, RELAYS, STATE_TOPICS, SUGGESTIONS

RECONCILED = tuple(topic for topic in STATE_TOPICS if topic.owner in RELAYS)
DESCRIPTIONS = {
    "different": "differ from the tables, in content or version",
    "missing": "are in the tables but not on the topic",
    "unknown": "are on the topic but not in the tables",
    "revived": "were withdrawn or erased, but are in the tables again",
}


def reconcile(
    topic: TopicName,
    yes: Annotated[
        bool, typer.Option("--yes", help="Repair the topic. Without this option, only show what differs.")
    ] = False,
    revive: Annotated[
        bool, typer.Option("--revive", help="Also publish rows for which the topic has a tombstone: see above.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Compare a topic with its owner's tables; with --yes, publish what the tables have and withdraw what they lack.

    For use after a restore of a database from a backup; the owner can stay up meanwhile. Rows for which the topic has a
    tombstone are reported and left alone: somebody may have been erased since the backup, and must then be erased again
    (DELETE /v1/me?member=ID). clock.v1 is only compared: its owner's timer corrects it.
    """
    found = topic_named(topic)
    if found == SUGGESTIONS:
        fail("suggestions.v1 has no tables", "a matcher compares it with its own results when it starts: restart it")
    if found not in RECONCILED:
        names = ", ".join(each.name for each in RECONCILED)
        fail(f"{topic} cannot be compared with tables", f"topics that can: {names}")
    params = {"topic": topic, "dry_run": not yes, "revive": revive}
    with load().client(found.owner) as client:
        report = ask(client, "POST", "/internal/v1/reconcile", params=params, timeout=None)
    if as_json:
        print(json.dumps(report))
    else:
        _print(Console(soft_wrap=True), report, repairs=found != CLOCK, revive=revive)


def _print(console: Console, report: dict[str, Any], *, repairs: bool, revive: bool) -> None:
    console.print(f"{report['topic']}: {report['keys']:,} keys, {report['rows']:,} rows", highlight=False)
    differing = 0
    for kind, words in DESCRIPTIONS.items():
        if report[kind]:
            differing += report[kind]
            console.print(f"  {report[kind]:,} {words}", highlight=False)
    for each in report["examples"]:
        console.print(f"    {each['kind']:9} {escape(each['key'])}", highlight=False)
    if report["waiting"]:
        console.print(f"  [yellow]{report['waiting']:,} rows of the outbox are not published yet: run this again[/]")
    if not differing:
        console.print("The topic agrees with the tables.")
    elif not repairs:
        console.print("Only compared: the owner's timer writes the day. `warmpath doctor` checks whether it does.")
    elif report["dry_run"]:
        console.print("Nothing was changed. --yes publishes what the tables have and withdraws what they lack.")
    else:
        left = "" if revive or not report["revived"] else f"; {report['revived']:,} stay withdrawn (--revive)"
        console.print(f"The differences are being published{left}.")
