"""Why a producer's transaction failed, of which its public calls say only that it did.

Read in aiokafka 0.14.0, `producer`: `AIOKafkaProducer._txn_manager.wait_for_transaction_end()` gives the transaction's
future; `_message_accumulator._batches` holds by partition the batches left behind, each with `_drain_waiter`, a future
that ends when the batch has gone out or never will.
"""

from aiokafka import AIOKafkaProducer


def causes(producer: AIOKafkaProducer) -> list[BaseException]:
    """The errors in which the transaction, and what it left behind, have ended.

    A producer that finds itself fenced between two records calls the next `send` an illegal operation and says why only
    here. To ask also takes note of these errors, so that asyncio does not complain that nobody did.
    """
    ends = [producer._txn_manager.wait_for_transaction_end()]  # noqa: SLF001 - see above
    left = producer._message_accumulator._batches  # noqa: SLF001 - see above
    ends += [batch._drain_waiter for batches in left.values() for batch in batches]  # noqa: SLF001 - see above
    found = [end.exception() for end in ends if end is not None and end.done() and not end.cancelled()]
    return [error for error in found if error is not None]
