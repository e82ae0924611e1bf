"""Replays dead letters to the group that failed, or marks them as dropped; a marker records by whom and when.

Invariants: a letter's replay and its marker are written in one transaction, and with one fenced producer a group each
resolver has seen all earlier markers, so no letter is replayed twice by accident. Other groups and the topic it came
from never see a replay. Every action is audited before it is done, and the audit outlives the topic's 30 days.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.messaging.dead_letters.letters import (
    UNDER_WAY,
    DeadLetter,
    LetterFilter,
    Outcome,
    Place,
    Resolution,
    Step,
    all_partitions,
    marker_headers,
    read_letters,
)
from shared.messaging.inspection.records import read_records
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import MAX_LETTER_BYTES, consumer_options, resolver_id
from shared.messaging.publish.publisher import FencedPublisher, ForwardedRecord
from shared.messaging.topics.catalogue import dead_letters, retries
from shared.services import ServiceName

BATCH_LETTERS = 200
BATCH_BYTES = 8 * 1024 * 1024
"""The most that one transaction holds, so that it ends well before its timeout."""

AuditCallback = Callable[[Step, Sequence[str]], Awaitable[None]]
"""Called before an action with the letters' ids, and after it. An error it raises stops the resolver."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The selected letters: `ready` ones, those `resolved` before, and `truncated` ones, which cannot be replayed."""

    ready: list[DeadLetter]
    resolved: list[DeadLetter]
    truncated: list[DeadLetter]


def plan(
    letters: Sequence[DeadLetter],
    done: dict[Place, Resolution],
    letter_filter: LetterFilter,
    outcome: Outcome,
    *,
    again: bool,
) -> Plan:
    """Select letters. `again` includes resolved ones. A truncated letter can be dropped, but not replayed."""
    found = Plan([], [], [])
    for letter in letters:
        if not letter_filter.matches(letter):
            continue
        if letter.place in done and not again:
            found.resolved.append(replace(letter, resolved=done[letter.place]))
        elif letter.truncated is not None and outcome == "replayed":
            found.truncated.append(letter)
        else:
            found.ready.append(letter)
    return found


class Resolver:
    """Replays or drops letters of one group: `async with Resolver(bootstrap, group, note) as …`; one at a time."""

    def __init__(self, bootstrap: str, group: ServiceName, note: AuditCallback) -> None:
        self._note = note
        self._dlq, self._retry = dead_letters(group), retries(group)
        self._consumer_options = consumer_options(bootstrap, client_id=resolver_id(group))
        self._publisher = FencedPublisher(bootstrap, resolver_id(group), max_bytes=MAX_LETTER_BYTES)

    async def __aenter__(self) -> Self:
        """Fence any other resolver of this group. Raises KafkaError when no broker answers."""
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

    async def resolve(self, letter_filter: LetterFilter, outcome: Outcome, by: str, *, again: bool = False) -> Plan:
        """Replay or drop the chosen letters, in their order; gives what was done with which.

        Raises Fenced: somebody else resolves letters of this group now; KafkaError; or what noting it raises. Batches
        that were published before stay so.
        """
        found = plan(*await read_letters(self._consumer, self._dlq), letter_filter, outcome, again=again)
        wanted = {letter.place: letter for letter in found.ready}
        batch: list[tuple[DeadLetter, ConsumerRecord]] = []
        size = 0
        if wanted:
            async for record in read_records(self._consumer, all_partitions(self._dlq), "beginning", until_now=True):
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

    async def _send(self, batch: Sequence[tuple[DeadLetter, ConsumerRecord]], outcome: Outcome, by: str) -> None:
        resolved = Resolution(outcome, by, datetime.now(UTC).isoformat(timespec="milliseconds"))
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
