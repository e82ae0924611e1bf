"""An OTLP collector in this very process: takes spans over HTTP and keeps them, for tests and benchmarks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span as it arrived; ids in hexadecimal, times in Unix nanoseconds."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    begun: int
    ended: int
    failed: bool
    facts: dict[str, Any]
    text: str
    """All of it, its resource included."""


@dataclass
class Collector:
    """What has arrived; `url` is for OTEL_EXPORTER_OTLP_ENDPOINT."""

    url: str
    spans: list[Seen] = field(default_factory=list)

    def of(self, trace_id: str) -> list[Seen]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace_id == trace_id]


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


def _read(body: bytes) -> Iterator[Seen]:
    for each in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = {fact.key: _value(fact.value) for fact in each.resource.attributes}
        for span in (span for scope in each.scope_spans for span in scope.spans):
            yield Seen(
                resource["service.name"],
                span.name,
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                span.kind,
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                span.status.code == span.status.STATUS_CODE_ERROR,
                {fact.key: _value(fact.value) for fact in span.attributes},
                f"{each.resource}{span}",
            )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port while the block runs."""

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known = self.path == "/v1/traces"
            collector.spans.extend(_read(body) if known else ())
            self.send_response(200 if known else 404)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
