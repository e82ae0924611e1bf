"""Topics of each module's own: the matcher reads every topic whole, so other tests' records would be in its graph."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.topics import cluster
from shared.testing.broker import Broker, empty
from tests.component.matching.world import World


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def broker(own_kafka: Broker) -> Broker:
    await empty(own_kafka)
    await cluster.ensure(own_kafka.bootstrap)
    return own_kafka


@pytest_asyncio.fixture(loop_scope="session")
async def world(broker: Broker, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    publisher = FencedPublisher(broker.bootstrap, f"test.{request.node.name}"[:60])
    await publisher.start()
    yield World(broker.bootstrap, publisher)
    await publisher.stop()


@pytest.fixture
def stopped() -> list[Any]:
    """Filled when a matcher stops by itself."""
    return []
