"""Random histories of introductions in the running service and in the second reading of the contract, step for step."""

import asyncio
import json
import random
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.events.base import Contract
from shared.events.people import PersonV1, Seeking
from shared.events.postings import Company, PostingV1
from shared.events.suggestions import PathV1, SuggestionV1
from shared.events.ties import Blocked, TieV1
from shared.testing.wait import until
from tests.fault.introducing import Running
from tests.unit.introductions.second_reading import MONTH, OUTCOMES, Introduction, Refused, SecondReading, Someone, Way

SEEKERS, INTRODUCERS, TARGETS = ("sam", "sue"), ("mei", "kai", "lea", "moe", "nia", "oda"), ("ida", "tom")
PEOPLE = (*SEEKERS, *INTRODUCERS, *TARGETS)
OPENINGS = ("o1", "o2", "o3", "o4", "o5", "o6")
ROOM = {"kai": 1, "mei": 2, "ida": 2, "lea": 3}
TENTHS = 8000
"""What a score of 1 is worth at the stand-in's fit of 80 percent."""

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST = timedelta(days=80)
"""Longer than any deadline."""

DONE, REFUSED = {200, 201}, {404, 409}
KINDS = {
    "ask": 8, "introducer": 7, "target": 4, "seeker": 2, "offer": 2, "wait": 5, "sent": 1, "withdraw": 1, "outcome": 2,
    "room": 1, "close": 0.5, "unwilling": 0.4, "block": 0.4, "erase": 0.3,
}  # fmt: skip
"""What happens in a history, and how often as against the others."""


