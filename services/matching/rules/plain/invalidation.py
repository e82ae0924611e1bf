"""Which suggestions an event can affect: never too few of them, sometimes too many.

A suggestion of seeker s for opening o depends on s, o and the day; on the people j whom s may be tied to, their help,
and the members they are tied to (bridges, counted from 30 ties up); and on the insiders i whom s or such a j may be
tied to. So whatever changes about somebody reaches seekers at most two ties away. Neighbours are taken from the
records there are, which hold every tie.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from services.matching.domain import Opening, Person, State


@dataclass(slots=True)
class Marks:
    """What is to be matched again: seekers for all openings, openings for all seekers, and single pairs."""

    everything: bool = False
    seekers: set[str] = field(default_factory=set)
    openings: set[str] = field(default_factory=set)
    pairs: dict[str, set[str]] = field(default_factory=dict)


class Invalidation:
    """Marks what events affect, over small indexes: who seeks, and which openings are at which company."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._seekers: set[str] = set()
        self._at: dict[str, set[str]] = {}
        self._hiring: dict[str, set[str]] = {}
        self._marks = Marks(everything=True)

    @property
    def everything(self) -> bool:
        """Whether everything is marked already, so that no event can add to it."""
        return self._marks.everything

    def take(self) -> Marks:
        """What was marked since the last call."""
        taken, self._marks = self._marks, Marks()
        return taken

    def of(self, marks: Marks, live: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, set[str]]]:
        """The marked seekers by opening. `live`: by opening, those who have a suggestion now."""
        openings = self._state.openings.keys() | live.keys()
        if not (marks.everything or marks.seekers):
            openings &= marks.openings | marks.pairs.keys()
        for posting in sorted(openings):
            if marks.everything or posting in marks.openings:
                yield posting, self._seekers | live.get(posting, {}).keys()
            else:
                yield posting, marks.seekers | marks.pairs.get(posting, set())

    def day(self) -> None:
        """The day changed, and with it every age."""
        self._marks.everything = True

    def opening(self, before: Opening | None, after: Opening | None) -> None:
        """An opening came, changed or went."""
        for opening in (before, after):
            if opening is not None:
                self._marks.openings.add(opening.id)
        if before is not None:
            self._at[before.company].discard(before.id)
            self._hiring.get(before.hiring_contact or "", set()).discard(before.id)
        if after is not None:
            self._at.setdefault(after.company, set()).add(after.id)
            if after.hiring_contact is not None:
                self._hiring.setdefault(after.hiring_contact, set()).add(after.id)

    def openings_of(self, *people: Person | None) -> set[str]:
        """The openings to which these people can be insiders."""
        found: set[str] = set()
        for person in people:
            if person is not None:
                found |= self._hiring.get(person.id, set())
                found.update(*(self._at.get(job.company, ()) for job in person.jobs))
        return found

    def person(self, before: Person | None, after: Person | None) -> None:
        """Somebody came, changed or went. What they seek and their skills affect only themself."""
        known = after or before
        if known is None:
            return
        if after is not None and after.seeks:
            self._seekers.add(known.id)
        else:
            self._seekers.discard(known.id)
        if self._marks.everything:
            return
        self._marks.seekers.add(known.id)
        if before is not None and after is not None and _same_to_others(before, after):
            return
        was, is_now = before is not None and before.member, after is not None and after.member
        if was != is_now:
            # One member more or less changes the bridges of everybody near, for all openings.
            self._marks.seekers |= self._within_two(known.id)
            return
        if is_now:
            self._marks.seekers |= self._state.near(known.id) & self._seekers
        self._pair(self.openings_of(before, after), self._within_two(known.id))

    def tie(self, a: str, b: str, *, bridges: bool) -> None:
        """The evidence between two people changed; `bridges`: two members became tied, or ceased to be."""
        if self._marks.everything:
            return
        self._marks.seekers |= {a, b}
        for one, other in ((a, b), (b, a)):
            reached = self._state.near(one) & self._seekers
            if bridges:
                self._marks.seekers |= reached
            else:
                self._pair(self.openings_of(self._state.people.get(other)), reached)

    def introducer(self, person: str) -> None:
        """How somebody treated asks changed, and with it every path through them."""
        if not self._marks.everything:
            self._marks.seekers |= self._state.near(person) & self._seekers

    def pair(self, seeker: str, posting: str) -> None:
        """A single suggestion."""
        if not self._marks.everything:
            self._pair((posting,), {seeker})

    def _within_two(self, person: str) -> set[str]:
        """The seekers at most two records away, with only members in between."""
        reached = set(self._state.near(person) & self._seekers)
        for other in self._state.near(person):
            between = self._state.people.get(other)
            if between is not None and between.member:
                reached |= self._state.near(other) & self._seekers
        return reached

    def _pair(self, openings: Iterable[str], seekers: AbstractSet[str]) -> None:
        for posting in openings if seekers else ():
            self._marks.pairs.setdefault(posting, set()).update(seekers)


def _same_to_others(before: Person, after: Person) -> bool:
    return (before.member, before.introduces, before.jobs) == (after.member, after.introduces, after.jobs)
