"""A small network that makes an engine call every kernel, so that all are compiled before anybody waits for one."""

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

MEMBERS = 20
"""More than have their changed ties followed one by one when they change together."""

PEOPLE = 64
"""The ties of the one whom all know: enough for the kernels that sort long runs."""


def compile_kernels(*, in_one_process: bool = False) -> None:
    """Compile what is not compiled yet, and remove what older sources left behind.

    Unless it is to be done `in_one_process`, a second one compiles what needs no ties meanwhile. What both need is
    compiled twice, and kept once.
    """
    if not in_one_process:
        others = multiprocessing.get_context("fork").Process(
            target=_use_kernels_of, args=(INPUTS.keys() - {TIES.name},)
        )
        others.start()
        for _ in _ingest(_new_engine(), {TIES.name, CLOCK.name}):
            pass
        others.join()
    before = ""
    for step in use_every_kernel():
        if step != before:  # whole lines: something else may be printed beside them
            sys.stdout.write(f"  kernels: {step}\n")
            sys.stdout.flush()
        before = step
    code_cache.note_complete()


def _use_kernels_of(topics: AbstractSet[str]) -> None:
    for _ in use_every_kernel(topics):
        pass


def use_every_kernel(topics: AbstractSet[str] = INPUTS.keys()) -> Iterator[str]:
    """Take a small network through everything an engine does, or what concerns some topics; yields what comes next."""
    engine = _new_engine()
    yield from _ingest(engine, topics)
    yield "questions"
    _ask_questions(engine)
    _count_for_another_shard()
    yield "a snapshot"
    meta, arrays = engine.snapshot_state()
    kept = {name: np.array(array) for name, array in arrays}
    restored = Engine(Vocabulary.of({}))
    restored.restore_state(meta, kept)
    restored.update()
    yield "done"


def _new_engine() -> Engine:
    return Engine(Vocabulary.of({"titles": {"tester": {"occupation": "t", "group": "g", "recruiting": False}}}))


def _ingest(engine: Engine, topics: AbstractSet[str]) -> Iterator[str]:
    yield "records of ties"
    _call_kernels_of_large_networks()
    tie_records.scan(np.frombuffer(b"\x0c\0\0\0\1\1\0", np.uint8), np.zeros((1, tie_records.COLUMNS), np.int64))
    for name, burst in bursts():
        yield name
        engine.current(engine.apply_all([event for event in burst if event.topic in topics]))


def _call_kernels_of_large_networks() -> None:
    """With nothing to do: what is called for thousands of first hops, or hundreds of suggestions, alone."""
    steps, nobody, places = first_hops.new_first_hops(1), marked_set.new_marked_set(1), np.zeros(2, np.int64)
    first_hops.count_parts(steps, nobody, 0, places, 0, 0)
    first_hops.partition(steps, nobody, 0, places, steps.keys, 0, 0)
    held, changes, judged = live.new_live(1, 1, 1), live.new_changes(1), np.zeros(1, np.uint8)
    end = live.begin_replace(held, 0, True)
    live.upsert_rows(held, changes, new_suggestion_rows(1), 0, 0, True)
    live.withdraw_missing(held, changes, True, 0, 0, end, judged, True)


def _ask_questions(engine: Engine) -> None:
    for person in ("m0", "h", "c0"):
        engine.ask_next(person, 3)
        engine.explain(person, "o0")
    for person, company in (("m0", "Initech"), ("m0", "Globex"), ("m0", "Nowhere"), (_name(PEOPLE - 1), "Initech")):
        engine.paths(person, engine.company(company, None))
    engine.reach("o0")
    engine.repair("m0", "o0")
    engine.update()


def _count_for_another_shard() -> None:
    """The reach of an opening that the engine does not answer for."""
    other = Engine(Vocabulary.of({}), today=DAY, answers_for=lambda _: False)
    other.apply(_event("postings.v1", "o9", 1, **_opening("Initech")))
    other.reach("o9")


def bursts() -> Iterator[tuple[str, list[Event]]]:
    """The network's records and what becomes of them: each burst with a name, to be applied in this order."""
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
    ended = [Event("ties.v1", f"h:{_name(n)}", None, 9) for n in range(PEOPLE)]
    yield "tombstones", [Event("people.v1", "m2", None, 9), Event("postings.v1", "o1", None, 9), *ended]
    yield "evidence", _ties(10, 5)


def _records(version: int) -> list[Event]:
    people = [_event("people.v1", _name(n), version, **_person(_name(n), company="Initech")) for n in range(PEOPLE)]
    blocks = {"discreet": True, "blocked_companies": ["Globex"]}
    last = _name(PEOPLE - 1)
    people.append(_event("people.v1", last, version + 1, **_person(last, "Hooli", seeking=blocks)))
    hub = _event("people.v1", "h", version, **_person("h", company="Hooli"))
    introduced = _event(
        "introductions.v1", "i0", version, introduction_id="i0", seeker_id="m0", introducer_id="m1",
        history=[{"status": "introduced", "at": "2026-01-01T00:00:00Z"}],
    )  # fmt: skip
    opening = _event("postings.v1", "o0", version, **_opening("Initech"))
    return [*people, hub, introduced, opening, *_ties(version, 3)]


def _name(number: int) -> str:
    return f"m{number}" if number < MEMBERS else f"c{number}"


def _ties(version: int, closeness: int) -> list[Event]:
    """A hub whom everybody knows, and a ring of members."""
    made = []
    for number in range(PEOPLE):
        made.append(_tie("h", _name(number), version, closeness))
        if number < MEMBERS:
            made.append(_tie(_name(number), "h", version, closeness))
            made.append(_tie(_name(number), _name((number + 1) % MEMBERS), version, closeness))
    return made


def _tie(one: str, other: str, version: int, closeness: int) -> Event:
    evidence = [
        {"kind": "closeness", "value": closeness},
        {"kind": "messages", "sent": 3, "received": 4, "last": "2026-02-01"},
    ]
    return _event("ties.v1", f"{one}:{other}", version, person_id=one, contact_id=other, evidence=evidence)


def _person(name: str, company: str, **more: Any) -> dict[str, Any]:
    member = not name.startswith("c")
    seeking = {"titles": ["Tester"], "skills": ["sql"], "discreet": True, "blocked_companies": ["Umbrella"]}
    job = {"company": company, "title": "Tester", "start": "2020-01-01", "seen": "2025-06-01"}
    return {
        "person_id": name, "member": member, "introduces": member, "employments": [job], "skills": ["python", "sql"],
        **({"seeking": seeking} if member else {}), **more,
    }  # fmt: skip


def _opening(company: str, **more: Any) -> dict[str, Any]:
    return {
        "company": {"name": company}, "title": "Tester", "skills": ["python", "sql"], "workplace": "onsite",
        "status": "open", "posted_at": "2026-02-01T09:00:00Z", "locations": ["Berlin"], "hiring_contact": "m9",
        "vouched": True, **more,
    }  # fmt: skip


def _event(topic: str, key: str, version: int, **value: Any) -> Event:
    named = {"posting_id": key} if topic == "postings.v1" else {}
    return Event(topic, key, INPUTS[topic].model_validate({**value, **named, "version": version}), version)
