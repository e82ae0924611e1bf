"""A broker of this folder's own: the matcher reads every topic whole, so other tests' records would be in its graph."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from infra.local.kafka import Kafka
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.topics import cluster
from shared.testing.broker import Broker, start_broker
from tests.component.matching.world import World


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def broker() -> AsyncIterator[Broker]:
    broker = await start_broker(own=True)
    await cluster.ensure(broker.bootstrap)
    yield broker
    if isinstance(broker, Kafka):
        await broker.kill()
        shutil.rmtree(broker.folder, ignore_errors=True)
    else:
        await broker.stop()


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
