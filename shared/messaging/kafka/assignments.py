"""Which partitions a member of a consumer group has, of which the admin client gives the bytes only.

Read in aiokafka 0.14.0: `coordinator.protocol.ConsumerProtocolMemberAssignment`, `decode` and `partitions()`.
"""

from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment


def partitions_of(assignment: bytes) -> Sequence[TopicPartition]:
    """A member's partitions; `assignment` is as the group's description has it, and empty while the group rebalances.

    Raises what a parser raises for the assignment of a member that is no consumer.
    """
    if not assignment:
        return ()
    found: Sequence[TopicPartition] = ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    return found
