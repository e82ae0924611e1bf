"""A tiny world that makes an engine go through every kernel, so that all are compiled before anybody waits."""

import multiprocessing
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any

import numpy as np

from services.matching.engine.engine import Engine
from services.matching.events import INPUTS, Event
from services.matching.kernels import code_cache
from services.matching.kernels.invalidation import first_hops, marked_set
from services.matching.kernels.suggestions import live
from services.matching.kernels.suggestions.rows import new_suggestion_rows
from services.matching.kernels.ties import tie_records
from shared.messaging.topics.catalogue import CLOCK, TIES
from shared.resolution import Vocabulary

DAY = date(2026, 3, 1)
CROWD = 20
"""More ties than are followed one by one when they change together."""

LONG = 64
"""Ties of one person: enough for the longer ways to sort."""


def warm(*, alone: bool = False) -> None:
    """Compile all that is not compiled yet, and remove what older sources left behind.

    Unless it is to be done `alone`, a second process compiles what needs no ties meanwhile. What both come to is
    compiled twice, and kept once.
    """
    if not alone:
        beside = multiprocessing.get_context("fork").Process(target=_live_through, args=(INPUTS.keys() - {TIES.name},))
        beside.start()
        for _ in _bursts_of(_engine(), {TIES.name, CLOCK.name}):
            pass
        beside.join()
    before = ""
    for step in world():
        if step != before:  # whole lines: something else may be told beside it
            sys.stdout.write(f"  kernels: {step}\n")
            sys.stdout.flush()
        before = step
    code_cache.note_complete()


def _live_through(topics: AbstractSet[str]) -> None:
    for _ in world(topics):
        pass


def world(topics: AbstractSet[str] = INPUTS.keys()) -> Iterator[str]:
    """Live through it, or what some topics tell of it; what is done next."""
    engine = _engine()
    yield from _bursts_of(engine, topics)
    yield "questions"
    _ask(engine)
    _count()
    yield "a snapshot"
    meta, arrays = engine.snapshot_state()
    kept = {name: np.array(array) for name, array in arrays}
    again = Engine(Vocabulary.of({}))
    again.restore_state(meta, kept)
    again.update()
    yield "done"


def _engine() -> Engine:
    return Engine(Vocabulary.of({"titles": {"tester": {"occupation": "t", "group": "g", "recruiting": False}}}))


def _bursts_of(engine: Engine, topics: AbstractSet[str]) -> Iterator[str]:
    yield "records of ties"
    _partition_no_hops()
    _replace_nothing_in_slices()
    tie_records.scan(np.frombuffer(b"\x0c\0\0\0\1\1\0", np.uint8), np.zeros((1, tie_records.COLUMNS), np.int64))
    for name, burst in _bursts():
        yield name
        engine.current(engine.apply_all([event for event in burst if event.topic in topics]))


def _partition_no_hops() -> None:
    """What only bursts with thousands of steps come to."""
    steps, nobody, places = first_hops.new_first_hops(1), marked_set.new_marked_set(1), np.zeros(2, np.int64)
    first_hops.count_parts(steps, nobody, 0, places, 0, 0)
    first_hops.partition(steps, nobody, 0, places, steps.keys, 0, 0)


def _replace_nothing_in_slices() -> None:
    """What only an opening, or a seeker, with hundreds of suggestions comes to."""
    held, changes, nobody = live.new_live(1, 1, 1), live.new_changes(1), np.zeros(1, np.uint8)
    end = live.begin_replace(held, 0, True)
    live.upsert_rows(held, changes, new_suggestion_rows(1), 0, 0, True)
    live.withdraw_missing(held, changes, True, 0, 0, end, nobody, True)


def _ask(engine: Engine) -> None:
    for person in ("m0", "h", "c0"):
        engine.ask_next(person, 3)
        engine.explain(person, "o0")
    for person, company in (("m0", "Initech"), ("m0", "Globex"), ("m0", "Nowhere"), (_name(LONG - 1), "Initech")):
        engine.paths(person, engine.company(company, None))  # by its id: nothing is looked up of another name
    engine.reach("o0")
    engine.repair("m0", "o0")
    engine.update()


def _count() -> None:
    """Ask about an opening that is not answered for."""
    other = Engine(Vocabulary.of({}), today=DAY, answers_for=lambda _: False)
    other.apply(_event("postings.v1", "o9", 1, **_opening("Initech")))
    other.reach("o9")


