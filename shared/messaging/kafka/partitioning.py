"""Which partition a key belongs to: as Kafka's own producers choose it.

Read in aiokafka 0.14.0: `partitioner.DefaultPartitioner`, called with key, all partitions and available ones.
"""

from aiokafka.partitioner import DefaultPartitioner


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key on a topic of so many."""
    every = list(range(partitions))
    found: int = DefaultPartitioner()(key, every, every)
    return found
