"""What each service's Kafka principal must be allowed, from the topic catalogue: no more than it uses. Pure.

Kept true: only a topic's owner may write it; but a `.retry` topic only the operator, who replays, and who marks on the
`.dlq` topic what was done. Kafka's Read and Write bring Describe with them, and Write to any topic brings the
idempotent producer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from shared.messaging.kafka.settings import partition_id, relay_id, resolver_id
from shared.messaging.topics.catalogue import (
    CONSUMER_GROUPS,
    STATE_TOPICS,
    SUGGESTIONS,
    all_topics,
    dead_letters,
    retries,
)
from shared.services import ServiceName

OPERATOR = "operator"
"""Whoever makes topics, watches them, measures lag and replays dead letters: the command line."""

Resource = Literal["topic", "group", "transactional-id", "cluster"]
Operation = Literal["Read", "Write", "Create", "Describe", "DescribeConfigs"]


@dataclass(frozen=True, slots=True)
class Acl:
    """One principal's operations on one resource. `prefixed`: all whose names begin so. A cluster has no name."""

    principal: str
    resource: Resource
    name: str
    operations: tuple[Operation, ...]
    prefixed: bool = False


def acls(service: ServiceName) -> Iterator[Acl]:
    """What a service needs."""
    written = [topic.name for topic in STATE_TOPICS if topic.owner == service]
    # An owner reads back what it has said: the matcher at its start, the others when a topic is reconciled.
    read = [topic.name for topic in STATE_TOPICS if service in (*topic.readers, topic.owner)]
    if service in CONSUMER_GROUPS:
        # Operators list and replay dead letters over the service, too.
        written += [dead_letters(service).name, retries(service).name]
        read += [retries(service).name, dead_letters(service).name]
        yield Acl(service, "transactional-id", resolver_id(service), ("Write",))
        yield Acl(service, "group", service, ("Read",))
    if service == SUGGESTIONS.owner:
        yield Acl(service, "group", service, ("Read",), prefixed=True)  # a name a shard, for its positions
        yield Acl(service, "transactional-id", partition_id(SUGGESTIONS.name, ""), ("Write",), prefixed=True)
    elif any(topic.owner == service for topic in STATE_TOPICS):
        yield Acl(service, "transactional-id", relay_id(service), ("Write",))
    yield from (Acl(service, "topic", name, ("Write",)) for name in written)
    yield from (Acl(service, "topic", name, ("Read",)) for name in read)


def operator_acls() -> Iterator[Acl]:
    """What the operator needs."""
    yield Acl(OPERATOR, "cluster", "", ("Create", "Describe", "DescribeConfigs"))
    yield Acl(OPERATOR, "group", "*", ("Describe",))
    for topic in all_topics():
        yield Acl(OPERATOR, "topic", topic.name, ("Read", "DescribeConfigs"))
    for group in CONSUMER_GROUPS:
        yield Acl(OPERATOR, "topic", retries(group).name, ("Write",))
        yield Acl(OPERATOR, "topic", dead_letters(group).name, ("Write",))
        yield Acl(OPERATOR, "transactional-id", resolver_id(group), ("Write",))


def all_acls() -> list[Acl]:
    """Every service's, then the operator's."""
    return [acl for service in get_args(ServiceName) for acl in acls(service)] + list(operator_acls())


def commands(wanted: Iterable[Acl]) -> list[list[str]]:
    """Arguments of `kafka-acls.sh` that allow all of it: one call for what a principal may do alike."""
    together: dict[tuple[str, tuple[Operation, ...], bool], list[Acl]] = {}
    for acl in wanted:
        together.setdefault((acl.principal, acl.operations, acl.prefixed), []).append(acl)
    return [_command(alike) for alike in together.values()]


def _command(alike: list[Acl]) -> list[str]:
    words = ["--add", "--allow-principal", f"User:{alike[0].principal}"]
    for operation in alike[0].operations:
        words += ["--operation", operation]
    for acl in alike:
        words += [f"--{acl.resource}", acl.name] if acl.name else [f"--{acl.resource}"]
    return [*words, "--resource-pattern-type", "prefixed"] if alike[0].prefixed else words
