"""How metrics are declared and rendered: names have the prefix `warmpath_`, and a service shows only its own.

The metrics themselves are declared in `metric_list` and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

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

from shared.services import SERVICES, ServiceName

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "warmpath"

Kind = Literal["counter", "gauge", "histogram"]
Unit = Literal[
    "seconds", "bytes", "records", "rows", "requests", "suggestions", "e-mails", "introductions", "times", "yes or no"
]

ALL_SERVICES = tuple(SERVICES)

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Buckets for durations, from a query in memory to a slow import."""

_Collector = TypeVar("_Collector", Counter, Gauge, Histogram)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


_REGISTRIES: dict[ServiceName, CollectorRegistry] = {service: _registry() for service in SERVICES}


@dataclass(frozen=True, slots=True)
class Metric:
    """A declared metric. `name` is Prometheus' name of the family: with the prefix, for a counter without `_total`."""

    name: str
    kind: Kind
    about: str
    labels: tuple[str, ...]
    unit: Unit
    services: tuple[ServiceName, ...]

    @property
    def samples(self) -> dict[str, frozenset[str]]:
        """The names that an expression may use, each with its labels."""
        labels = frozenset(self.labels)
        if self.kind == "histogram":
            return {f"{self.name}_bucket": labels | {"le"}, f"{self.name}_sum": labels, f"{self.name}_count": labels}
        return {f"{self.name}_total" if self.kind == "counter" else self.name: labels}


DECLARED: list[Metric] = []
"""All metrics, in the order in which they are declared."""


def counter(
    name: str, about: str, labels: Sequence[str] = (), *, unit: Unit, services: Sequence[ServiceName] = ALL_SERVICES
) -> Counter:
    """A count that only grows. Labels must come from short, closed lists: never an id."""
    made = Counter(name, about, labels, namespace=PREFIX, registry=None)
    return _declared(made, "counter", about, labels, unit, services)


def gauge(
    name: str, about: str, labels: Sequence[str] = (), *, unit: Unit, services: Sequence[ServiceName] = ALL_SERVICES
) -> Gauge:
    """A value that goes up and down."""
    made = Gauge(name, about, labels, namespace=PREFIX, registry=None)
    return _declared(made, "gauge", about, labels, unit, services)


def histogram(
    name: str,
    about: str,
    labels: Sequence[str] = (),
    *,
    services: Sequence[ServiceName] = ALL_SERVICES,
    buckets: Sequence[float] = SECONDS,
) -> Histogram:
    """A distribution of durations in seconds; its name ends in `_seconds`."""
    made = Histogram(name, about, labels, namespace=PREFIX, registry=None, buckets=buckets)
    return _declared(made, "histogram", about, labels, "seconds", services)


def _declared(
    made: _Collector, kind: Kind, about: str, labels: Sequence[str], unit: Unit, services: Sequence[ServiceName]
) -> _Collector:
    name = next(iter(made.describe())).name
    DECLARED.append(Metric(name, kind, about, tuple(labels), unit, tuple(services)))
    for service in services:
        _REGISTRIES[service].register(made)
    return made


def render(service: ServiceName) -> bytes:
    """A service's metrics in the text format of `/metrics`."""
    return generate_latest(_REGISTRIES[service])
