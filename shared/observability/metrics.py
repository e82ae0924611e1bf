"""The process's metrics: one registry, every name with the prefix `warmpath_`. Modules declare theirs at import."""

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Buckets for durations, from a query in memory to a slow import."""


def counter(name: str, about: str, labels: Sequence[str] = ()) -> Counter:
    """Something that only grows. Labels must come from short, closed lists: never an id."""
    return Counter(name, about, labels, namespace="warmpath", registry=REGISTRY)


def gauge(name: str, about: str, labels: Sequence[str] = ()) -> Gauge:
    """Something that goes up and down."""
    return Gauge(name, about, labels, namespace="warmpath", registry=REGISTRY)


def histogram(name: str, about: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS) -> Histogram:
    """A distribution; durations are in seconds and their names end in `_seconds`."""
    return Histogram(name, about, labels, namespace="warmpath", registry=REGISTRY, buckets=buckets)


def render() -> bytes:
    """All metrics in the text format that `/metrics` answers with."""
    return generate_latest(REGISTRY)
