"""A small town in memory: everybody's introductions under one clock, on the pure rules alone.

It does what the database does for the service: reads the case of one seeker, and keeps what changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.introductions import commands, domain, limits
from services.introductions.domain import Case
from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.limits import Limits, Person
from services.introductions.transitions import Origin, State, Who

START = datetime(2026, 3, 1, tzinfo=UTC)
OPENING = Opening("opening:o1", "Initech", "initech", "o1", "Data Engineer")


def day(number: float) -> datetime:
    """Day 1 begins at the start."""
    return START + timedelta(days=number - 1)


def opening(name: str) -> Opening:
    return Opening(f"opening:{name}", "Initech", "initech", name, "Data Engineer")


@dataclass
class Town:
    now: datetime = START
    introductions: dict[str, Introduction] = field(default_factory=dict)
    limits: dict[str, Limits] = field(default_factory=dict)
    paths: dict[tuple[str, str], dict[str, Path]] = field(default_factory=dict)
    closed_at: dict[str, datetime] = field(default_factory=dict)
    unwilling: set[str] = field(default_factory=set)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    made: int = 0

    def path(self, seeker: str, introducer: str, target: str = "ida", about: Opening = OPENING, **facts) -> None:
        self.paths.setdefault((seeker, about.key), {})[introducer] = Path(introducer, target, **facts)

    def case(self, seeker: str) -> Case:
        mine = {one.id: one for one in self.introductions.values() if one.seeker_id == seeker}
        people = {one for each in self._paths_of(seeker).values() for one in (each.introducer_id, each.insider_id)}
        people |= {person for one in mine.values() for person in (one.path.introducer_id, one.path.insider_id)}
        asked = {person: self.person(person) for person in people}
        return Case(
            self.now, seeker, self._id, mine, asked, self._paths_of(seeker), self.closed_at,
            frozenset(self.unwilling), frozenset(self.blocked), self.delivered(seeker),
        )  # fmt: skip

    def _paths_of(self, seeker: str) -> dict[tuple[str, str], Path]:
        return {
            (key, introducer): path
            for (whose, key), paths in self.paths.items()
            if whose == seeker
            for introducer, path in paths.items()
        }

    def _id(self) -> str:
        self.made += 1
        return f"i{self.made:03}"

    def delivered(self, seeker: str) -> int:
        mine = [one for one in self.introductions.values() if one.seeker_id == seeker and one.origin == Origin.ASK]
        return sum(
            at is not None and at > self.now - limits.WINDOW for one in mine for at in (one.reached_at or one.sent_at,)
        )

    def reached(self, person: str) -> list[datetime]:
        return [
            at
            for one in self.introductions.values()
            for who, at in ((one.path.introducer_id, one.reached_at), (one.path.insider_id, one.reached_target_at))
            if who == person and at is not None
        ]

    def person(self, person: str) -> Person:
        theirs = self.limits.get(person, Limits())
        waiting = [
            one.waiting(self.delivered(one.seeker_id))
            for one in self.introductions.values()
            if one.waits_for_room_of == person and not one.sealed and limits.lets_through(theirs, one.approach())
        ]
        return Person(theirs, self.reached(person), tuple(waiting))

    def run(self, seeker: str, step: Callable[[Case], Introduction | None]) -> Introduction | None:
        case = self.case(seeker)
        try:
            return step(case)
        finally:  # what was due is carried out although the command is refused
            self.introductions |= {key: case.introductions[key] for key in case.changed}

    def tick(self, now: datetime | None = None) -> None:
        """What the sweeper does, until nothing is left to do."""
        self.now = now or self.now
        before = None
        while before != self.introductions:
            before = dict(self.introductions)
            for seeker in sorted({one.seeker_id for one in self.introductions.values()}):
                self.run(seeker, domain.carry_out_due)

    def ask(self, seeker: str, *introducers: str, about: Opening = OPENING, note: str | None = None) -> Introduction:
        return self.run(seeker, lambda case: domain.ask(case, about, introducers, note))

    def offer(self, introducer: str, seeker: str, about: Opening = OPENING, **more) -> Introduction:
        path = self.paths[(seeker, about.key)][introducer]
        sent = [
            one.begun_at
            for one in self.introductions.values()
            if one.origin == Origin.OFFER and one.path.introducer_id == introducer
        ]
        return self.run(seeker, lambda case: domain.offer(case, about, path, sent=sent, hidden=False, **more))

    def answer(self, one: Introduction, who: Who, said: str, **more) -> Introduction:
        return self.run(one.seeker_id, lambda case: commands.answer(case, one.id, who, said, **more))

    def do(self, command: Callable[..., Introduction], one: Introduction, who: Who, *more) -> Introduction:
        return self.run(one.seeker_id, lambda case: command(case, one.id, who, *more))

    def __getitem__(self, one: Introduction) -> Introduction:
        return self.introductions[one.id]

    def open(self) -> list[Introduction]:
        return [one for one in self.introductions.values() if one.is_open]

    def states(self) -> list[tuple[str, State]]:
        return [(one.path.introducer_id, one.state) for one in self.introductions.values()]
