"""What the matcher has read of a member's address book, to compare with what profiles published of it.

Counted in many short questions, between which the engine goes on with its work. A record that changes meanwhile is
counted as it was before or after.
"""

from dataclasses import dataclass
from datetime import date
from time import perf_counter

from services.matching.engine.engines import Engine
from services.matching.engine.reach import QUESTION_S, Ask
from shared.events.ties import tie_key
from shared.messaging.topics.catalogue import PEOPLE, TIES


@dataclass(slots=True)
class Book:
    """A count under way: the records read so far, and the sum of their versions. `day`: the engine's today."""

    member: str
    day: date | None
    waiting: list[str]
    ties: int = 0
    people: int = 0
    versions: int = 0

    def go_on(self, engine: Engine) -> None:
        """Look at as many contacts as fit into one question."""
        end = perf_counter() + QUESTION_S
        while self.waiting and perf_counter() < end:
            other = self.waiting.pop()
            if not engine.state.has_side(self.member, other):
                continue
            self.ties += 1
            self.versions += engine.version(TIES.name, tie_key(self.member, other)) or 0
            person = engine.state.people.get(other)
            if person is not None and not person.member:
                self.people += 1
                self.versions += engine.version(PEOPLE.name, other) or 0


async def count_book(ask: Ask, member: str) -> Book:
    """How many of the member's own ties the matcher holds, of how many contacts, and the sum of all these versions."""
    book = await ask(lambda engine: Book(member, engine.state.today, sorted(engine.state.near(member))))
    while book.waiting:
        await ask(book.go_on)
    return book
