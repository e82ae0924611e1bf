"""Sends dead letters back to the group that failed, or marks them as dropped; by whom and when stays on the topic.

Kept true: a letter and its marker are written in one transaction, and whoever resolves later has seen all markers of
whoever resolved before (one fenced producer a group): so no letter is sent twice by accident. Others' groups, and the
topic it came from, never see it. Nothing is done that was not noted before, so the audit outlives the topic's 30 days.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.messaging.dead_letters.letters import (
    UNDER_WAY,
    Choice,
    Found,
    Outcome,
    Place,
    Resolved,
    Step,
    look,
    marker_headers,
    places,
)
from shared.messaging.inspection.records import read
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import MAX_LETTER_BYTES, consumer_options, resolver_id
from shared.messaging.publish.publisher import FencedPublisher, ForwardedRecord
from shared.messaging.topics.catalogue import dead_letters, retries
from shared.services import ServiceName

BATCH_LETTERS = 200
BATCH_BYTES = 8 * 1024 * 1024
"""What one transaction holds at most, so that it ends well within its time."""

Noting = Callable[[Step, Sequence[str]], Awaitable[None]]
"""Told what is about to be done with which letters, and then that it was done. What it raises ends it there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The letters that were meant: `ready` to go, `resolved` before, and `truncated` ones, which cannot be replayed."""

    ready: list[Found]
    resolved: list[Found]
    truncated: list[Found]


def plan(
    letters: Sequence[Found], done: dict[Place, Resolved], choice: Choice, outcome: Outcome, *, again: bool
) -> Plan:
    """Sort the chosen letters out. `again` takes resolved ones too. A truncated letter can be dropped, not replayed."""
    found = Plan([], [], [])
    for letter in letters:
        if not choice.takes(letter):
            continue
        if letter.place in done and not again:
            found.resolved.append(replace(letter, resolved=done[letter.place]))
        elif letter.truncated is not None and outcome == "replayed":
            found.truncated.append(letter)
        else:
            found.ready.append(letter)
    return found


class Resolver:
    """Resolves letters of one group: `async with Resolver(bootstrap, group, note) as …`. One at a time holds it."""

    def __init__(self, bootstrap: str, group: ServiceName, note: Noting) -> None:
        self._note = note
        self._dlq, self._retry = dead_letters(group), retries(group)
        self._consumer_options = consumer_options(bootstrap, client_id=resolver_id(group))
        self._publisher = FencedPublisher(bootstrap, resolver_id(group), max_bytes=MAX_LETTER_BYTES)

    async def __aenter__(self) -> Self:
        """Fence whoever resolves letters of this group now. Raises KafkaError when no broker answers."""
        self._consumer = AIOKafkaConsumer(**self._consumer_options)
        try:
            await self._publisher.start()
            await self._consumer.start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await close_consumer(self._consumer)
        await self._publisher.stop()

    async def resolve(self, choice: Choice, outcome: Outcome, by: str, *, again: bool = False) -> Plan:
        """Replay or drop the chosen letters, in their order; gives what was done with which.

        Raises Fenced: somebody else resolves letters of this group now; KafkaError; or what noting it raises. Batches
        that were published before stay so.
        """
        found = plan(*await look(self._consumer, self._dlq), choice, outcome, again=again)
        wanted = {letter.place: letter for letter in found.ready}
        batch: list[tuple[Found, ConsumerRecord]] = []
        size = 0
        if wanted:
            async for record in read(self._consumer, places(self._dlq), "beginning", until_now=True):
                letter = wanted.get((record.partition, record.offset))
                if letter is None:
                    continue
                batch.append((letter, record))
                size += letter.size
                if len(batch) == BATCH_LETTERS or size > BATCH_BYTES:
                    await self._send(batch, outcome, by)
                    batch, size = [], 0
        if batch:
            await self._send(batch, outcome, by)
        return found

    async def _send(self, batch: Sequence[tuple[Found, ConsumerRecord]], outcome: Outcome, by: str) -> None:
        resolved = Resolved(outcome, by, datetime.now(UTC).isoformat(timespec="milliseconds"))
        records = []
        for letter, record in batch:
            if outcome == "replayed":
                headers = [(name, value or b"") for name, value in record.headers]
                records.append(ForwardedRecord(self._retry.name, record.key, record.value, headers))
            mark = marker_headers(letter, resolved)
            records.append(ForwardedRecord(self._dlq.name, letter.id.encode(), None, mark, letter.place[0]))
        ids = [letter.id for letter, _ in batch]
        await self._note(UNDER_WAY[outcome], ids)
        await self._publisher.publish(records)
        await self._note(outcome, ids)
