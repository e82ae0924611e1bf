"""`warmpath dlq`: records that a group could not process; list them, replay them, or drop them."""

import asyncio
import getpass
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

import httpx2
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.context import ask, fail, load
from cli.kafka import connected, moment
from shared.messaging.dead_letters.letters import (
    UNDER_WAY,
    DeadLetter,
    LetterFilter,
    Outcome,
    Place,
    Resolution,
    Step,
    count_by_reason,
    letter_as_json,
    parse_id,
    read_letter,
    read_letters,
    whole_letter_as_json,
)
from shared.messaging.dead_letters.replaying import AuditCallback, Plan, Resolver, plan
from shared.messaging.inspection.records import iso
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics.catalogue import CONSUMER_GROUPS, dead_letters
from shared.services import ServiceName

dlq = typer.Typer(
    help="Dead letters: records that a group could not process. Kafka deletes them after 30 days; actions are audited.",
    no_args_is_help=True,
)
Group = Annotated[str, typer.Argument(help=f"The group: {' or '.join(CONSUMER_GROUPS)}.")]
ChosenGroup = Annotated[str | None, typer.Argument(help=f"The group: {' or '.join(CONSUMER_GROUPS)}.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Letters as PARTITION:OFFSET, as `list` shows them.")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only letters from this topic.")]
Error = Annotated[str | None, typer.Option("--error", help="Only letters with this class of error.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Only letters whose reason contains this.")]
Since = Annotated[
    str | None, typer.Option("--since", help="Only letters written since: ISO 8601, or an age such as 15m, 2h, 3d.")
]
Until = Annotated[str | None, typer.Option("--until", help="Only letters written before.")]
Everything = Annotated[bool, typer.Option("--all", help="All letters; instead of ids and filters.")]
Again = Annotated[bool, typer.Option("--again", help="Also letters that were replayed or dropped before.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this option, only show what would be done.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dlq.command("list")
def list_letters(
    group: Annotated[str | None, typer.Argument(help="The group; or --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All groups.")] = False,
    topic: Topic = None,
    error: Error = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Also letters that were replayed or dropped.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most this many letters, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Count the letters of each kind, then list them, newest first."""
    if (group is None) != every:
        fail("which group? Name one, or use --all", f"groups: {', '.join(CONSUMER_GROUPS)}", code=2)
    letter_filter = _filter(None, topic, error, reason, since, until)
    for name in CONSUMER_GROUPS if group is None else [_group(group)]:
        letters = asyncio.run(_letters(name, letter_filter, resolved=resolved))
        letters.sort(key=lambda each: each.written_ms, reverse=True)
        (_print_json if as_json else _print_list)(name, letters, limit)


@dlq.command()
def show(
    group: Group, letter: Annotated[str, typer.Argument(help="PARTITION:OFFSET")], as_json: AsJson = False
) -> None:
    """Show one letter in full: origin, reason, headers, key and value."""
    found = asyncio.run(_one(_group(group), _ids([letter])[0]))
    if found is None:
        fail(f"{group} has no letter {letter}", f"`warmpath dlq list {group} --resolved` shows what there is")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    console = Console(soft_wrap=True)
    for name, value in found.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        console.print(f"[bold]{name}[/bold]: {escape(text)}", highlight=False)


@dlq.command()
def replay(
    group: ChosenGroup = None,
    ids: Ids = None,
    everything: Everything = False,
    topic: Topic = None,
    error: Error = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    again: Again = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send letters back to the group that failed, and only to it, byte for byte; without --yes a dry run.

    A record that fails again becomes a new letter with one more attempt. Who replayed what, and when, is recorded on
    the topic and in the audit of the group's service, which must be running.
    """
    options = {"topic": topic, "error": error, "reason": reason, "since": since, "until": until}
    chosen = _group(group, "replay")
    command = _command("replay", chosen, ids, options, everything=everything, again=again)
    letter_filter = _explicit(_filter(ids, **options), command, everything=everything)
    _resolve(chosen, letter_filter, "replayed", command, again=again, yes=yes, as_json=as_json)


@dlq.command()
def drop(
    group: ChosenGroup = None,
    ids: Ids = None,
    everything: Everything = False,
    topic: Topic = None,
    error: Error = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    again: Again = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark letters as dropped, so that they are no longer listed; without --yes a dry run.

    Kafka cannot delete a single record: the letter itself is deleted with its topic's retention, after 30 days.
    """
    options = {"topic": topic, "error": error, "reason": reason, "since": since, "until": until}
    chosen = _group(group, "drop")
    command = _command("drop", chosen, ids, options, everything=everything, again=again)
    letter_filter = _explicit(_filter(ids, **options), command, everything=everything)
    _resolve(chosen, letter_filter, "dropped", command, again=again, yes=yes, as_json=as_json)


# --- arguments ------------------------------------------------------------------------------------------------------


def _group(name: str | None, verb: str = "list") -> ServiceName:
    if name is None:
        example = f"warmpath dlq {verb} {next(iter(CONSUMER_GROUPS))}"
        fail("which group?", f"groups with dead letters: {', '.join(CONSUMER_GROUPS)}; for example: {example}", code=2)
    found = next((group for group in CONSUMER_GROUPS if group == name), None)
    if found is None:
        fail(f"there is no group {name}", f"groups with dead letters: {', '.join(CONSUMER_GROUPS)}", code=2)
    return found


def _ids(texts: Sequence[str]) -> list[Place]:
    try:
        return [parse_id(text) for text in texts]
    except ValueError as error:
        fail(str(error), "`warmpath dlq list` shows the ids", code=2)


def _filter(
    ids: Sequence[str] | None,
    topic: str | None,
    error: str | None,
    reason: str | None,
    since: str | None,
    until: str | None,
) -> LetterFilter:
    times = (moment(text, name) if text else None for text, name in ((since, "--since"), (until, "--until")))
    return LetterFilter(frozenset(_ids(ids)) if ids else None, topic, error, reason, *times)


def _command(
    verb: str,
    group: str,
    ids: Sequence[str] | None,
    options: Mapping[str, str | None],
    *,
    everything: bool,
    again: bool,
) -> str:
    """The command as it was given, to be shown with what to add to it."""
    words = ["warmpath", "dlq", verb, group, *(ids or ())]
    words += [word for name, value in options.items() if value for word in (f"--{name}", value)]
    return shlex.join(words + ["--all"] * everything + ["--again"] * again)


def _explicit(letter_filter: LetterFilter, command: str, *, everything: bool) -> LetterFilter:
    """Refuses to act on everything by omission: it takes ids, filters, or --all."""
    if letter_filter == LetterFilter() and not everything:
        fail("which letters?", f"add ids (as 0:17), a filter (as --reason TEXT), or --all: {command} --all", code=2)
    if letter_filter != LetterFilter() and everything:
        fail("--all means every letter: leave it out, or the ids and filters", code=2)
    return letter_filter


# --- actions --------------------------------------------------------------------------------------------------------


async def _letters(group: ServiceName, letter_filter: LetterFilter, *, resolved: bool) -> list[DeadLetter]:
    async with connected() as consumer:
        letters, done = await read_letters(consumer, dead_letters(group))
    found = [replace(each, resolved=done.get(each.place)) for each in letters if letter_filter.matches(each)]
    return [each for each in found if resolved or each.resolved is None]


async def _one(group: ServiceName, place: Place) -> dict[str, Any] | None:
    async with connected() as consumer:
        topic = dead_letters(group)
        record = await read_letter(consumer, topic, place)
        if record is None:
            return None
        _, done = await read_letters(consumer, topic)
    return whole_letter_as_json(record, done.get(place))


def _noting(client: httpx2.Client, group: ServiceName) -> AuditCallback:
    """Writes to the audit of the group's service; if that fails, ends the command and says what it means."""

    async def note(step: Step, letters: Sequence[str]) -> None:
        body = {"step": step, "letters": list(letters)}
        try:
            await asyncio.to_thread(ask, client, "POST", "/internal/v1/audit/letters", json=body)
        except typer.Exit:
            done = step not in UNDER_WAY.values()
            words = f"were {step}, but the audit says only that this was begun" if done else "were not touched"
            typer.echo(f"  {group}: {len(letters)} letters {words}", err=True)
            raise

    return note


def _resolve(
    group: ServiceName,
    letter_filter: LetterFilter,
    outcome: Outcome,
    command: str,
    *,
    again: bool,
    yes: bool,
    as_json: bool,
) -> None:
    try:
        found = asyncio.run(_resolved(group, letter_filter, outcome, again=again, yes=yes))
    except Fenced:
        fail(f"somebody else is replaying or dropping letters of {group}", "see `warmpath dlq list`, then try again")
    except (KafkaError, OSError) as error:
        fail(
            f"Kafka does not answer ({type(error).__name__})", "`warmpath dlq list` shows what was done; then try again"
        )
    if as_json:
        parts = {"ready": found.ready, "resolved": found.resolved, "truncated": found.truncated}
        print(
            json.dumps(
                {"done": yes, "outcome": outcome} | {n: [letter_as_json(e) for e in p] for n, p in parts.items()}
            )
        )
    else:
        _print_plan(group, found, outcome, command, yes=yes)


async def _resolved(
    group: ServiceName, letter_filter: LetterFilter, outcome: Outcome, *, again: bool, yes: bool
) -> Plan:
    if yes:
        context = load()
        with context.client(group) as client:
            async with Resolver(context.kafka, group, _noting(client, group)) as resolver:
                return await resolver.resolve(letter_filter, outcome, getpass.getuser(), again=again)
    async with connected() as consumer:
        return plan(*await read_letters(consumer, dead_letters(group)), letter_filter, outcome, again=again)


# --- output ---------------------------------------------------------------------------------------------------------


def _print_json(group: str, letters: Sequence[DeadLetter], limit: int) -> None:
    for count in count_by_reason(letters):
        kind = asdict(count)
        print(json.dumps({"group": group} | kind | {n: iso(kind.pop(f"{n}_ms")) for n in ("first", "last")}))
    for letter in letters[:limit]:
        print(json.dumps({"group": group} | letter_as_json(letter)))


def _print_list(group: str, letters: Sequence[DeadLetter], limit: int) -> None:
    console = Console()
    console.print(f"[bold]{group}[/bold]: {len(letters)} letters" + ("" if letters else ", nothing to do"))
    if not letters:
        return
    kinds = Table("letters", "topic", "error", "reason", "first", "last")
    for each in count_by_reason(letters):
        kinds.add_row(
            str(each.letters),
            *map(escape, (each.topic, each.error, each.reason)),
            iso(each.first_ms),
            iso(each.last_ms),
        )
    console.print(kinds)
    rows = Table("letter", "written", "from", "key", "reason", "attempts", "done")
    for letter in letters[:limit]:
        texts = (letter.origin, letter.key or "none", letter.reason)
        rows.add_row(
            letter.id, iso(letter.written_ms), *map(escape, texts), str(letter.attempts), _done(letter.resolved)
        )
    console.print(rows)
    if len(letters) > limit:
        console.print(f"{len(letters) - limit} more: --limit {len(letters)}")
    if limit:
        console.print(f"One in full: warmpath dlq show {group} {letters[0].id}", highlight=False)
        console.print(f"Back to {group}, or away: warmpath dlq replay, warmpath dlq drop", highlight=False)


def _done(resolved: Resolution | None) -> str:
    return "" if resolved is None else escape(f"{resolved.outcome} by {resolved.by} at {resolved.at}")


def _print_plan(group: str, found: Plan, outcome: Outcome, command: str, *, yes: bool) -> None:
    console = Console(soft_wrap=True)
    for letter in found.ready:
        console.print(f"  {letter.id} {escape(f'{letter.origin} {letter.key}: {letter.reason}')}", highlight=False)
    for letter in found.resolved:
        console.print(f"  {letter.id} skipped: {_done(letter.resolved)}; --again includes it", highlight=False)
    for letter in found.truncated:
        words = f"too large to be kept whole ({letter.truncated} bytes), cannot be replayed; from {letter.origin}"
        console.print(f"  {letter.id} skipped: {escape(words)}", highlight=False)
    done = outcome if yes else f"would be {outcome}"
    console.print(f"{group}: {len(found.ready)} letters {done}. {escape(_next_step(group, found, command, yes=yes))}")


def _next_step(group: str, found: Plan, command: str, *, yes: bool) -> str:
    """What to add to the command, where it did not do what was probably meant."""
    if found.ready:
        return "" if yes else f"Nothing was done yet. This does it:\n  {command} --yes"
    if found.resolved:
        return f"To include those that were replayed or dropped before:\n  {command} --again"
    if found.truncated:
        return ""
    return f"No open letter matches. All that there are:\n  warmpath dlq list {group} --resolved"
