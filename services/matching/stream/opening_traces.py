"""Traces openings through the matcher: from the posting's record, over its matching, to the suggestions' records.

Kept true: a suggestion caused by an opening's own record carries that record's trace on, even if the opening came while
no matcher ran; records read again at a start make no second span.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from services.matching.events import Change
from shared.messaging.topics.catalogue import POSTINGS
from shared.messaging.traces import consuming
from shared.observability import trace
from shared.observability.logs import get_logger

log = get_logger(__name__)


class Origin(NamedTuple):
    """The trace of a posting's record, its partition and offset, and when it was written."""

    traceparent: str | None
    partition: int
    offset: int
    at: datetime


Origins = dict[str, Origin]
"""By posting id."""


class OpeningTraces:
    """The owned openings that were read and whose changes are not yet enqueued."""

    def __init__(self, group: str, answers_for: Callable[[int], bool]) -> None:
        """`answers_for` says whether a partition of postings.v1 is owned."""
        self._group, self._answers_for = group, answers_for
        self._origins: Origins = {}
        self._spans: dict[str, trace.Span] = {}

    def postings_read(self, found: Origins, *, since_ns: int, live: bool) -> None:
        """Postings were taken in, the first at `since_ns` (Unix nanoseconds).

        Not `live`: they are read at a start, and make no span.
        """
        for posting, origin in found.items():
            if not self._answers_for(origin.partition):
                continue
            self._origins[posting] = origin
            if live and origin.traceparent and posting not in self._spans:
                self._spans[posting] = self._start(posting, origin, since_ns)

    def _start(self, posting: str, origin: Origin, since_ns: int) -> trace.Span:
        facts = None
        if trace.recording():
            facts = consuming(self._group, POSTINGS.name, origin.partition, origin.offset, posting)
        name = f"process {POSTINGS.name}"
        return trace.start(name, origin.traceparent, kind="consumer", facts=facts, begun_ns=since_ns)

    def traceparent(self, posting: str) -> str | None:
        """The trace for a suggestion of this opening, if the posting's record was read since `forget`."""
        if span := self._spans.get(posting):
            return span.traceparent
        origin = self._origins.get(posting)
        return origin.traceparent if origin else None

    def origin(self, posting: str) -> Origin | None:
        """The posting's record, if it was read since `forget`."""
        return self._origins.get(posting)

    def postings_matched(self, changes: Iterable[Change], update_ns: tuple[int, int]) -> None:
        """All that was read is matched, between two moments (Unix nanoseconds): end the spans."""
        begun, ended = update_ns
        counts = Counter(change.posting for change in changes) if self._spans else Counter[str]()
        for posting, span in self._spans.items():
            trace.start("match opening", span.traceparent, begun_ns=begun).end(ended)
            span.note({"warmpath.suggestions.changed": counts[posting]})
            span.end(ended)
            trace_id = trace.id_of(span.traceparent)
            log.info("opening_matched", trace_id=trace_id, posting_id=posting, changes=counts[posting])
        self.forget()

    def forget(self) -> None:
        """All changes of what was read are enqueued."""
        self._spans.clear()
        self._origins.clear()
