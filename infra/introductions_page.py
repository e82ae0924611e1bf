"""`docs/introductions.md`: how an introduction goes, drawn and tabled from what the service itself runs by."""

from collections.abc import Iterator
from pathlib import Path

from services.introductions import disclosure, limits
from services.introductions.commands import ANSWERS
from services.introductions.disclosure import Phase
from services.introductions.transitions import DEADLINES, TRANSITIONS, Action, Deadline, Origin, Transition, Who

PAGE = Path("docs/introductions.md")
NOTHING = "none"
PEOPLE = (Who.SEEKER, Who.INTRODUCER, Who.TARGET)

HEAD = """# Introductions

<!-- written by `make docs` from services/introductions: change it there -->

A **seeker** asks an **introducer**, who knows the **target** at the company; on a direct path the introducer is the
target. An **ask** is begun by the seeker, an **offer** by the introducer. Nobody is named to anybody, or written to,
before the person in between has agreed; the target's own yes introduces the two.
"""

QUIET = f"""## Quiet answers

An introducer may say no now or quietly; a target's no is always quiet. A quiet answer is sealed: until the deadline all
stays as it was for everybody but who gave it, and at the deadline it becomes `declined`. So the seeker cannot tell it
from no answer: both read *{disclosure.ENDED_SENTENCE}*, at the same time. Of whoever
works there themself they read *{disclosure.NO_TALK_SENTENCE}* instead.

What each may answer: {"; ".join(f"{who.value}: {', '.join(answers)}" for who, answers in ANSWERS.items())}.
"""

LIMITS = f"""## Limits

- An introducer, and a target who is a member, is reached by at most `asks_a_month` requests within 30 days
  ({limits.DEFAULT_ASKS} unless they say otherwise, 0 to {limits.MOST_ASKS}); by none before `quiet_until`, about no
  company and from no member they `never` want to hear of, and only by people they know as well as `from` says: any tie,
  warm ones (firmness of {limits.LEAST_FIRMNESS["warm"]} or more, or a direct path) or close ones
  ({limits.LEAST_FIRMNESS["close"]} or more). All of these look alike to the seeker: the ask waits. How well
  they know each other is looked at again while it waits, so that a later rating lets it go on.
- Free places go to waiting asks by value / (1 + asks of that seeker delivered within 30 days), then to the older one,
  then to the smaller id.
- A seeker has at most {limits.MOST_LIVE} live introductions, one for an opening and one with an introducer; asks the
  same introducer again {limits.SAME_INTRODUCER_AFTER.days} days after the end at the earliest, and never about the same
  opening. They may name up to {limits.MOST_ORDERED} introducers, who are asked one after the other.
- At most {limits.OFFERS_WAITING} offers wait for a seeker, and an introducer sends at most {limits.OFFERS_A_DAY} a day.
- Of an offer that the seeker's least pay or blocked companies leave out, the seeker learns nothing. To the introducer
  it looks like any other, and it ends without an answer.
"""


def introductions_page() -> str:
    """The page."""
    parts = [HEAD, "## The way of an introduction\n", *_drawing(), "", *_steps(), "", *_deadlines(), "", QUIET]
    return "\n".join([*parts, *_who_sees_what(), "", LIMITS])


def _drawing() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    lines: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        for source in [state.value for state in row.sources] or ["[*]"]:
            lines.setdefault((source, row.to.value), []).append(_label(row))
    for (source, to), labels in lines.items():
        yield f"    {source} --> {to}: {' / '.join(dict.fromkeys(labels))}"
    yield "    declined --> [*]"
    yield "    expired --> [*]"
    yield "    closed --> [*]"
    yield "```"


def _label(row: Transition) -> str:
    done = row.action.value if row.action != Action.TIME else "time is over"
    return f"{done} ({row.who.value})" if row.who != Who.SYSTEM else done


def _steps() -> Iterator[str]:
    yield "| from | to | who | what | needs |"
    yield "|---|---|---|---|---|"
    for row in TRANSITIONS:
        origin = f" ({row.origin.value})" if row.origin else ""
        source = ", ".join(f"`{state.value}`" for state in row.sources) or NOTHING
        outcome = f" ({', '.join(each.value for each in row.outcomes)})" if row.outcomes else ""
        cells = (source + origin, f"`{row.to.value}`{outcome}", row.who.value, row.action.value, row.needs or NOTHING)
        yield f"| {' | '.join(cells)} |"


def _deadlines() -> Iterator[str]:
    yield "| state | lasts | then | waits for | reminders after |"
    yield "|---|---|---|---|---|"
    for each in DEADLINES:
        then = each.to.value + (f" ({each.outcome.value})" if each.outcome else "")
        reminders = ", ".join(f"{after.days} days" for after in each.reminded_after) or NOTHING
        cells = (
            f"`{each.state.value}`{_only(each)}",
            f"{each.lasts.days} days",
            f"`{then}`",
            each.waits_for.value,
            reminders,
        )
        yield f"| {' | '.join(cells)} |"


def _only(each: Deadline) -> str:
    return {None: "", Origin.ASK: " (ask)", Origin.OFFER: " (offer)"}[each.origin]


def _who_sees_what() -> Iterator[str]:
    yield "## Who sees what\n"
    yield f"| | {' | '.join(who.value for who in PEOPLE)} |"
    yield "|---|---|---|---|"
    for phase in Phase:
        cells = (", ".join(sorted(disclosure.TABLE.get((who, phase), ()))) or "nothing" for who in PEOPLE)
        yield f"| {phase.value} | {' | '.join(cells)} |"
