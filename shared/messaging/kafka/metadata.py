"""What the cluster says about itself and topics, ids among it: Kafka's Metadata request in version 10.

Read in aiokafka 0.14.0: its own requests stop at version 5, which knows no ids. `protocol.abstract`, `protocol.api` and
`protocol.types` are what requests are made of; `AIOKafkaAdminClient._client` sends one to a node, of which
`get_random_node()` gives an id, and gives the decoded response.
"""

import uuid
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

METADATA_API = 3
VERSION = 10
NO_ID = uuid.UUID(int=0)


class Uuid(AbstractType[uuid.UUID]):  # type: ignore[misc]  # aiokafka ships no types
    """Sixteen bytes."""

    @classmethod
    def encode(cls, value: uuid.UUID) -> bytes:
        """To bytes."""
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> uuid.UUID:
        """From bytes."""
        return uuid.UUID(bytes=data.read(16))


_PARTITION = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline_replicas", CompactArray(Int32)),
    ("tags", TaggedFields),
)
_TOPIC = (
    ("error_code", Int16),
    ("name", CompactString("utf-8")),
    ("topic_id", Uuid),
    ("is_internal", Boolean),
    ("partitions", CompactArray(*_PARTITION)),
    ("authorized_operations", Int32),
    ("tags", TaggedFields),
)
_BROKER = (
    ("node_id", Int32),
    ("host", CompactString("utf-8")),
    ("port", Int32),
    ("rack", CompactString("utf-8")),
    ("tags", TaggedFields),
)


class MetadataResponseV10(Response):  # type: ignore[misc]  # aiokafka ships no types
    """What the cluster says about itself and the topics asked for."""

    API_KEY = METADATA_API
    API_VERSION = VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(*_BROKER)),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        ("topics", CompactArray(*_TOPIC)),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class MetadataRequestV10(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types
    """About topics by name."""

    API_KEY = METADATA_API
    API_VERSION = VERSION
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = MetadataResponseV10
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class MetadataRequest(Request[MetadataRequestV10]):  # type: ignore[misc]  # aiokafka ships no types
    """Asks for these topics and creates none."""

    API_KEY = METADATA_API

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[MetadataRequestV10]) -> MetadataRequestV10:
        """The request as it goes over the wire."""
        no_tags: dict[int, bytes] = {}
        topics = [(NO_ID, name, no_tags) for name in self._topics]
        return request_struct_class(topics, False, False, False, no_tags)


async def ask(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, Any]:
    """Brokers, `cluster_id`, and each topic with its id, partitions and error, by any broker. Raises KafkaError."""
    client = admin._client  # noqa: SLF001 - the public calls ask in versions that know no ids
    answer: dict[str, Any] = (await client.send(client.get_random_node(), MetadataRequest(topics))).to_object()
    return answer