def _bursts() -> Iterator[tuple[str, list[Event]]]:
    yield "loading", [_event("clock.v1", "day", 1, day=DAY.isoformat()), *_records(1)]
    yield "ties", _ties(2, 4)
    yield "one tie", [_tie("m0", "h", 3, 2)]
    yield "people", [_event("people.v1", "m1", 2, **_person("m1", company="Globex"))]
    for number in range(3):
        yield "openings", [_event("postings.v1", f"o{number}", 2, **_opening("Globex" if number else "Initech"))]
    yield "no seekers", [_event("postings.v1", "o3", 2, **_opening("Nowhere", skills=["rust"]))]
    rust = ["python", "sql", "rust"]
    few = [
        _event("people.v1", "m0", 2, **_person("m0", company="Initech", skills=rust)),
        _event("postings.v1", "o4", 2, **_opening("Hooli", skills=["rust"])),
    ]
    yield "one seeker and a well-known insider", few
    later = (DAY + timedelta(days=400)).isoformat()
    yield "a new day", [_event("clock.v1", "day", 2, day=later)]
    gone = [Event("ties.v1", f"h:{_name(n)}", None, 9) for n in range(LONG)]
    yield "endings", [Event("people.v1", "m2", None, 9), Event("postings.v1", "o1", None, 9), *gone]
    yield "evidence", _ties(10, 5)


def _records(version: int) -> list[Event]:
    people = [_event("people.v1", _name(n), version, **_person(_name(n), company="Initech")) for n in range(LONG)]
    away = {"discreet": True, "blocked_companies": ["Globex"]}
    people.append(_event("people.v1", _name(LONG - 1), version + 1, **_person(_name(LONG - 1), "Hooli", seeking=away)))
    hub = _event("people.v1", "h", version, **_person("h", company="Hooli"))
    asked = _event(
        "introductions.v1", "i0", version, introduction_id="i0", seeker_id="m0", introducer_id="m1",
        history=[{"status": "introduced", "at": "2026-01-01T00:00:00Z"}],
    )  # fmt: skip
    opening = _event("postings.v1", "o0", version, **_opening("Initech"))
    return [*people, hub, asked, opening, *_ties(version, 3)]


def _name(number: int) -> str:
    return f"m{number}" if number < CROWD else f"c{number}"


def _ties(version: int, closeness: int) -> list[Event]:
    """A hub whom everybody knows, and a ring."""
    made = []
    for number in range(LONG):
        made.append(_tie("h", _name(number), version, closeness))
        if number < CROWD:
            made.append(_tie(_name(number), "h", version, closeness))
            made.append(_tie(_name(number), _name((number + 1) % CROWD), version, closeness))
    return made


def _tie(one: str, other: str, version: int, closeness: int) -> Event:
    evidence = [
        {"kind": "closeness", "value": closeness},
        {"kind": "messages", "sent": 3, "received": 4, "last": "2026-02-01"},
    ]
    return _event("ties.v1", f"{one}:{other}", version, person_id=one, contact_id=other, evidence=evidence)


def _person(name: str, company: str, **more: Any) -> dict[str, Any]:
    member = not name.startswith("c")
    sought = {"titles": ["Tester"], "skills": ["sql"], "discreet": True, "blocked_companies": ["Umbrella"]}
    job = {"company": company, "title": "Tester", "start": "2020-01-01", "seen": "2025-06-01"}
    return {
        "person_id": name, "member": member, "introduces": member, "employments": [job], "skills": ["python", "sql"],
        **({"seeking": sought} if member else {}), **more,
    }  # fmt: skip


def _opening(company: str, **more: Any) -> dict[str, Any]:
    return {
        "company": {"name": company}, "title": "Tester", "skills": ["python", "sql"], "workplace": "onsite",
        "status": "open", "posted_at": "2026-02-01T09:00:00Z", "locations": ["Berlin"], "hiring_contact": "c30", **more,
    }  # fmt: skip


def _event(topic: str, key: str, version: int, **value: Any) -> Event:
    named = {"posting_id": key} if topic == "postings.v1" else {}
    return Event(topic, key, INPUTS[topic].model_validate({**value, **named, "version": version}), version)
