"""Spans for records that are processed or published, and the log line that relates a trace to its offsets.

Invariants: a record's span ends when its effect is committed or rolled back. Records of one trace that are published
together share a span, so that an import does not make one for each tie.
"""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from shared.events.envelope import Headers
from shared.messaging.consume.decoding import Bad, Raw, Record
from shared.messaging.publish.publisher import OutgoingRecord
from shared.observability import trace
from shared.observability.logs import get_logger

log = get_logger(__name__)

HEADER = "traceparent"


def consuming(group: str, topic: str, partition: int, offset: int, key: str | None) -> trace.Facts:
    """Attributes of the span of a record that is processed (OpenTelemetry's names)."""
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": group,
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
        "messaging.kafka.offset": offset,
        "messaging.kafka.message.key": key,
    }


def traceparent_of(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The header `traceparent`; what is not UTF-8 in it is replaced. None where there is none."""
    return next(((raw or b"").decode(errors="replace") for name, raw in headers if name == HEADER), None)


class ProcessSpans:
    """Spans of one partition's records: a context manager around the transaction that applies them."""

    def __init__(self, group: str, topic: str, partition: int) -> None:
        self._group, self._topic, self._partition = group, topic, partition
        self._open: list[trace.Span] = []
        self._applied: dict[str, list[int]] = {}

    def begin(self, raw: Raw, record: Record | Bad) -> trace.Span:
        """Start the span of a record. A bad record's key is left out, since it may be anything."""
        known = None if isinstance(record, Bad) else record
        given = known.envelope.traceparent if known else traceparent_of(raw.headers)
        facts = None
        if trace.recording():
            facts = consuming(self._group, raw.topic, raw.partition, raw.offset, known.key if known else None)
        span = trace.start(f"process {raw.topic}", given, kind="consumer", facts=facts)
        self._open.append(span)
        if given is not None and known:
            self._applied.setdefault(span.traceparent.split("-", 2)[1], []).append(raw.offset)
        return span

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for span in self._open:
            if kind is not None:
                span.fail(kind.__name__)
            span.end()
        if kind is None:
            self._log_applied()

    def _log_applied(self) -> None:
        for trace_id, offsets in self._applied.items():
            log.info(
                "records_applied",
                trace_id=trace_id,
                topic=self._topic,
                partition=self._partition,
                offset=offsets[0],
                records=len(offsets),
            )


def published(records: Sequence[OutgoingRecord], begun_ns: int | Sequence[int]) -> None:
    """Make the spans of records that have reached Kafka. `begun_ns`: since when they waited, all or each (Unix ns)."""
    if not trace.recording():
        return
    begun = [begun_ns] * len(records) if isinstance(begun_ns, int) else begun_ns
    together: dict[tuple[str, str], list[tuple[int, OutgoingRecord]]] = {}
    for record, since in zip(records, begun, strict=True):
        if (parent := traceparent_of(record.headers)) is not None:
            together.setdefault((parent, record.topic), []).append((since, record))
    now = time.time_ns()
    for (parent, topic), group in together.items():
        since = min(now, *(each for each, _ in group))  # clocks of two machines may differ
        facts = _publishing(topic, [record for _, record in group])
        trace.start(f"send {topic}", parent, kind="producer", facts=facts, begun_ns=since).end(now)


def _publishing(topic: str, records: Sequence[OutgoingRecord]) -> trace.Facts:
    only = records[0] if len(records) == 1 else None
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
        "messaging.batch.message_count": None if only else len(records),
        "messaging.kafka.message.key": only.key if only else None,
        "messaging.message.id": _id(only.headers) if only else None,
    }


def _id(headers: Headers) -> str | None:
    return next((raw.decode() for name, raw in headers if name == "ce_id"), None)
