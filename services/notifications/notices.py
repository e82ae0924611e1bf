"""What members are told of an introduction: to whom, and when, by the state that its record shows. Pure.

Kept true:

- The record alone decides what may have to be said, and it says nothing of a quiet answer before its time. Whether it
  still is to be said then, and in which words, is asked of introductions before each delivery.
- Nothing is told twice: a notice's id is made of the introduction, the kind, the occasion and whom it is for.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from shared.events.base import Contract, Id, Instant, Version
from shared.events.introductions import IntroductionV1

NoticeKind = Literal[
    "introduction_asked",
    "offer",
    "target_asked",
    "agreed",
    "introduced",
    "reminder",
    "outcome_question",
    "outcome",
    "ended",
    "keep_in_touch",
]

REMINDED_AFTER = timedelta(days=3, minutes=1)
"""A minute more than introductions waits, which says that there is nothing to remind of while its clock is behind."""

HOW_DID_IT_GO_AFTER = (timedelta(days=7), timedelta(days=21))

_NOTICES = UUID("0d0a8d3c-5f6e-5a3b-8f2c-4b1d9c7e6a52")
"""The UUID namespace of notices' ids."""


class Notice(Contract):
    """The content of an item about an introduction: ids alone. Words and names are asked for when it is shown.

    `due_at`: when it is to be told.
    """

    item_id: Id
    kind: NoticeKind
    member_id: Id
    introduction_id: Id
    version: Version
    due_at: Instant


def notices(introduction: IntroductionV1) -> list[Notice]:
    """All that is to be told while the introduction is as it is now."""
    if not introduction.history:
        return []
    return [
        _notice(introduction, kind, member_id, occasion, due_at)
        for kind, member_id, occasion, due_at in _Facts(introduction).told()
        if member_id is not None
    ]


def notice_id(introduction_id: str, kind: str, occasion: str, member_id: str) -> str:
    """The id of a notice, always the same."""
    return str(uuid5(_NOTICES, f"{introduction_id}/{kind}/{occasion}/{member_id}"))


def _notice(introduction: IntroductionV1, kind: NoticeKind, member_id: str, occasion: str, due_at: datetime) -> Notice:
    return Notice(
        item_id=notice_id(introduction.introduction_id, kind, occasion, member_id),
        kind=kind,
        member_id=member_id,
        introduction_id=introduction.introduction_id,
        version=introduction.version,
        due_at=due_at,
    )


_Told = tuple[NoticeKind, str | None, str, datetime]
"""Kind, to whom (None: to nobody whom we can tell), on what occasion of it, when."""


class _Facts:
    """An introduction as far as messages depend on it. Who is reached by hand is told nothing by us."""

    def __init__(self, introduction: IntroductionV1) -> None:
        self.one, self.last = introduction, introduction.history[-1]
        self.before = {step.status for step in introduction.history[:-1]}
        legs = introduction.legs
        direct = introduction.insider_id in (None, introduction.introducer_id)
        self.offered = introduction.origin == "offer"
        self.seeker = introduction.seeker_id
        self.introducer = introduction.introducer_id if legs is None or legs.introducer != "hand" else None
        self.target = introduction.insider_id if not direct and legs is not None and legs.target == "app" else None

    def told(self) -> Iterator[_Told]:
        """What the present state calls for."""
        outcome, introduced = self.last.outcome, "introduced" in self.before
        match self.last.status:
            case "requested" if self.offered:
                yield self._now("offer", self.seeker)
            case "asked":
                yield self._now("introduction_asked", self.introducer)
                yield self._reminder(self.introducer, self.seeker)
            case "accepted":
                yield self._now("agreed", self.introducer if self.offered else self.seeker)
                yield self._now("target_asked", self.target)
                yield self._reminder(self.target, self.introducer)
            case "introduced":
                yield from (self._now("introduced", one) for one in (self.seeker, self.introducer, self.target))
                for after in HOW_DID_IT_GO_AFTER:
                    yield "outcome_question", self.seeker, str(after.days), self.last.at + after
            case "closed" if introduced and outcome != "erased":
                yield from (self._now("outcome", one, str(outcome)) for one in (self.introducer, self.target))
            case "declined" | "expired" | "closed":
                yield from (self._now("ended", one) for one in self._told_of_the_end())

    def _told_of_the_end(self) -> Iterator[str | None]:
        """Whoever it had reached, but for who ended it, as far as the record tells."""
        withdrawn = self.last.outcome == "withdrawn"
        unanswered_offer = self.offered and "accepted" not in self.before
        if not unanswered_offer and not withdrawn:
            yield self.seeker
        refused = self.last.status == "declined" and "accepted" not in self.before and not self.offered
        if (self.offered and not (unanswered_offer and withdrawn)) or ("asked" in self.before and not refused):
            yield self.introducer
        if "accepted" in self.before:
            yield self.target

    def _now(self, kind: NoticeKind, member_id: str | None, occasion: str = "") -> _Told:
        return kind, member_id, occasion, self.last.at

    def _reminder(self, asked: str | None, writer: str | None) -> _Told:
        """To who is asked; by hand to who writes, who is reminded of writing until they say that they did."""
        if asked is not None:
            return "reminder", asked, self.last.status, self.last.at + REMINDED_AFTER
        sent = self.one.sent_at if self.last.status == "asked" else None
        occasion = f"{self.last.status}, sent" if sent else self.last.status
        return "reminder", writer, occasion, (sent or self.last.at) + REMINDED_AFTER
