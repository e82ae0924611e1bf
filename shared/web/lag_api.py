"""`GET /internal/v1/lag`, for services that read topics: how far this service's reader is behind on each of them."""

from dataclasses import asdict

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from shared.config import ServiceSettings
from shared.messaging.inspection.groups import GroupInspector, ReadingGroup, sum_by_topic
from shared.web.callers import Operator
from shared.web.problems import unavailable


class TopicLagView(BaseModel):
    """One topic. `oldest_ms`: the time of the oldest unread record in Unix milliseconds; null where all is read."""

    group: str
    topic: str
    partitions: int
    lag: int
    oldest_ms: int | None
    without_member: int = Field(description="partitions that no live process reads")
    never_committed: bool


class Lag(BaseModel):
    """Every topic that this service reads."""

    items: list[TopicLagView]


def lag_router(group: ReadingGroup) -> APIRouter:
    """The endpoint. `group`: which one the service reads as."""
    router = APIRouter(tags=["operator"])

    @router.get("/internal/v1/lag", summary="How far behind this service reads")
    async def lag(request: Request, _caller: Operator) -> Lag:
        """Positions as committed to Kafka; as `warmpath lag` shows them."""
        settings: ServiceSettings = request.app.state.settings
        try:
            async with GroupInspector(settings.kafka_bootstrap_servers) as inspector:
                found = await inspector.partition_lags(group)
        except (KafkaError, OSError) as error:
            raise unavailable("Kafka does not answer; try again") from error
        return Lag(items=[TopicLagView(**asdict(each)) for each in sum_by_topic(found)])

    return router
