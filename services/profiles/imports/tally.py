"""Counting messages between a person and others, without keeping any message. Pure.

Whose messages they are may turn out only at the end, so they are counted by pair: from whom, to whom, and the last day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

MAX_PAIRS = 1_000_000
_MOST_OF_THEM = 0.5


class TooManyPeopleError(Exception):
    """More pairs of people than are counted."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """How many messages went to somebody and came from them, and the day of the last."""

    person: str
    sent: int
    received: int
    last: date


@dataclass(slots=True)
class Tally:
    """Messages by sender and receiver; people are keys such as an address or a profile."""

    _pairs: dict[tuple[str, str], tuple[int, date]] = field(default_factory=dict)
    _there: Counter[str] = field(default_factory=Counter)
    messages: int = 0

    def present(self, people: Iterable[str]) -> None:
        """These people stand on one message; whoever stands on nearly all of them is its owner."""
        self.messages += 1
        self._there.update(set(people))

    def add(self, sender: str, receiver: str, day: date) -> None:
        """One message from one to the other."""
        count, last = self._pairs.get((sender, receiver), (0, day))
        self._pairs[sender, receiver] = (count + 1, max(last, day))
        if len(self._pairs) > MAX_PAIRS:
            raise TooManyPeopleError

    def owner(self, known: Iterable[str]) -> set[str]:
        """Whose messages they are: who is known to be, and who stands on most of them; empty if unclear."""
        sure = {one for one in known if self._there[one]}
        if sum(self._there[one] for one in sure) > _MOST_OF_THEM * self.messages:
            return sure
        first, *others = self._there.most_common(2) or [("", 0)]
        alone = not others or others[0][1] < first[1]
        return sure | ({first[0]} if alone and first[1] > _MOST_OF_THEM * self.messages else set())

    def exchanges(self, owner: set[str]) -> Iterator[Exchange]:
        """With whom messages went both ways, by the keys of these people."""
        for person in sorted({one for pair in self._pairs for one in pair} - owner):
            sent = [self._pairs[me, person] for me in owner if (me, person) in self._pairs]
            received = [self._pairs[person, me] for me in owner if (person, me) in self._pairs]
            if sent and received:
                yield Exchange(
                    person,
                    sum(count for count, _ in sent),
                    sum(count for count, _ in received),
                    max(last for _, last in [*sent, *received]),
                )
