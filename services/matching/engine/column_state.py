"""The columns as the rules read them: a `State` and a `Network` over people, ties and openings.

So whatever is written against the rules (explanations, the reconciler) runs over the fast
engine's state too.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NoReturn, TypeVar

import numpy as np

from services.matching.domain import Opening, Pair, Person, State
from services.matching.engine.columns.people import ANY_ROLE, ROLES
from services.matching.engine.columns.store import SAID, Store
from services.matching.kernels.graph.layout import BLOCKED, INTRODUCES, KNOWN, MEMBER, NO_ONE, OWN, THEIRS, TIED, WARM
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.graph.standing import standing
from services.matching.kernels.graph.strength import LEVELS
from services.matching.kernels.storage.arrays import F64, I32
from services.matching.rules import bridge
from services.matching.rules.network import Network
from services.matching.rules.strength import Tie
from shared.events.introductions import IntroductionV1
from shared.events.ties import Evidence, TieV1, tie_key

V = TypeVar("V")


class _View(MutableMapping[str, V]):
    """A read-only mapping: only the engine changes its content."""

    def __setitem__(self, key: str, value: V) -> NoReturn:
        raise TypeError("only the engine changes its state")

    def __delitem__(self, key: str) -> NoReturn:
        raise TypeError("only the engine changes its state")

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PeopleView(_View[Person]):
    """Everybody known, by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, key: str) -> Person:
        index = self._store.names.find(key)
        found = None if index < 0 else self._store.people.person(index)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        index = self._store.names.find(key) if isinstance(key, str) else -1
        return index >= 0 and bool(self._store.people.columns.flags[index] & KNOWN)

    def __iter__(self) -> Iterator[str]:
        flags = self._store.people.columns.flags
        return (self._store.names.name(at) for at in range(len(self._store.people)) if flags[at] & KNOWN)


class OpeningsView(_View[Opening]):
    """All openings held, by id."""

    def __init__(self, store: Store) -> None:
        self._openings = store.openings

    def __getitem__(self, key: str) -> Opening:
        number = self._openings.find(key)
        if number < 0 or not self._openings.held(number):
            raise KeyError(key)
        return self._openings.opening(number)

    def __iter__(self) -> Iterator[str]:
        held = (number for number in range(len(self._openings)) if self._openings.held(number))
        return (self._openings.id(number) for number in held)


class ColumnState(State):
    """The state of the rules over the columns. It stores introductions, which are few, itself."""

    def __init__(self, store: Store) -> None:
        super().__init__(people=PeopleView(store), openings=OpeningsView(store))
        self._store = store

    def _arc(self, person: str, other: str) -> tuple[int, int] | None:
        a, b = self._store.names.find(person), self._store.names.find(other)
        return None if a < 0 or b < 0 else (a, b)

    def side(self, person: str, other: str) -> tuple[Evidence, ...]:
        """What the record `person:other` shows; nothing without one."""
        ends = self._arc(person, other)
        return () if ends is None else self._store.evidence.of(self._store.ties.side_code(*ends))

    def has_side(self, person: str, other: str) -> bool:
        """Whether there is a record `person:other`, even an empty one."""
        ends = self._arc(person, other)
        return ends is not None and self._store.ties.has_side(*ends)

    def near(self, person: str) -> AbstractSet[str]:
        """Everybody with whom the person shares a record, from either side."""
        index = self._store.names.find(person)
        texts = self._store.names.texts  # there may be thousands: no Python step for each
        return frozenset() if index < 0 else set(map(texts.__getitem__, self._store.ties.near(index).tolist()))

    def tie_ends(self, key: str) -> Pair | None:
        """Whose record stands under this key of `ties.v1`, if any does."""
        person, _, other = key.partition(":")
        return (person, other) if self.has_side(person, other) and tie_key(person, other) == key else None

    def replace_tie(self, key: str, value: TieV1 | None) -> NoReturn:
        """Not supported."""
        raise TypeError(f"only the engine changes its state: {key} to {value}")


