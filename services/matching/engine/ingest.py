"""Events into columns: the newest version of each key counts, and what it may affect is marked."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from services.matching.domain import Person, State, read_opening, read_person
from services.matching.engine.columns.store import Store
from services.matching.engine.columns.ties import Changed
from services.matching.engine.invalidation import Invalidation
from services.matching.events import ContractViolationError, Event, Ties, contract_violation
from services.matching.kernels.graph.layout import KNOWN, MEMBER
from services.matching.kernels.storage.arrays import I64, U8, U32
from services.matching.rules.bridge import helpfulness
from shared.events.clock import ClockV1
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.events.ties import TieV1
from shared.resolution import Vocabulary

BURST = 500
"""Ties that are applied at once: so many take well under two milliseconds."""

_TIES, _PEOPLE, _POSTINGS = "ties.v1", "people.v1", "postings.v1"


class Ingest:
    """Puts events into the columns. `day` is the newest day of a record; the next update makes it today."""

    def __init__(self, store: Store, state: State, invalidation: Invalidation, vocabulary: Vocabulary) -> None:
        self._store, self._state, self._invalidation, self._vocabulary = store, state, invalidation, vocabulary
        self.versions: dict[str, int] = {}
        """By introduction, tombstones included."""
        self.day: date | None = None

    def add_events(self, events: Iterable[Event]) -> None:
        """Ingest events in their order.

        Raises:
            ContractViolationError: an event does not fit its topic; those before it were ingested.
        """
        waiting: list[Event] = []
        for event in events:
            reason = contract_violation(event)
            if reason is None and event.topic == _TIES:
                waiting.append(event)
                continue
            self._flush(waiting)
            if reason is not None:
                raise ContractViolationError(reason)
            self._one(event)
        self._flush(waiting)

    def add_ties(self, ties: Ties) -> None:
        """Ingest a burst of ties."""
        evidences = ties.evidences
        codes = self._store.evidence.codes(evidences)
        present = np.array([found is not None for found in evidences], np.uint8)
        self._apply_ties(ties.persons, ties.contacts, codes, np.array(ties.versions, np.int64), present)

    def sweep(self) -> None:
        """Free what is no longer used; to be called between two steps."""
        self._store.evidence.sweep()

    def version(self, topic: str, key: str) -> int | None:
        """The version of the newest record of a key, tombstones included; None without one."""
        store = self._store
        if topic == _POSTINGS:
            return store.openings.version(key)
        if topic == _PEOPLE:
            index = store.names.find(key)
            found = -1 if index < 0 else store.people.version(index)
            return None if found < 0 else found
        if topic == _TIES:
            person, _, other = key.partition(":")
            a, b = store.names.find(person), store.names.find(other)
            return None if a < 0 or b < 0 else store.ties.version(a, b)
        return self.versions.get(key)

    def suspend_introductions(self, person: str) -> None:
        """Let the person count as not introducing until their next record."""
        index = self._store.names.find(person)
        if index >= 0:
            self._invalidation.mark_person(index)
            self._store.people.suspend_introductions(index)

    def repair_tie(self, a: str, b: str) -> None:
        """Derive a tie and its ends' help again, and mark what depends on them."""
        ends = [index for index in map(self._store.names.find, (a, b)) if index >= 0]
        self._changed(self._store.ties.rederive(np.array(ends, np.int32)))
        for index in ends:
            self.help(index)
            self._invalidation.mark_introducer(index)
            self._invalidation.mark_seeker(index)

    def help(self, index: int) -> None:
        """Compute how helpful an introducer is, and mark what a difference affects."""
        held = int(self._store.people.columns.help[index])
        self._store.people.set_help(index, helpfulness(self._state, self._store.names.name(index)))
        if held != self._store.people.columns.help[index]:
            self._invalidation.mark_introducer(index)

    def _flush(self, waiting: list[Event]) -> None:
        """Apply the ties that are waiting."""
        for first in range(0, len(waiting), BURST):
            part = waiting[first : first + BURST]
            values = [event.value for event in part]
            ends = [
                (value.person_id, value.contact_id) if isinstance(value, TieV1) else _ends(event.key)
                for value, event in zip(values, part, strict=True)
            ]
            evidences = [value.evidence if isinstance(value, TieV1) else None for value in values]
            self.add_ties(
                Ties([a for a, _ in ends], [b for _, b in ends], [event.version for event in part], evidences)
            )
        waiting.clear()

    def _apply_ties(
        self, persons: Sequence[str], contacts: Sequence[str], code: U32, version: I64, present: U8
    ) -> None:
        indexes = self._store.names.indexes
        self._changed(self._store.ties.apply(indexes(persons), indexes(contacts), code, version, present))

    def _changed(self, changed: Changed) -> None:
        if len(changed.a) or len(changed.bridge_ends) or len(changed.block_changed):
            self._invalidation.mark_ties(changed)

    def _one(self, event: Event) -> None:
        value = event.value
        if isinstance(value, ClockV1):
            self.day = value.day if self.day is None else max(self.day, value.day)
            return
        held = self.version(event.topic, event.key)
        if held is not None and event.version <= held:
            return
        if event.topic == _PEOPLE:
            self._person(event.key, value if isinstance(value, PersonV1) else None, event.version)
        elif event.topic == _POSTINGS:
            self._opening(event.key, value if isinstance(value, PostingV1) else None, event.version)
        else:
            self.versions[event.key] = event.version
            self._introduction(event.key, value if isinstance(value, IntroductionV1) else None)

    def _person(self, key: str, value: PersonV1 | None, version: int) -> None:
        store, index = self._store, self._store.names.index(key)
        after = None if value is None else read_person(value, self._vocabulary)
        if store.ties.loading:
            self._keep(index, value, after, version)
            store.ties.people_changed(np.array([index], np.int32))
            return
        before = store.people.person(index)
        if before == after:
            self._keep(index, value, after, version)
            return
        others = not _same_to_others(before, after)
        if others:
            self._invalidation.mark_person(index)
        flags = int(store.people.columns.flags[index])
        self._keep(index, value, after, version)
        if (flags ^ int(store.people.columns.flags[index])) & (KNOWN | MEMBER):
            self._changed(store.ties.people_changed(np.array([index], np.int32)))
        if others:
            self._invalidation.mark_person(index)
        self._invalidation.mark_seeker(index)

    def _keep(self, index: int, value: PersonV1 | None, person: Person | None, version: int) -> None:
        self._store.people.upsert(index, person, None if value is None else value.to_json(), version)
        self._store.ties.set_company_hint(index, self._store.people.company_hint(index))
        self._store.seekers.upsert(index, person)

    def _opening(self, key: str, value: PostingV1 | None, version: int) -> None:
        opening = None if value is None else read_opening(value, self._vocabulary)
        record = None if value is None else value.model_copy(update={"description": None}).to_json()
        openings = self._store.openings
        held = openings.find(key)
        head = openings.head(held) if held >= 0 and openings.held(held) else None
        number = openings.upsert(key, opening, record, version)
        if number >= 0:
            self._invalidation.openings.add(number)
        if opening is not None and head != opening.head:
            self._invalidation.shown_differently.add(number)

    def _introduction(self, key: str, value: IntroductionV1 | None) -> None:
        before = self._state.introductions.get(key)
        self._state.replace_introduction(key, value)
        if self._store.ties.loading:
            return
        for ask in (before, value):
            if ask is not None:
                self.help(self._store.names.index(ask.introducer_id))


def _ends(key: str) -> tuple[str, str]:
    person, _, other = key.partition(":")
    return person, other


def _same_to_others(before: Person | None, after: Person | None) -> bool:
    if before is None or after is None:
        return False
    return (before.member, before.introduces, before.jobs) == (after.member, after.introduces, after.jobs)
