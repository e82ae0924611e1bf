"""`warmpath topics reconcile`: a topic against its owner's tables, after a restore of a database from a backup."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import ask, fail, load
from cli.kafka import TopicName, topic_named
from shared.messaging.topics.catalogue import CLOCK, RELAYS, STATE_TOPICS, SUGGESTIONS

RECONCILED = tuple(topic for topic in STATE_TOPICS if topic.owner in RELAYS)
WORDS = {
    "different": "say something else, or under another version, than the tables",
    "missing": "are in the tables and were never told",
    "unknown": "are told and in no table",
    "revived": "were withdrawn or erased, and are in the tables again",
}


def reconcile(
    topic: TopicName,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only said what differs.")] = False,
    revive: Annotated[
        bool, typer.Option("--revive", help="Publish rows that the topic has a tombstone for, too: see above.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was found as one JSON object.")] = False,
) -> None:
    """Compare a topic with its owner's tables; with --yes the tables' word is published, and what they lack withdrawn.

    For after a restore of a database from a backup; the owner may go on working meanwhile. Rows that the topic has a
    tombstone for are told and left: somebody may have been erased since the backup, and then is to be erased again
    (DELETE /v1/me?member=ID). clock.v1 is only compared: its owner's timer mends it.
    """
    found = topic_named(topic)
    if found == SUGGESTIONS:
        fail("suggestions.v1 has no tables", "the matcher compares it with what it works out at each start: restart it")
    if found not in RECONCILED:
        names = ", ".join(each.name for each in RECONCILED)
        fail(f"{topic} is no state of a service that is there", f"those that can be compared: {names}")
    params = {"topic": topic, "dry_run": not yes, "revive": revive}
    with load().client(found.owner) as client:
        report = ask(client, "POST", "/internal/v1/reconcile", params=params, timeout=None)
    if as_json:
        print(json.dumps(report))
    else:
        _print(Console(soft_wrap=True), report, mends=found != CLOCK, revive=revive)


def _print(console: Console, report: dict[str, Any], *, mends: bool, revive: bool) -> None:
    console.print(f"{report['topic']}: {report['keys']:,} keys, {report['rows']:,} rows", highlight=False)
    differing = 0
    for kind, words in WORDS.items():
        if report[kind]:
            differing += report[kind]
            console.print(f"  {report[kind]:,} {words}", highlight=False)
    for each in report["examples"]:
        console.print(f"    {each['kind']:9} {escape(each['key'])}", highlight=False)
    if report["waiting"]:
        console.print(f"  [yellow]{report['waiting']:,} rows of the outbox were not published yet: run it again[/]")
    if not differing:
        console.print("Topic and tables say the same.")
    elif not mends:
        console.print("Only compared: the owner's timer writes the day. `warmpath doctor` says whether it does.")
    elif report["dry_run"]:
        console.print("Nothing was changed: --yes publishes the tables' word and withdraws what they lack.")
    else:
        left = (
            "" if revive or not report["revived"] else f", but for {report['revived']:,} left as withdrawn (--revive)"
        )
        console.print(f"The tables' word is on its way{left}.")