@dataclass
class Both:
    """One history under both readings. `allowed`: since when somebody allows how many requests a month."""

    running: Running
    rng: random.Random
    now: datetime
    second: SecondReading = field(default_factory=SecondReading)
    known: dict[str, Introduction] = field(default_factory=dict)
    allowed: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    due: list[datetime] = field(default_factory=list)
    striking: asyncio.Task[None] | None = None

    # the beginning

    async def begin(self) -> None:
        """Everybody and everything, as the topics and the matcher tell of it."""
        for person in PEOPLE:
            self.second.people[person] = Someone(person, asks_a_month=ROOM.get(person, 4))
            self.allowed[person] = [(self.now, ROOM.get(person, 4))]
        for number, about in enumerate(OPENINGS):
            self.second.companies[about] = "initech"
            for seeker in SEEKERS:
                self.running.matcher.paths[seeker, about] = [
                    self._path(seeker, introducer, about, number, place) for place, introducer in enumerate(INTRODUCERS)
                ]
        await self.running.publish(
            self.now,
            *(("people.v1", person, _person(person)) for person in PEOPLE),
            *(("postings.v1", about, _opening(about, self.now)) for about in OPENINGS),
            *(
                ("suggestions.v1", f"{seeker}-{about}", _suggestion(seeker, about))
                for seeker in SEEKERS
                for about in OPENINGS
            ),
        )
        everything = "SELECT count(*) FROM introductions."
        await self.running.is_true(f"({everything}people) + ({everything}openings) = {len(PEOPLE) + len(OPENINGS)}")
        await self.running.is_true(f"({everything}suggestions) = {len(SEEKERS) * len(OPENINGS)}")
        for person, most in ROOM.items():
            await self._allow(person, most)

    def _path(self, seeker: str, introducer: str, about: str, number: int, place: int) -> dict[str, Any]:
        direct, by_hand = (number, place) == (0, 2), (number, place) == (1, 2)
        target = introducer if direct else TARGETS[(number + place) % 2]
        value = 1000 * (place + 1) + 10 * SEEKERS.index(seeker) + number
        self.second.ways[seeker, introducer, about] = Way(target, value, by_hand)
        leg = "hand" if by_hand else "app"
        return {
            "introducer_id": introducer, "insider_id": target, "score": value / TENTHS, "ask": leg, "target_ask": leg,
            "firmness": 0.5, "target_firmness": 0.5,
        }  # fmt: skip

    async def _allow(self, person: str, most: int) -> bool:
        answer = await self.running.send("PUT", "/v1/limits", person, json={"asks_a_month": most})
        self.allowed[person].append((self.now, most))
        self.second.people[person].asks_a_month = most
        return answer.is_success

    # time

    async def wait(self, until_then: datetime) -> None:
        """Let time go by from one moment at which something is due to the next."""
        while (moment := self._next_moment()) and moment <= until_then:
            await self._agree_at(moment)
        await self._agree_at(until_then)

    def _next_moment(self) -> datetime | None:
        moments = list(self.due)
        if any(one.live and (one.yes or one.state == "requested") for one in self.second.all):  # they wait for room
            moments += [at + MONTH for who in PEOPLE for at in self.second.reached(who)]
        if self.due:
            moments += [closed + 2 * DAY for closed in self.second.closed_postings.values()]
        return min((moment for moment in moments if moment > self.now), default=None)

    async def _agree_at(self, moment: datetime) -> None:
        self.now = moment
        self.running.move(moment)
        self.second.carry_out(moment)
        await until(self._agree, timeout=60, every=0.03, what=f"both agree after {self.done[-3:]}")

    async def _agree(self) -> bool:
        rows = await self.running.fetch(
            "SELECT introduction_id, seeker_id, introducer_id, posting_id, origin, history, due_at"
            " FROM introductions.introductions ORDER BY begun_at, seeker_id, introducer_id, posting_id"
        )
        for row in rows:
            if row["introduction_id"] not in self.known:
                self.known[row["introduction_id"]] = self._meant_by(row)
        assert len(rows) == len(self.second.all)
        for row in rows:
            steps = [(_named(step), datetime.fromisoformat(step["at"])) for step in json.loads(row["history"])]
            assert steps == self.known[row["introduction_id"]].steps
        self.due = [row["due_at"] for row in rows if row["due_at"] is not None]
        return True

    def _meant_by(self, row: Mapping[str, Any]) -> Introduction:
        begun = datetime.fromisoformat(json.loads(row["history"])[0]["at"])
        wanted = (row["seeker_id"], row["introducer_id"], row["posting_id"], row["origin"] == "offer", begun)
        found = [
            one
            for one in self.second.all
            if (one.seeker, one.introducer, one.posting, one.offered, one.steps[0][1]) == wanted
            and one not in self.known.values()
        ]
        assert found, f"only the service has {wanted}"
        return found[0]

    # a step

    async def step(self, kind: str) -> None:
        """The same in both; both do it, or both refuse."""
        await self.wait(self.now + MINUTE)
        done = await getattr(self, f"_{kind}")()
        if done is not None:
            self.done.append(f"{kind}: {done}")
        await self._agree_at(self.now)

    async def _together(self, asked: Coroutine[Any, Any, Any], *second: Any) -> str:
        answer = await asked
        assert answer.status_code in DONE | REFUSED, answer.text
        do, *details = second
        try:
            do(*details, self.now)
        except Refused:
            said = "refused"
        else:
            said = "done"
        assert said == ("done" if answer.status_code in DONE else "refused"), (do.__name__, details, answer.text)
        return said

    async def _ask(self) -> str:
        seeker, about = self.rng.choice(SEEKERS), self.rng.choice(OPENINGS)
        introducers = self.rng.sample(INTRODUCERS, self.rng.randint(1, 3))
        body = {"suggestion_id": f"{seeker}-{about}", "introducer_ids": introducers, "known_as_looking": True}
        headers = {"Idempotency-Key": f"ask-{len(self.done)}-{self.now.timestamp()}"}
        sent = self.running.send("POST", "/v1/introductions", seeker, json=body, headers=headers)
        return await self._together(sent, self.second.ask, seeker, introducers, about)

    async def _offer(self) -> str | None:
        seeker, introducer, about = map(self.rng.choice, (SEEKERS, INTRODUCERS, OPENINGS))
        way = self.second.ways.get((seeker, introducer, about))
        if way is None or way.by_hand or not self.second.people[introducer].introduces:
            return None
        body = {"seeker_id": seeker, "posting_id": about, "contact": "where they work"}
        headers = {"Idempotency-Key": f"offer-{len(self.done)}-{self.now.timestamp()}"}
        sent = self.running.send("POST", "/v1/offers", introducer, json=body, headers=headers)
        return await self._together(sent, self.second.offer, introducer, seeker, about)

    def _one(self) -> tuple[str, Introduction] | None:
        """One of the last in which nobody was erased, since the earlier ones have mostly ended."""
        those = [
            (key, one)
            for key, one in self.known.items()
            if not any(self.second.people[each].erased for each in (one.seeker, one.introducer, one.target))
        ]
        return self.rng.choice(those[-6:]) if those else None

    async def _command(self, who: str, command: str, body: Any, second: Any, *details: Any) -> str | None:
        chosen = self._one()
        if chosen is None:
            return None
        key, one = chosen
        member = {"seeker": one.seeker, "introducer": one.introducer, "target": one.target}
        member["writer"] = one.introducer if one.state == "accepted" else one.seeker
        member["beginner"] = one.introducer if one.offered and one.state == "requested" else one.seeker
        if command == "withdraw":
            details = ("introducer" if member["beginner"] == one.introducer else "seeker",)
        sent = self.running.send("POST", f"/v1/introductions/{key}/{command}", member[who], json=body)
        return await self._together(sent, second, one, *details)

    async def _introducer(self) -> str | None:
        said = self.rng.choice(("yes", "yes", "no", "quiet"))
        body = {"answer": "yes"} if said == "yes" else {"answer": "not_now", "tell": _TELL[said]}
        return await self._command("introducer", "answer", body, self.second.answer, said)

    async def _target(self) -> str | None:
        said = self.rng.choice(("yes", "yes", "no"))
        return await self._command("target", "target-answer", {"answer": said}, self.second.target_answer, said)

    async def _seeker(self) -> str | None:
        said = self.rng.choice(("yes", "no"))
        return await self._command("seeker", "answer", {"answer": said}, self.second.take_offer, said)

    async def _sent(self) -> str | None:
        return await self._command("writer", "sent", None, self.second.sent)

    async def _withdraw(self) -> str | None:
        return await self._command("beginner", "withdraw", None, self.second.withdraw)

    async def _outcome(self) -> str | None:
        said = self.rng.choice(OUTCOMES)
        return await self._command("seeker", "outcome", {"outcome": said}, self.second.outcome, said)

    async def _wait(self) -> str:
        days = self.rng.choice((0.1, 0.1, 1, 2, 3, 5, 8, 14, 22, 31))
        await self.wait(self.now + days * DAY)
        return f"{days} days"

    async def _room(self) -> str | None:
        person = self.rng.choice((*INTRODUCERS, *TARGETS))
        if self.second.people[person].erased:
            return None
        most = self.rng.randint(0, 4)
        assert await self._allow(person, most)
        return f"{most} for {person}"

    # what is heard of others

    async def _hear(self, record: tuple[str, str, Contract | None], condition: str, *args: str) -> None:
        """Publish a record, and wait until the service shows that it has read it."""
        if self.striking is not None:
            await self.striking
        await self.running.publish(self.now, record)
        await self.running.is_true(condition, *args)

    async def _close(self) -> str:
        """The opening is closed, and the matcher has no path to it any more."""
        about = self.rng.choice(OPENINGS)
        self._forget(lambda _seeker, _introducer, opening: opening == about)
        self.second.closed_postings.setdefault(about, self.now)
        await self._hear(
            ("postings.v1", about, _opening(about, self.now, "closed")),
            "SELECT closed_at IS NOT NULL FROM introductions.openings WHERE posting_id = $1",
            about,
        )
        return about

    async def _unwilling(self) -> str | None:
        person = self.rng.choice(INTRODUCERS)
        if self.second.people[person].erased:
            return None
        self.second.people[person].introduces = False
        await self._hear(
            ("people.v1", person, _person(person, introduces=False)),
            "SELECT NOT introduces FROM introductions.people WHERE person_id = $1",
            person,
        )
        return person

    async def _block(self) -> str:
        one, other = self.rng.choice(SEEKERS), self.rng.choice((*INTRODUCERS, *TARGETS))
        self.second.blocks.add(frozenset({one, other}))
        tie = TieV1(person_id=one, contact_id=other, version=0, evidence=(Blocked(),))
        await self._hear(
            ("ties.v1", f"{one}:{other}", tie),
            "EXISTS (SELECT FROM introductions.blocks WHERE person_id = $1 AND contact_id = $2)",
            one,
            other,
        )
        return f"{one} and {other}"

    async def _erase(self) -> str | None:
        """At most two: of an introduction of which nobody is left there is nothing to compare."""
        person = self.rng.choice(PEOPLE)
        if sum(each.erased for each in self.second.people.values()) >= MOST_ERASED or person in SEEKERS[:1]:
            return None
        if self.second.people[person].erased:
            return None
        self._forget(lambda seeker, introducer, opening: person in self._named(seeker, introducer, opening))
        self.running.entries.now.pop(person)
        self.second.erase(person, self.now)
        await self._hear(
            ("people.v1", person, None),
            "NOT EXISTS (SELECT FROM introductions.introductions WHERE $1 IN (seeker_id, introducer_id, insider_id)"
            " OR next_introducers @> ARRAY[$1]) AND NOT EXISTS (SELECT FROM introductions.people WHERE person_id = $1)",
            person,
        )
        return person

    def _named(self, seeker: str, introducer: str, opening: str) -> tuple[str, str, str]:
        return seeker, introducer, self.second.ways[seeker, introducer, opening].target

    def _forget(self, gone: Any) -> None:
        """Paths that are there no more."""
        for key in [key for key in self.second.ways if gone(*key)]:
            seeker, introducer, about = key
            paths = self.running.matcher.paths[seeker, about]
            paths[:] = [each for each in paths if each["introducer_id"] != introducer]
            del self.second.ways[key]


MOST_ERASED = 2
_TELL = {"no": "now", "quiet": "quietly"}


def _named(step: Mapping[str, Any]) -> str:
    return f"{step['state']}:{step['outcome']}" if step.get("outcome") else str(step["state"])


def _person(person: str, *, introduces: bool = True) -> PersonV1:
    seeking = Seeking(titles=("Engineer",), openly=True) if person in SEEKERS else None
    return PersonV1(person_id=person, version=0, member=True, introduces=introduces, seeking=seeking)


def _opening(about: str, now: datetime, status: Any = "open") -> PostingV1:
    return PostingV1(
        posting_id=about, version=0, status=status, title="Engineer", company=Company(name="Initech"),
        workplace="remote", posted_at=now,
    )  # fmt: skip


def _suggestion(seeker: str, about: str) -> SuggestionV1:
    paths = (PathV1(introducer_id="mei", insider_id="ida", score=0.2, label="warm", ask="app"),)
    return SuggestionV1(
        suggestion_id=f"{seeker}-{about}", seeker_id=seeker, posting_id=about, version=0, fit=80, paths=paths
    )
