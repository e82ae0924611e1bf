"""Which errors mean that another producer has taken the transactional id."""

import pytest
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidTxnState,
    KafkaConnectionError,
    KafkaError,
    NotLeaderForPartitionError,
    ProducerFenced,
)

from shared.messaging.publish.publisher import is_fenced


def wrapped(error: Exception) -> Exception:
    """As aiokafka's sender passes on what it did not expect."""
    made = KafkaError("Unexpected error during batch delivery")
    made.__cause__ = error
    return made


@pytest.mark.parametrize("kind", [ProducerFenced, InvalidProducerEpoch, InvalidTxnState])
def test_whoever_was_superseded_must_not_claim_again(kind):
    assert is_fenced(kind())
    assert is_fenced(wrapped(kind()))


@pytest.mark.parametrize("error", [KafkaConnectionError(), NotLeaderForPartitionError(), TimeoutError(), None])
def test_passing_trouble_is_not_taken_for_it(error):
    assert not is_fenced(error)
    assert error is None or not is_fenced(wrapped(error))
