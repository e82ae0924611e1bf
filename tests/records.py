"""What the matcher takes in: each kind of evidence and record as a plain JSON value, and events of them.

A value has what its record must have. Whatever else a test needs, it says itself, also in the place of a default.
"""

from typing import Any

from services.matching.events import INPUTS, Event
from shared.events.ties import tie_key

Json = dict[str, Any]


def closeness(value: int) -> Json:
    return {"kind": "closeness", "value": value}


def connected(of: int | None = None) -> Json:
    return {"kind": "connected", "source": "LinkedIn"} | ({} if of is None else {"of": of})


def address() -> Json:
    return {"kind": "address", "source": "phone"}


def worked(months: int, **more: Any) -> Json:
    return {"kind": "worked_together", "company": "Acme", "months": months, **more}


def messages(sent: int, received: int, last: str = "2026-06-01") -> Json:
    """`last` is by default no earlier than the days on which tests look at it, so that nothing has faded."""
    return {"kind": "messages", "sent": sent, "received": received, "last": last}


def introduced(times: int) -> Json:
    return {"kind": "introduced", "times": times}


def blocked() -> Json:
    return {"kind": "blocked"}


def job(company: str = "Initech", **more: Any) -> Json:
    return {"company": company, **more}


def person(name: str, *jobs: Json, member: bool = True, **more: Any) -> Json:
    return {"person_id": name, "member": member, "employments": list(jobs), **more}


def contact(name: str, *jobs: Json, of: str = "s", **more: Any) -> Json:
    """Somebody in the address book of `of`."""
    return person(name, *jobs, member=False, imported_by=of, **more)


def tie(one: str, other: str, *evidence: Json) -> Json:
    """What one side says of the other."""
    return {"person_id": one, "contact_id": other, "evidence": list(evidence)}


def opening(name: str, company: str = "Initech", **more: Any) -> Json:
    """Of remote work as a developer, of which everybody may be told who fits."""
    required = {"posting_id": name, "company": {"name": company}, "title": "Developer", "workplace": "remote"}
    return {**required, "posted_at": "2026-01-05", "vouched": True, **more}


def introduction(name: str, introducer: str, *history: Json, **more: Any) -> Json:
    """By default that of a seeker who matters to nobody else."""
    return {"introduction_id": name, "seeker_id": "x", "introducer_id": introducer, "history": list(history), **more}


def event(topic: str, key: str, value: Json | None, version: int = 1) -> Event:
    """An event whose value carries the version; without a value, a tombstone."""
    model = INPUTS[topic]
    return Event(topic, key, None if value is None else model.model_validate({**value, "version": version}), version)


def topic_and_key(value: Json) -> tuple[str, str]:
    """Where the record stands of which this is the value, as its ids tell."""
    match value:
        case {"introduction_id": key}:
            return "introductions.v1", key
        case {"person_id": one, "contact_id": other}:
            return "ties.v1", tie_key(one, other)
        case {"person_id": key}:
            return "people.v1", key
        case {"posting_id": key}:
            return "postings.v1", key
        case {"day": _}:
            return "clock.v1", "day"
    raise ValueError(f"no record has these fields: {sorted(value)}")


def event_of(value: Json, version: int = 1) -> Event:
    return event(*topic_and_key(value), value, version)


def events_of(*values: Json, version: int = 1) -> list[Event]:
    return [event_of(value, version) for value in values]
