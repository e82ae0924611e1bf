"""Spans where a collector is configured; where none is, the SDK is not even loaded."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from infra.local.ports import free_port
from services.matching.snapshots import fork
from shared.observability import trace
from shared.testing.collector import collecting
from shared.testing.wait import until

ROOT = Path(__file__).parents[3]
SAMPLED, UNSAMPLED = trace.make(flags="01"), trace.make(flags="00")
SERVICES = "import services.postings.app, services.profiles.app, services.notifications.app, cli.main"


@pytest.fixture
def recorded(monkeypatch):
    """The spans that reach a collector once `trace.shut_down` was called."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        trace.configure("tests")
        assert trace.recording()
        yield collector.spans
        trace.shut_down()
    trace._recorder = None


def sending():
    """The threads that hand spans over."""
    return {thread for thread in threading.enumerate() if "Otel" in thread.name}


def test_off_nothing_of_the_sdk_is_imported():
    code = (
        f"{SERVICES}\nimport sys\nfrom shared.observability import trace\ntrace.configure('x')\n"
        "assert not trace.recording()\n"
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'opentelemetry.exporter', 'requests'))])"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"), ("OTEL_TRACES_EXPORTER", "console", "otlp or none")],
)
def test_what_is_not_there_is_refused_with_what_to_set(monkeypatch, name, value, said):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=said):
        trace.configure("tests")


@pytest.mark.parametrize(("name", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")])
def test_it_can_be_switched_off_although_there_is_an_endpoint(monkeypatch, name, value):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    trace.configure("tests")
    assert not trace.recording()


def test_spans_hang_together_and_an_error_leaves_its_class_only(recorded):
    def work() -> None:
        with trace.span("outer", SAMPLED, kind="server", facts={"kept": 1, "left out": None}) as outer:
            assert trace.current_traceparent() == outer.traceparent
            fail(outer.traceparent)

    def fail(above: str) -> None:
        with trace.span("inner", above):
            raise LookupError("zora@example.org")

    with pytest.raises(LookupError):
        work()
    trace.shut_down()
    inner, outer = recorded
    assert (outer.trace_id, outer.parent_id) == tuple(SAMPLED.split("-")[1:3])
    assert (inner.trace_id, inner.parent_id) == (outer.trace_id, outer.span_id)
    assert outer.facts == {"kept": 1, "error.type": "LookupError"}
    assert inner.failed
    assert "zora" not in inner.text + outer.text
    assert trace.current_traceparent() is None


def test_what_was_not_sampled_goes_on_so_and_is_not_recorded(recorded):
    with trace.span("quiet", UNSAMPLED) as span:
        assert trace.id_of(span.traceparent) == trace.id_of(UNSAMPLED)
        assert span.traceparent.endswith("-00")
    trace.shut_down()
    assert recorded == []


def test_the_samplers_variables_hold_for_new_traces(recorded, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    trace.configure("tests")
    assert trace.start("begun here", None).traceparent.endswith("-00")
    trace.start("begun elsewhere", SAMPLED).end()
    trace.shut_down()
    assert [span.name for span in recorded] == ["begun elsewhere"]


@pytest.mark.usefixtures("recorded")
async def test_a_copy_of_the_process_has_no_thread_of_ours():
    child = fork.start(lambda: str(threading.active_count()).encode())
    assert await fork.result(child) == b"1"


async def test_a_collector_that_is_away_holds_nothing_up(recorded, monkeypatch):
    assert recorded == []
    before = sending()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    trace.configure("tests")
    began = time.perf_counter()
    for _ in range(3000):
        trace.start("lost", SAMPLED).end()
    assert time.perf_counter() - began < 3
    trace.shut_down()
    assert time.perf_counter() - began < 6
    await until(lambda: not (sending() - before))