class ColumnNetwork(Network):
    """The network of the path rules over the columns."""

    def __init__(self, store: Store, state: State) -> None:
        super().__init__(state)
        self._store = store

    def _at(self, a: str, b: str) -> int:
        """The place of the arc; -1 without one."""
        names = self._store.names
        one, other = names.find(a), names.find(b)
        return NO_ONE if one < 0 or other < 0 else self._store.ties.arc(one, other)

    def tie(self, a: str, b: str) -> Tie | None:
        """The tie of two people from the side of `a`, if there is one, with the factors that the columns have."""
        held = self.held_tie(a, b)
        found = None if held is None else super().tie(a, b)
        return (
            held if held is None or found is None or found.warm != held.warm else replace(held, firmness=found.firmness)
        )

    def held_tie(self, a: str, b: str) -> Tie | None:
        """The same from the columns alone, which say whether it is warm and not how firm: the firmness is 1 or 0."""
        at, arcs = self._at(a, b), self._store.ties.arcs
        flags = int(arcs.flags[at]) if at >= 0 else 0
        if not flags & TIED:
            return None
        stated, onward = divmod(int(arcs.strength[at]), LEVELS)
        strength = (int(SAID[stated]) if stated else onward) / SCALE
        own = bool(flags & OWN), bool(flags & THEIRS)
        return Tie((a, b), strength, onward / SCALE, float(bool(flags & WARM)), own)

    def blocked(self, a: str, b: str) -> bool:
        """Whether no path may have both on it."""
        at = self._at(a, b)
        return at >= 0 and bool(self._store.ties.arcs.flags[at] & BLOCKED)

    def tied_members(self, person: str) -> AbstractSet[str]:
        """The members somebody is tied to."""
        index = self._store.names.find(person)
        return set() if index < 0 else set(map(self._store.names.name, self._store.ties.tied_members(index).tolist()))

    def mutual(self, a: str, b: str) -> int | None:
        """m, the members tied to both; None where it says little."""
        if not (self._has(a, MEMBER) and self._has(b, MEMBER)):
            return None
        at, arcs = self._at(a, b), self._store.ties.arcs
        if at < 0 or not arcs.flags[at] & TIED:
            return super().mutual(a, b)
        ends = (self._store.names.find(a), self._store.names.find(b))
        few = any(arcs.friends[end] < bridge.FEW_TIES for end in ends)
        return None if few else int(arcs.mutual[at])

    def help(self, introducer: str) -> float:
        """H of an introducer."""
        index = self._store.names.find(introducer)
        if index < 0 or index >= len(self._store.people):
            return super().help(introducer)
        return int(self._store.people.columns.help[index]) / SCALE

    def introduces(self, person: str) -> bool:
        """Whether this is a member who introduces others."""
        return self._has(person, MEMBER | INTRODUCES)

    def works_in(self, person: str, families: AbstractSet[str]) -> bool:
        """Whether somebody works in one of these families today: only of who ever did, the record is read."""
        people, index = self._store.people, self._store.names.find(person)
        begin = int(people.columns.job_start[index])
        held = people.jobs.family[begin : begin + int(people.columns.job_size[index])].tolist()
        wanted = map(self._store.words.companies.find, families)
        return any(one in held for one in wanted) and super().works_in(person, families)

    def _has(self, person: str, flags: int) -> bool:
        """Whether somebody known has all of these flags."""
        index = self._store.names.find(person)
        return index >= 0 and int(self._store.people.columns.flags[index]) & flags == flags

    def insiders(self, opening: Opening, among: I32 | None = None) -> dict[str, float]:
        """Everybody with a standing towards the opening, of those who ever worked there.

        `among`: only those of these people, in ascending order.
        """
        title, words = opening.title, self._store.words
        occupation = -1 if title is None else words.occupations.find(title.occupation)
        group = -1 if title is None else words.groups.find(title.group)
        found = self._standings(opening.company, occupation, group, ROLES, among)
        contact = self.state.people.get(opening.hiring_contact or "")
        if contact is not None and contact.member:
            found[contact.id] = 1.0
        return found

    def insiders_at(self, company: str) -> dict[str, float]:
        """Everybody with a standing at a company, of those who ever worked there."""
        return self._standings(company, -1, -1, ANY_ROLE)

    def _standings(
        self, company: str, occupation: int, group: int, roles: F64, among: I32 | None = None
    ) -> dict[str, float]:
        store, number = self._store, self._store.words.companies.find(company)
        found: dict[str, float] = {}
        workers = store.people.workers.of(number) if number >= 0 else np.empty(0, np.int32)
        if among is not None:
            workers = workers[np.searchsorted(among, workers) < np.searchsorted(among, workers, "right")]
        for person in workers.tolist():
            value = standing(store.people.jobs, store.people.columns, person, number, occupation, group, roles)
            if value:
                found[store.names.name(person)] = value / SCALE
        return found


class QuestionState(State):
    """The same for one question, as long as nothing changes: of whom people share records with, only those who matter.

    There may be thousands with whom somebody shares a record, and a question asks for them again and again.
    """

    def __init__(self, store: Store, state: State, matter: Iterable[str]) -> None:
        super().__init__(state.today, state.people, state.openings, state.introductions)
        self._store, self._state = store, state
        self._matters = np.zeros(len(store.names), np.bool_)
        self._matters[[store.names.find(one) for one in matter]] = True
        self._found: dict[str, AbstractSet[str]] = {}

    def near(self, person: str) -> AbstractSet[str]:
        """Those who matter and with whom the person shares a record, from either side."""
        if person not in self._found:
            near = self._store.ties.near(self._store.names.find(person))
            self._found[person] = set(map(self._store.names.name, near[self._matters[near]].tolist()))
        return self._found[person]

    def side(self, person: str, other: str) -> tuple[Evidence, ...]:
        """What the record `person:other` shows; nothing without one."""
        return self._state.side(person, other)

    def asks_of(self, introducer: str) -> Iterator[IntroductionV1]:
        """The introductions that this person was or is asked for, by id."""
        return self._state.asks_of(introducer)


class QuestionNetwork(ColumnNetwork):
    """The network for one question, to which it matters whether a tie is warm, not how firm."""

    def __init__(self, store: Store, state: State, matter: Iterable[str]) -> None:
        super().__init__(store, QuestionState(store, state, matter))
        self._held: dict[Pair, Tie | None] = {}

    def tie(self, a: str, b: str) -> Tie | None:
        """The tie of two people from the side of `a`, if there is one."""
        if (a, b) not in self._held:
            self._held[a, b] = self.held_tie(a, b)
        return self._held[a, b]
