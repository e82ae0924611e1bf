"""The one place for Kafka client settings: every client of the system is made from these.

Kept true: producers wait for all replicas and never repeat a record; consumers start at the beginning, read committed
records only, commit nothing by themselves; nobody creates a topic by accident.
"""

from typing import Any, Final

from faststream.middlewares import AckPolicy

from shared.messaging import tolerant

tolerant.install()  # before any consumer is made from these settings

MAX_REQUEST_BYTES: Final = 1024 * 1024
"""Kafka's own default limit for a batch; values end at a quarter of it, the rest is room for key and headers."""

MAX_LETTER_BYTES: Final = 4 * 1024 * 1024
"""A dead letter is the largest record there can be, and its reasons on top."""

TRANSACTION_TIMEOUT_MS: Final = 60_000
BATCH_RECORDS: Final = 500
BATCH_TIMEOUT_MS: Final = 10
"""FastStream sleeps this long after an empty poll, so it is a part of every latency."""

HANDLER_SECONDS: Final = 120.0
"""One attempt at one partition's records."""

HOLD_SECONDS: Final = 60.0
"""So long transient errors are retried in place; then the batch is given back, and read and retried again."""

MAX_POLL_INTERVAL_MS: Final = 600_000
"""Above HOLD_SECONDS and HANDLER_SECONDS together, so that retrying never costs the membership in the group."""

STOP_SECONDS: Final = 10.0
"""A batch in hand may finish within this; below any supervisor's patience."""


def client_options(bootstrap: str, client_id: str) -> dict[str, Any]:
    """What all clients share. `bootstrap` is one broker or several, `host:port` each, with commas between them."""
    # A list: FastStream would take several in one string for one host.
    return {"bootstrap_servers": bootstrap.split(","), "client_id": client_id}


def producer_options(
    bootstrap: str, *, client_id: str, transactional_id: str | None = None, max_bytes: int = MAX_REQUEST_BYTES
) -> dict[str, Any]:
    """For `aiokafka.AIOKafkaProducer`: idempotent, all replicas, and fenced where it has a `transactional_id`."""
    options: dict[str, Any] = {
        **client_options(bootstrap, client_id),
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "linger_ms": 2,
        "max_batch_size": 128 * 1024,
        "max_request_size": max_bytes,
    }
    if transactional_id is not None:
        options |= {"transactional_id": transactional_id, "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS}
    return options


def consumer_options(bootstrap: str, *, client_id: str, group: str | None = None) -> dict[str, Any]:
    """For a bare `aiokafka.AIOKafkaConsumer` (the matcher). A group is for committing positions only."""
    return {
        **client_options(bootstrap, client_id),
        "group_id": group,
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
    }


def broker_options(bootstrap: str, client_id: str) -> dict[str, Any]:
    """For `faststream.kafka.KafkaBroker`. It only consumes: publishing is for the relay and the dead letters."""
    return {**client_options(bootstrap, client_id), "allow_auto_create_topics": False, "consumer_only": True}


def subscriber_options(group: str) -> dict[str, Any]:
    """For `broker.subscriber` of every group."""
    return {
        "group_id": group,
        "batch": True,
        "max_records": BATCH_RECORDS,
        "batch_timeout_ms": BATCH_TIMEOUT_MS,
        "ack_policy": AckPolicy.NACK_ON_ERROR,
        "no_reply": True,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
    }
