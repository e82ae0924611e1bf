"""Sends spans to an OTLP collector through OpenTelemetry's SDK. Imported by `trace.py`, only where one is configured.

Kept true: a span names the class of an error, never its message; while the collector is down only spans are lost.
"""

import os
import threading
from typing import Final

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._shared_internal import BatchProcessor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.observability import trace

FINISH_S: Final = 3.0
"""Together with all else that is stopped, below the time a supervisor waits."""

_KINDS: Final[dict[trace.Kind, api.SpanKind]] = {
    "internal": api.SpanKind.INTERNAL,
    "server": api.SpanKind.SERVER,
    "client": api.SpanKind.CLIENT,
    "producer": api.SpanKind.PRODUCER,
    "consumer": api.SpanKind.CONSUMER,
}


class RecordedSpan(trace.Span):
    """A span of the SDK's."""

    __slots__ = ("_span",)

    def __init__(self, span: api.Span) -> None:
        where = span.get_span_context()
        super().__init__(
            trace.make(
                api.format_trace_id(where.trace_id),
                api.format_span_id(where.span_id),
                f"{where.trace_flags & api.TraceFlags.SAMPLED:02x}",
            )
        )
        self._span = span

    def rename(self, name: str) -> None:
        """Set the name, where it was not known at the start."""
        self._span.update_name(name)

    def note(self, facts: trace.Facts) -> None:
        """Add attributes; those that are None are left out."""
        self._span.set_attributes({name: fact for name, fact in facts.items() if fact is not None})

    def fail(self, kind: str) -> None:
        """The work failed: `kind` is a class of errors or a status, never a message."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(api.StatusCode.ERROR)

    def end(self, at_ns: int | None = None) -> None:
        """The work is over."""
        self._span.end(at_ns)


class OtlpRecorder:
    """Makes spans and sends them in batches from a thread of its own, configured by the SDK's `OTEL_*` variables."""

    def __init__(self, service: str) -> None:
        named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: service}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()
        # A forked process (which writes a snapshot) makes no spans and must not start the thread that sends them.
        BatchProcessor._at_fork_reinit = lambda _self: None  # type: ignore[method-assign]  # noqa: SLF001 - no setting for it
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("warmpath")

    def start(
        self, name: str, parent: str | None, kind: trace.Kind, facts: trace.Facts | None, begun_ns: int | None
    ) -> RecordedSpan:
        """Begin a span. The parent's flags say whether it is sampled; for a new trace, `OTEL_TRACES_SAMPLER` does."""
        said = {name: fact for name, fact in (facts or {}).items() if fact is not None}
        above = api.set_span_in_context(_remote(parent))
        span = self._tracer.start_span(name, above, _KINDS[kind], said, start_time=begun_ns)
        return RecordedSpan(span)

    def shut_down(self) -> None:
        """Send what is left; if the collector does not answer in time, it is dropped."""
        ending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(FINISH_S)
        if ending.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # it would keep trying


def _remote(traceparent: str | None) -> api.Span:
    parsed = trace.parse(traceparent)
    if parsed is None:
        return api.INVALID_SPAN
    trace_id, span_id, flags = (int(part, 16) for part in parsed)
    return api.NonRecordingSpan(api.SpanContext(trace_id, span_id, is_remote=True, trace_flags=api.TraceFlags(flags)))
