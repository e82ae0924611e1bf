"""The engine: events in, changes of suggestions out. Pure: it knows neither Kafka nor SQL.

It holds the graph in columns and keeps the live suggestions equal to what `rules.suggestions.all_suggestions` finds
from scratch (section 7). An event marks everything it may affect; an update matches that again, in slices of a
millisecond or two between which questions may be asked.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from random import Random
from typing import Any, cast

import numpy as np

from services.matching.domain import Person
from services.matching.engine import ask_next
from services.matching.engine.column_state import ColumnNetwork, ColumnState, QuestionNetwork
from services.matching.engine.columns.fit_words import pay_code
from services.matching.engine.columns.store import Store
from services.matching.engine.ingest import Ingest
from services.matching.engine.path_questions import PathQuestions
from services.matching.engine.update import Updater
from services.matching.engine.wording import Wording
from services.matching.events import INPUTS, Cause, Change, Event, Numbers, SuggestionRef, Ties, contract_violation
from services.matching.kernels.graph.layout import KNOWN
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.storage.arrays import I32
from services.matching.kernels.suggestions.live import TOP, find_row, find_rows
from services.matching.rules import questions
from services.matching.rules.ask_next import RatingCandidate
from services.matching.rules.fit import fit_parts
from services.matching.rules.paths import Path
from services.matching.rules.questions import Explanation, LeftThere
from services.matching.rules.suggestions import Key, Suggestion
from services.matching.snapshots.arrays import Array, Arrays
from services.matching.snapshots.engine_state import EngineState
from shared.resolution import Vocabulary

TRIES = 30
"""How often a row is drawn at random before those in use are listed."""

CHANGES_A_SLICE = 1000
"""Changes that are taken in one slice."""

__all__ = ["INPUTS", "Cause", "Change", "Engine", "Event", "Ties", "contract_violation"]


def _always(_posting: str) -> bool:
    return True


class Engine:
    """Live suggestions for the openings it answers for."""

    def __init__(
        self, vocabulary: Vocabulary, *, today: date | None = None, answers_for: Callable[[str], bool] = _always
    ) -> None:
        self._vocabulary, self._answers_for = vocabulary, answers_for
        self.store = Store(vocabulary)
        self.state = ColumnState(self.store)
        self.network = ColumnNetwork(self.store, self.state)
        self._wording = Wording(self.store)
        self._updater = Updater(self.store, self.state, self._wording)
        self._ingest = Ingest(self.store, self.state, self._updater.invalidation, vocabulary)
        self._questions = PathQuestions(self.store)
        self._ingest.day = today

    def apply(self, event: Event) -> list[Change]:
        """Apply one event; returns what it changed."""
        return self.apply_all((event,))

    def apply_all(self, events: Iterable[Event]) -> list[Change]:
        """Apply a burst as one step; returns what it changed altogether."""
        self.ingest(events)
        return self.update()

    def ingest(self, events: Iterable[Event]) -> None:
        """Put events into the columns; `update` brings the suggestions up to date with them.

        Raises:
            ValueError: an event does not fit its topic; those before it were ingested.
        """
        self._ingest.add_events(events)

    def ingest_ties(self, ties: Ties) -> None:
        """Ingest a burst of ties, as `ingest` does."""
        self._ingest.add_ties(ties)

    def update(self) -> list[Change]:
        """Bring the suggestions up to date with all that was ingested. Before the day is known nothing changes."""
        for _ in self.update_in_slices():
            pass
        return self.take_changes()

    def update_in_slices(self) -> Iterator[None]:
        """Update in slices, an iterator that must be exhausted; `take_changes` returns what it changed.

        Questions may be asked between slices. During the update to a new day they may see some ties at their age of the
        day before.
        """
        day = self._ingest.day
        if day is not None:
            self._note_answered()
            yield from self._updater.run(day)

    def take_changes(self) -> list[Change]:
        """What updates changed since the last call."""
        slices = self.take_changes_in_slices()
        while True:
            try:
                next(slices)
            except StopIteration as end:
                return cast("list[Change]", end.value)

    def take_changes_in_slices(self) -> Generator[None, None, list[Change]]:
        """The same in slices: a generator that must be exhausted, and returns the changes."""
        found = yield from self._updater.take_changes()
        # There may be thousands of them: no Python step for each.
        names = map(self.store.names.texts.__getitem__, found.seekers)
        ids = map(self.store.openings.ids.__getitem__, found.openings)
        columns = zip(names, ids, found.causes, zip(found.seekers, found.openings, strict=True), strict=True)
        made, taken = map(Change._make, columns), list[Change]()
        while some := list(islice(made, CHANGES_A_SLICE)):
            taken += some
            yield
        self._ingest.sweep()
        return taken

    def suspend_introductions(self, person: str) -> None:
        """A record of this person could not be read: until the next readable one they count as not introducing.

        Call `update` afterwards.
        """
        self._ingest.suspend_introductions(person)

    def repair(self, seeker: str, posting: str) -> None:
        """Match a suggestion again with the next `update`: it differed from the rules."""
        person, opening = self.store.names.find(seeker), self.store.openings.find(posting)
        if person >= 0 and opening >= 0:
            self._updater.invalidation.mark_pair(person, opening)

    def repair_tie(self, a: str, b: str) -> None:
        """Derive a tie again, and match with the next `update` what depends on it: it differed from the rules."""
        self._ingest.repair_tie(a, b)

    def version(self, topic: str, key: str) -> int | None:
        """The version of the newest record of a key, tombstones included; None without one."""
        return self._ingest.version(topic, key)

    def company(self, name: str, domain: str | None) -> str:
        """The company of this name; empty, which nobody is at, where it is no employer's."""
        return self._vocabulary.company(name, domain) or ""

    def family(self, company: str) -> str:
        """The company's family: its topmost known owner, or itself."""
        return self._vocabulary.family(company)

    def reach(self, posting: str) -> int | None:
        """How many seekers have a suggestion for an opening, whoever answers for it; None for an unknown one."""
        found = self._seekers(posting)
        return None if found is None else len(found)

    def seekers(self, posting: str) -> list[str] | None:
        """Who they are."""
        found = self._seekers(posting)
        return None if found is None else [self.store.names.name(seeker) for seeker in found.tolist()]

    def _seekers(self, posting: str) -> I32 | None:
        opening = self.store.openings.find(posting)
        if opening < 0 or not self.store.openings.held(opening):
            return None
        rematcher = self._updater.rematcher
        # Before the update that follows on events, the live rows are those of before them.
        if rematcher.answers[opening] and not self._updater.invalidation.anything:
            found: I32 = rematcher.live.rows.seeker[rematcher.live.by_opening.of(opening)]
            return found
        return self._updater.find_seekers(opening)

    def seekers_with_secrets(self, posting: str) -> list[str]:
        """All seekers whom least pay or blocked companies may keep from an opening, and perhaps more."""
        opening = self.state.openings.get(posting)
        if opening is None:
            return []
        top = math.inf if opening.pay is None or opening.pay.max is None else opening.pay.max
        found = self.store.seekers.with_secrets(pay_code(opening.pay), top)
        return [self.store.names.name(seeker) for seeker in found.tolist()]

    def seekers_known_to(self, person: str) -> list[str]:
        """Seekers who share a record with somebody, by id."""
        store, index = self.store, self.store.names.find(person)
        near = store.ties.near(index) if index >= 0 else ()
        return sorted(store.names.name(int(other)) for other in near if store.seekers.row(int(other)))

    def openings_within_reach(self, seeker: Person, helper: str) -> list[tuple[str, float]]:
        """Openings that fit a seeker as given here and that a helper may have a path to, with the fit.

        At companies where they, or somebody they share a record with, ever worked, or one of them is hiring contact.
        """
        store, openings, index = self.store, self.store.openings, self.store.names.find(helper)
        if index < 0:  # gone since the question before this one
            return []
        people = np.append(store.ties.near(index), np.int32(index))
        found, fits = store.fit.openings_for_given(seeker)
        near = np.isin(openings.columns.company[found], store.people.companies_of(people))
        near |= np.isin(openings.columns.hiring[found], people)
        values = zip(found[near].tolist(), fits[near].tolist(), strict=True)
        return [(openings.id(number), fit / SCALE) for number, fit in values]

    def suggestion(self, seeker: str, posting: str) -> Suggestion | None:
        """The live suggestion of a seeker for an opening, as of the last update."""
        person, opening = self.store.names.find(seeker), self.store.openings.find(posting)
        return None if person < 0 or opening < 0 else self._look(person, opening)

    def current(self, refs: Sequence[SuggestionRef]) -> list[Suggestion | None]:
        """The live suggestions meant, as of the last update; None for each that is not live."""
        live, today, rows = self._updater.rematcher.live, self.state.today, np.empty(len(refs), np.int32)
        if today is None:
            return [None] * len(refs)
        numbers = np.array([self._numbers(ref) for ref in refs], np.int32).reshape(-1, 2)
        find_rows(live, numbers[:, 0].copy(), numbers[:, 1].copy(), rows)
        found = self._wording.suggestions(live.rows, rows[rows >= 0], today)
        return [next(found) if row >= 0 else None for row in rows.tolist()]

    def _numbers(self, ref: SuggestionRef) -> Numbers:
        """The numbers of a seeker and an opening, -1 for one that is not known."""
        store, numbers = self.store, ref.numbers
        # Where the opening is gone, another one may have its number.
        if numbers is not None and store.openings.ids[numbers[1]] == ref.posting:
            return numbers
        return store.names.find(ref.seeker), store.openings.find(ref.posting)

    def _look(self, person: int, opening: int) -> Suggestion | None:
        live, today = self._updater.rematcher.live, self.state.today
        row = find_row(live, person, opening)
        return None if row < 0 or today is None else self._wording.suggestion(live.rows, row, today)

    def keys(self) -> Iterator[Key]:
        """Seeker and posting of all live suggestions."""
        live, name = self._updater.rematcher.live, self.store.names.name
        for opening in range(len(self.store.openings)):
            posting = self.store.openings.id(opening)
            for seeker in live.rows.seeker[live.by_opening.of(opening)].tolist():
                yield name(seeker), posting

    def any_key(self, random: Random) -> Key | None:
        """One of them, drawn uniformly; None without any."""
        rows, top = self._updater.rematcher.live.rows, int(self._updater.rematcher.live.slots[TOP])
        tries = (random.randrange(top) for _ in range(TRIES if top else 0))
        row = next((row for row in tries if rows.paths[row]), None)
        if row is None:
            used = np.flatnonzero(rows.paths[:top])
            if not len(used):
                return None
            row = random.choice(used)
        return self.store.names.name(int(rows.seeker[row])), self.store.openings.id(int(rows.opening[row]))

    def suggestions(self) -> dict[Key, Suggestion]:
        """All live suggestions."""
        live, today = self._updater.rematcher.live, self.state.today
        found: dict[Key, Suggestion] = {}
        if today is None:
            return found
        for opening in range(len(self.store.openings)):
            for made in self._wording.suggestions(live.rows, live.by_opening.of(opening), today):
                found[made.seeker, made.posting] = made
        return found

    def paths(self, person: str, company: str) -> tuple[list[Path], list[LeftThere]]:
        """Who could introduce somebody into a company, best first; without any, who left it.

        Raises:
            KeyError: nothing is known of them.
        """
        index, number = self.store.names.find(person), self.store.words.companies.find(company)
        if index < 0 or not self.store.people.columns.flags[index] & KNOWN:
            raise KeyError(person)
        if self.state.today is None or number < 0:
            return [], []
        view = self._updater.view
        count = self._questions.introducers(view, index, number)
        if count == 0:
            return [], self._questions.left_there(view, index, number)
        return self._wording.paths(self._questions.found, count), []

    def explain(self, seeker: str, posting: str) -> Explanation:
        """The suggestion with the numbers that were used, or the first rule that ruled it out."""
        found = self.suggestion(seeker, posting)
        if found is not None:
            person, opening = self.state.people[seeker], self.state.openings[posting]
            return Explanation(found, None, found.fit, fit_parts(person, opening, self.network.today))
        return questions.explain(self.network, seeker, posting)

    def ask_next(self, person: str, n: int) -> list[RatingCandidate]:
        """The contacts whose closeness, stated as 4, would most raise the sum over the person's openings."""
        index, openings = self.store.names.find(person), self.store.openings
        if index < 0 or self.state.today is None:
            return []
        numbers, fits = self.store.fit.openings_for(index)
        fitting = [(openings.opening(o), fit / SCALE) for o, fit in zip(numbers.tolist(), fits.tolist(), strict=True)]
        ties = self.store.ties
        near = [ties.near(index), *(ties.near(int(one)) for one in ties.tied_members(index))]
        among = np.unique(np.concatenate(near)).astype(np.int32, copy=False)
        insiders = {opening.id: self.network.insiders(opening, among) for opening, _ in fitting}
        network = QuestionNetwork(self.store, self.state, set().union(*insiders.values()))
        return ask_next.ask_next(network, person, n, fitting=fitting, insiders=lambda opening: insiders[opening.id])

    def snapshot_state(self) -> tuple[dict[str, Any], Iterator[tuple[str, Array]]]:
        """What a snapshot keeps, of an engine that is up to date: plain JSON, and arrays that are made one by one."""
        return self._engine_state().snapshot_state()

    def restore_state(self, meta: dict[str, Any], arrays: Arrays) -> None:
        """Restore a snapshot into a new engine. Openings that it did not answer for then wait for `update`."""
        self._engine_state().restore_state(meta, arrays)

    def rejoin_pages(self) -> Iterator[None]:
        """After a forked copy has ended: merge the pages that it split, in slices."""
        return self._engine_state().rejoin_pages()

    def _engine_state(self) -> EngineState:
        return EngineState(self.store, self.state, self._ingest, self._updater, self._answers_for)

    def _note_answered(self) -> None:
        """Set for which of the openings with a new record this engine answers."""
        answers = self._updater.rematcher.answers
        for opening in self._updater.invalidation.openings:
            held = self.store.openings.held(opening)
            answers[opening] = not held or self._answers_for(self.store.openings.id(opening))
