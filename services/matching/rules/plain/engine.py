"""The plain engine: events in, changes of suggestions out. The fast engine gives the same, and is tested against it.

It holds the state and keeps the live suggestions equal to what `suggestions.all_suggestions` gives from scratch
(section 7). Each event marks every suggestion it may affect; an update matches these again by the rules.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import Random

from services.matching.domain import Opening, Person, State, read_opening, read_person
from services.matching.events import Cause, Change, Event, SuggestionRef, Ties, check
from services.matching.rules.paths import InsiderIndex
from services.matching.rules.plain.caching_network import CachingNetwork
from services.matching.rules.plain.invalidation import Invalidation
from services.matching.rules.suggestions import Key, Suggestion, suggestion
from shared.events.base import Contract
from shared.events.clock import ClockV1
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.events.ties import TieV1
from shared.resolution import Vocabulary


def _always(_posting: str) -> bool:
    return True


class Engine:
    """Live suggestions for the openings it answers for."""

    def __init__(
        self, vocabulary: Vocabulary, *, today: date | None = None, answers_for: Callable[[str], bool] = _always
    ) -> None:
        self.state = State(today=today)
        self.network = CachingNetwork(self.state)
        self._vocabulary = vocabulary
        self._answers_for = answers_for
        self._versions: dict[tuple[str, str], int] = {}
        self._live: dict[str, dict[str, Suggestion]] = {}
        self._invalidation = Invalidation(self.state)
        self._changes: list[Change] = []

    def apply(self, event: Event) -> list[Change]:
        """Apply one event; returns what it changed."""
        return self.apply_all((event,))

    def apply_all(self, events: Iterable[Event]) -> list[Change]:
        """Apply a burst as one step; returns what it changed altogether."""
        self.ingest(events)
        return self.update()

    def ingest(self, events: Iterable[Event]) -> None:
        """Put events into the state; `update` brings the suggestions up to date with them."""
        for event in events:
            self._ingest(event)

    def ingest_ties(self, ties: Ties) -> None:
        """Ingest a burst of ties, as `ingest` does."""
        self.ingest(ties.events())

    def update(self) -> list[Change]:
        """Bring the suggestions up to date with all that was ingested. Before the day is known nothing changes."""
        for _ in self.update_in_slices():
            pass
        return self.take_changes()

    def update_in_slices(self) -> Iterator[None]:
        """Update in slices, an opening each: an iterator that must be exhausted."""
        if self.state.today is None:
            return
        marks = self._invalidation.take()
        for posting, seekers in self._invalidation.of(marks, self._live):
            if self._answers_for(posting):
                cause: Cause = "opening" if posting in marks.openings else "network"
                self._changes += self._match(posting, seekers, cause)
                yield

    def take_changes(self) -> list[Change]:
        """What updates changed since the last call."""
        taken, self._changes = self._changes, []
        return taken

    def take_changes_in_slices(self) -> Generator[None, None, list[Change]]:
        """The same in slices, as the fast engine has it."""
        yield
        return self.take_changes()

    def suspend_introductions(self, person: str) -> None:
        """A record of this person cannot be read: until the next readable one they count as not introducing.

        Call `update` afterwards.
        """
        held = self.state.people.get(person)
        if held is not None and held.introduces:
            self._apply_person(person, replace(held, introduces=False))

    def repair(self, seeker: str, posting: str) -> None:
        """Match a suggestion again with the next `update`: it differed from the rules."""
        self._invalidation.pair(seeker, posting)

    def repair_tie(self, a: str, b: str) -> None:
        """Derive a tie again, and match with the next `update` what depends on it: it differed from the rules."""
        self.network.invalidate_tie(a, b)
        for end in (a, b):
            self.network.invalidate_help(end)
            self._invalidation.introducer(end)
        self._invalidation.tie(a, b, bridges=True)

    def version(self, topic: str, key: str) -> int | None:
        """The version of the newest record of a key, tombstones included; None without one."""
        return self._versions.get((topic, key))

    def company(self, name: str, domain: str | None) -> str:
        """The company of this name; empty, which nobody is at, where it is no employer's."""
        return self._vocabulary.company(name, domain) or ""

    def family(self, company: str) -> str:
        """The company's family: its topmost known owner, or itself."""
        return self._vocabulary.family(company)

    def reach(self, posting: str) -> int | None:
        """How many seekers have a suggestion for an opening, whoever answers for it; None for an unknown one."""
        opening = self.state.openings.get(posting)
        if opening is None:
            return None
        if self._answers_for(posting):
            return len(self._live.get(posting, ()))
        insiders = InsiderIndex(self.network, self.network.insiders(opening))
        people = self.state.people.values()
        return sum(suggestion(self.network, person, opening, insiders) is not None for person in people)

    def suggestion(self, seeker: str, posting: str) -> Suggestion | None:
        """The live suggestion of a seeker for an opening, as of the last update."""
        return self._live.get(posting, {}).get(seeker)

    def current(self, refs: Sequence[SuggestionRef]) -> list[Suggestion | None]:
        """The live suggestions meant, as of the last update; None for each that is not live."""
        return [self.suggestion(ref.seeker, ref.posting) for ref in refs]

    def keys(self) -> Iterator[Key]:
        """Seeker and posting of all live suggestions."""
        return ((seeker, posting) for posting, found in self._live.items() for seeker in found)

    def any_key(self, random: Random) -> Key | None:
        """A random one of them, all equally likely; None if there are none."""
        keys = list(self.keys())
        return random.choice(keys) if keys else None

    def suggestions(self) -> dict[Key, Suggestion]:
        """All live suggestions."""
        return {(seeker, posting): s for posting, found in self._live.items() for seeker, s in found.items()}

    def _match(self, posting: str, seekers: Iterable[str], cause: Cause) -> list[Change]:
        opening, held = self.state.openings.get(posting), self._live.get(posting, {})
        insiders = None if opening is None else InsiderIndex(self.network, self.network.insiders(opening))
        changes: list[Change] = []
        for seeker in sorted(seekers):
            person, made = self.state.people.get(seeker), None
            if opening is not None and insiders is not None and person is not None:
                made = suggestion(self.network, person, opening, insiders)
            if made == held.get(seeker):
                continue
            changes.append(Change(seeker, posting, cause))
            if made is None:
                del held[seeker]
            else:
                held[seeker] = made
        if held:
            self._live[posting] = held
        else:
            self._live.pop(posting, None)
        return changes

    def _ingest(self, event: Event) -> None:
        check(event)
        if isinstance(event.value, ClockV1):
            self._apply_day(event.value.day)
            return
        entity = (event.topic, event.key)
        if event.version <= self._versions.get(entity, -1):
            return
        self._versions[entity] = event.version
        self._apply(event.topic, event.key, event.value)

    def _apply(self, topic: str, key: str, value: Contract | None) -> None:
        match topic, value:
            case "people.v1", PersonV1() | None as person:
                self._apply_person(key, None if person is None else read_person(person, self._vocabulary))
            case "ties.v1", TieV1() | None as tie:
                self._apply_tie(key, tie)
            case "postings.v1", PostingV1() | None as posting:
                self._apply_opening(key, None if posting is None else read_opening(posting, self._vocabulary))
            case "introductions.v1", IntroductionV1() | None as introduction:
                self._apply_introduction(key, introduction)

    def _apply_day(self, day: date) -> None:
        """The day only moves forward."""
        if self.state.today is None or day > self.state.today:
            self.state.today = day
            self.network.invalidate_day()
            self._invalidation.day()

    def _apply_person(self, key: str, after: Person | None) -> None:
        before = self.state.people.get(key)
        if before == after:
            return
        if after is None:
            del self.state.people[key]
        else:
            self.state.people[key] = after
        self._invalidation.person(before, after)
        self.network.employments_changed(key, before, after)
        self.network.invalidate_insiders(self._invalidation.openings_of(before, after))
        if before is None or after is None or before.member != after.member:
            self.network.invalidate_person(key)

    def _apply_tie(self, key: str, value: TieV1 | None) -> None:
        ends = self.state.tie_ends(key) if value is None else (value.person_id, value.contact_id)
        if ends is None or (
            value is not None and self.state.has_side(*ends) and self.state.side(*ends) == value.evidence
        ):
            return
        were_tied = self._tied_members(*ends)
        self.state.replace_tie(key, value)
        self.network.invalidate_tie(*ends)
        self._invalidation.tie(*ends, bridges=were_tied != self._tied_members(*ends))

    def _tied_members(self, a: str, b: str) -> bool:
        people = (self.state.people.get(a), self.state.people.get(b))
        if not all(person is not None and person.member for person in people) or self._invalidation.everything:
            return False
        return self.network.tie(a, b) is not None

    def _apply_opening(self, key: str, after: Opening | None) -> None:
        before = self.state.openings.pop(key, None)
        if after is not None:
            self.state.openings[key] = after
        if before != after:
            self._invalidation.opening(before, after)
            self.network.invalidate_insiders((key,))

    def _apply_introduction(self, key: str, value: IntroductionV1 | None) -> None:
        before = self.state.introductions.get(key)
        self.state.replace_introduction(key, value)
        for ask in (before, value):
            if ask is not None:
                self._invalidation.introducer(ask.introducer_id)
                self.network.invalidate_help(ask.introducer_id)
