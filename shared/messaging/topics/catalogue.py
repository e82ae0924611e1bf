"""The one list of topics. Topics are created from it, checked against it, documented from it, never auto-created.

Partition counts of state topics never change: keys would move, and `suggestions.v1` would part from `postings.v1`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from shared.events.base import Contract
from shared.events.clock import ClockV1
from shared.events.introductions import IntroductionV1
from shared.events.people import PersonV1
from shared.events.postings import PostingV1
from shared.events.suggestions import SuggestionV1
from shared.events.ties import TieV1
from shared.services import WITH_DATABASE, ServiceName

DAY_MS = 24 * 60 * 60 * 1000
RETENTION_OF_EVENTS_MS = 30 * DAY_MS
RETENTION_OF_TOMBSTONES_MS = 7 * DAY_MS
LARGEST_LETTER_BYTES = 2 * 1024 * 1024
"""Twice what any other topic takes: the largest record there can be, and its reasons on top."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it must be. `model` is None for dead letters, whose bytes are whatever failed."""

    name: str
    key: str
    partitions: int
    owner: ServiceName
    about: str
    model: type[Contract] | None
    tombstones: bool = True
    readers: tuple[ServiceName, ...] = ()
    configs: dict[str, str] = field(default_factory=dict)
    by_key: bool = True
    """Whether a key's partition follows from the key, by Kafka's own partitioner."""


def _state(
    name: str,
    key: str,
    partitions: int,
    owner: ServiceName,
    about: str,
    model: type[Contract],
    readers: tuple[ServiceName, ...],
    *,
    tombstones: bool = True,
) -> Topic:
    configs = {"cleanup.policy": "compact", "delete.retention.ms": str(RETENTION_OF_TOMBSTONES_MS)}
    return Topic(name, key, partitions, owner, about, model, tombstones, readers, configs)


def _events(name: str, owner: ServiceName, about: str, readers: tuple[ServiceName, ...]) -> Topic:
    configs = {
        "cleanup.policy": "delete",
        "retention.ms": str(RETENTION_OF_EVENTS_MS),
        "max.message.bytes": str(LARGEST_LETTER_BYTES),
    }
    return Topic(name, "as it arrived", 3, owner, about, None, True, readers, configs, by_key=False)


POSTINGS = _state(
    "postings.v1",
    "posting id",
    12,
    "postings",
    "openings as they are now",
    PostingV1,
    ("matching", "introductions"),
)
CLOCK = _state(
    "clock.v1", "day", 1, "postings", "the day it is for every rule", ClockV1, ("matching",), tombstones=False
)
PEOPLE = _state(
    "people.v1",
    "person id",
    12,
    "profiles",
    "members and contacts, without names",
    PersonV1,
    ("matching", "postings", "notifications", "introductions"),
)
TIES = _state(
    "ties.v1",
    "person:contact",
    12,
    "profiles",
    "one side's evidence of knowing somebody",
    TieV1,
    ("matching", "introductions"),
)
INTRODUCTIONS = _state(
    "introductions.v1",
    "introduction id",
    12,
    "introductions",
    "introductions as they are now",
    IntroductionV1,
    ("matching", "profiles", "notifications"),
)
SUGGESTIONS = replace(
    _state(
        "suggestions.v1",
        "suggestion id",
        POSTINGS.partitions,
        "matching",
        "who could introduce whom to which opening; co-partitioned with postings.v1",
        SuggestionV1,
        ("notifications", "introductions"),
    ),
    by_key=False,
)
STATE_TOPICS = (POSTINGS, CLOCK, PEOPLE, TIES, INTRODUCTIONS, SUGGESTIONS)

_READ = {name: tuple(topic for topic in STATE_TOPICS if name in topic.readers) for name in WITH_DATABASE}
CONSUMER_GROUPS: dict[ServiceName, tuple[Topic, ...]] = {name: topics for name, topics in _READ.items() if topics}
"""Groups of services that consume with commits; a group bears its service's name. The matcher reads without one."""

RELAYS: tuple[ServiceName, ...] = tuple(
    name for name in WITH_DATABASE if any(topic.owner == name for topic in STATE_TOPICS)
)
"""Services that publish what they own from an outbox."""


def dead_letters(group: ServiceName) -> Topic:
    """Where a group puts what it could not process, byte for byte."""
    return _events(f"{group}.dlq", group, f"what {group} could not process, and why", ())


def retries(group: ServiceName) -> Topic:
    """Where dead letters are replayed for one group only."""
    return _events(f"{group}.retry", group, f"dead letters on their way back to {group}", (group,))


def all_topics() -> Iterator[Topic]:
    """Every topic of the catalogue: state first, then each group's event topics."""
    yield from STATE_TOPICS
    for group in CONSUMER_GROUPS:
        yield dead_letters(group)
        yield retries(group)
