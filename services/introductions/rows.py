"""Introductions as rows of the database, and as records of `introductions.v1`."""

from datetime import datetime
from typing import Any

import asyncpg

from services.introductions.introduction import Introduction, Opening, Path, Sealed, Step
from services.introductions.limits import Limits
from services.introductions.transitions import Origin, Outcome, State, Who
from shared.events.introductions import IntroductionV1, Legs
from shared.events.introductions import Step as StepV1


def introduction(row: asyncpg.Record) -> Introduction:
    """The introduction of a row, which has its quiet answers as `sealed`."""
    return Introduction(
        id=row["introduction_id"],
        origin=Origin(row["origin"]),
        seeker_id=row["seeker_id"],
        opening=opening(row),
        path=_path(row),
        state=State(row["state"]),
        history=tuple(_step(each) for each in row["history"]),
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        target_sent_at=row["target_sent_at"],
        reached_at=row["reached_at"],
        reached_target_at=row["reached_target_at"],
        agreed_at=row["agreed_at"],
        answers={Who(who): answer for who, answer in row["answers"].items()},
        sealed=tuple(
            Sealed(Who(each["who"]), each["answer"], datetime.fromisoformat(each["at"])) for each in row["sealed"] or ()
        ),
        uncounted=frozenset(map(Who, row["uncounted"])),
        then=tuple(row["next_introducers"]),
        first_at=row["first_at"],
        note=row["note"],
        contact=row["contact"],
        hidden=row["hidden"],
        talked_by=tuple(row["talked_by"]),
        version=row["version"],
    )


def opening(row: asyncpg.Record) -> Opening:
    """What the introduction of a row is about."""
    return Opening(row["opening_key"], row["company"], row["company_key"], row["posting_id"], row["title"], row["url"])


def _path(row: asyncpg.Record) -> Path:
    return Path(
        introducer_id=row["introducer_id"],
        insider_id=row["insider_id"],
        leg=row["leg"],
        target_leg=row["target_leg"],
        value=row["value"],
        firmness=row["firmness"],
        target_firmness=row["target_firmness"],
        reasons=tuple(row["reasons"]),
    )


def _step(each: dict[str, Any]) -> Step:
    outcome = each.get("outcome")
    return Step(State(each["state"]), datetime.fromisoformat(each["at"]), Outcome(outcome) if outcome else None)


def columns(one: Introduction) -> dict[str, Any]:
    """The row of an introduction, without its quiet answers."""
    return {
        **_fixed(one),
        "introduction_id": one.id,
        "version": one.version,
        "seeker_id": one.seeker_id,
        "state": one.state.value,
        "outcome": one.outcome and one.outcome.value,
        "history": [
            {"state": step.state.value, "at": step.at.isoformat()}
            | ({"outcome": step.outcome.value} if step.outcome else {})
            for step in one.history
        ],
        "begun_at": _text(one.begun_at),
        "asked_at": _text(one.at(State.ASKED)),
        "accepted_at": _text(one.at(State.ACCEPTED)),
        "introduced_at": _text(one.at(State.INTRODUCED)),
        "ended_at": _text(one.ended_at),
        "due_at": _text(one.due_at),
        "sent_at": _text(one.sent_at),
        "target_sent_at": _text(one.target_sent_at),
        "reached_at": _text(one.reached_at),
        "reached_target_at": _text(one.reached_target_at),
        "agreed_at": _text(one.agreed_at),
        "answers": {who.value: answer for who, answer in one.answers.items()},
        "uncounted": sorted(one.uncounted),
        "next_introducers": list(one.then),
        "first_at": _text(one.first_at),
        "note": one.note,
        "contact": one.contact,
        "hidden": one.hidden,
        "talked_by": list(one.talked_by),
        "waits_for": one.waits_for_room_of,
    }


def _fixed(one: Introduction) -> dict[str, Any]:
    return {
        "origin": one.origin.value,
        "introducer_id": one.path.introducer_id,
        "insider_id": one.path.insider_id,
        "opening_key": one.opening.key,
        "posting_id": one.opening.posting_id,
        "company": one.opening.company,
        "company_key": one.opening.company_key,
        "title": one.opening.title,
        "url": one.opening.url,
        "leg": one.path.leg,
        "target_leg": one.path.target_leg,
        "value": one.path.value,
        "firmness": one.path.firmness,
        "target_firmness": one.path.target_firmness,
        "reasons": list(one.path.reasons),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def record(one: Introduction, version: int) -> IntroductionV1:
    """The record of `introductions.v1`: ids, states and dates, and nothing of a quiet answer."""
    return IntroductionV1(
        introduction_id=one.id,
        version=version,
        seeker_id=one.seeker_id,
        introducer_id=one.path.introducer_id,
        insider_id=one.path.insider_id,
        posting_id=one.opening.posting_id,
        company=None if one.opening.posting_id else one.opening.company,
        origin=None if one.origin == Origin.ASK else "offer",
        legs=Legs(introducer=one.path.leg, target=one.path.target_leg),
        sent_at=one.sent_at,
        due_at=one.due_at,
        talked_by=one.talked_by or None,
        history=tuple(
            StepV1(
                status=step.state.value,
                at=step.at,
                outcome=step.outcome and step.outcome.value,
                counts=None if one.counts(step) else False,
            )
            for step in one.history
        ),
    )


def limits(row: asyncpg.Record) -> Limits:
    """What somebody allows."""
    return Limits(
        asks_a_month=row["asks_a_month"],
        quiet_until=row["quiet_until"],
        never_companies=frozenset(row["never_company_keys"]),
        never_members=frozenset(row["never_members"]),
        asked_from=row["asked_from"],
    )
