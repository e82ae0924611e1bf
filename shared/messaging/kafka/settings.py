"""The one place for Kafka client settings: every client of the system is made from these.

Kept true: producers wait for all replicas and never repeat a record; consumers start at the beginning, read committed
records only, commit nothing by themselves; nobody creates a topic by accident.
"""

import ssl
from typing import Any, Final

from aiokafka.helpers import create_ssl_context
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.config import KafkaSecurity
from shared.messaging.kafka import fetcher

fetcher.install()  # before any consumer is made from these settings

MAX_REQUEST_BYTES: Final = 1024 * 1024
"""Kafka's own default limit for a batch; values end at a quarter of it, the rest is room for key and headers."""

MAX_LETTER_BYTES: Final = 4 * 1024 * 1024
"""A dead letter is the largest record there can be, and its reasons on top."""

TRANSACTION_TIMEOUT_MS: Final = 60_000
BATCH_RECORDS: Final = 500
POLL_MS: Final = 200
"""How long a poll waits for records; it ends as soon as there are some."""

HANDLER_SECONDS: Final = 120.0
"""One attempt at one partition's records."""

HOLD_SECONDS: Final = 60.0
"""So long transient errors are retried in place; then the batch is given back, and read and retried again."""

MAX_POLL_INTERVAL_MS: Final = 600_000
"""Above HOLD_SECONDS and HANDLER_SECONDS together, so that retrying never costs the membership in the group."""

STOP_SECONDS: Final = 10.0
"""A batch in hand may finish within this; below any supervisor's patience."""

_SASL: Final = ("sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


def client_options(bootstrap: str, client_id: str) -> dict[str, Any]:
    """What all of aiokafka's clients share; how they are let in the environment says (`KafkaSecurity`).

    `bootstrap` is one broker or several, `host:port` each, with commas between them.
    Raises pydantic.ValidationError where that does not fit together, OSError for a file that holds no certificate.
    """
    # A list: FastStream would take several in one string for one host.
    options: dict[str, Any] = {"bootstrap_servers": bootstrap.split(","), "client_id": client_id}
    security = KafkaSecurity()
    if security.security_protocol != "PLAINTEXT":
        options |= {"security_protocol": security.security_protocol, "ssl_context": _tls(security)}
    if security.sasl and security.sasl_password is not None:
        options |= {
            "sasl_mechanism": security.sasl_mechanism,
            "sasl_plain_username": security.sasl_username,
            "sasl_plain_password": security.sasl_password.get_secret_value(),
        }
    return options


def _tls(security: KafkaSecurity) -> ssl.SSLContext | None:
    """Made anew for each client, so that one made after a rotation shows and trusts the new certificates."""
    if not security.tls:
        return None
    return create_ssl_context(  # type: ignore[no-any-return]  # aiokafka ships no types
        cafile=security.ssl_cafile, certfile=security.ssl_certfile, keyfile=security.ssl_keyfile
    )


def relay_id(service: str) -> str:
    """The transactional id of a service's relay."""
    return f"outbox.{service}"


def resolver_id(group: str) -> str:
    """The transactional id of whoever replays or drops dead letters of a group."""
    return f"dlq-tool.{group}"


def partition_id(topic: str, partition: int | str) -> str:
    """The transactional id of whoever writes one partition; with an empty `partition` what all of them begin with."""
    return f"{topic}-{partition}"


def producer_options(
    bootstrap: str, *, client_id: str, transactional_id: str | None = None, max_bytes: int = MAX_REQUEST_BYTES
) -> dict[str, Any]:
    """For `aiokafka.AIOKafkaProducer`: idempotent, all replicas, and fenced where it has a `transactional_id`."""
    options: dict[str, Any] = {
        **client_options(bootstrap, client_id),
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "linger_ms": 0,
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
    options = client_options(bootstrap, client_id)
    given = {name: options.pop(name, None) for name in (*_SASL, "security_protocol", "ssl_context")}
    return {**options, "security": _faststream(given), "allow_auto_create_topics": False, "consumer_only": True}


def _faststream(given: dict[str, Any]) -> BaseSecurity | None:
    """The same in FastStream's words."""
    if given["security_protocol"] is None:
        return None
    tls = {"ssl_context": given["ssl_context"], "use_ssl": given["ssl_context"] is not None}
    if given["sasl_mechanism"] is None:
        return BaseSecurity(**tls)
    kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return kind[given["sasl_mechanism"]](given["sasl_plain_username"], given["sasl_plain_password"], **tls)


def subscriber_options(group: str) -> dict[str, Any]:
    """For `broker.subscriber` of every group."""
    return {
        "group_id": group,
        "batch": True,
        "max_records": BATCH_RECORDS,
        "batch_timeout_ms": POLL_MS,
        "ack_policy": AckPolicy.NACK_ON_ERROR,
        "no_reply": True,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
    }
