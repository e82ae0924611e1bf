"""`POST /internal/v1/reconcile`, for the owners of topics: compares a topic with the tables for an operator."""

from typing import Annotated

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Query, Request

from shared.messaging.publish.reconciling import Report, TopicOwner, reconcile
from shared.storage.pool import Pool
from shared.web import audit
from shared.web.callers import Operator
from shared.web.documents import problems
from shared.web.problems import not_found, unavailable


def reconciliation_router() -> APIRouter:
    """The endpoint. `app.state.topic_owners` has what the service knows of each of its topics, by the topic's name."""
    router = APIRouter(tags=["operator"])

    @router.post("/internal/v1/reconcile", summary="Compare a topic with its tables", responses=problems(404))
    async def compare(
        request: Request,
        _caller: Operator,
        topic: Annotated[str, Query(max_length=200, description="a topic that this service owns")],
        dry_run: Annotated[bool, Query(description="only report")] = True,
        revive: Annotated[bool, Query(description="publish rows that the topic has a tombstone for")] = False,
    ) -> Report:
        """Reports what differs and, unless it is a dry run, publishes what the tables hold. Slow for a long topic.

        The audit is written before and after, since the work is done page by page: `reconciling` alone means that it
        was interrupted.
        """
        owner: TopicOwner | None = request.app.state.topic_owners.get(topic)
        if owner is None:
            raise not_found("topic of this service")
        pool, bootstrap = request.app.state.pool, request.app.state.settings.kafka_bootstrap_servers
        changed = () if dry_run else (topic,)
        await _note(pool, "topic.reconciling", *changed)
        try:
            report = await reconcile(pool, bootstrap, owner, dry_run=dry_run, revive=revive)
        except KafkaError as error:
            raise unavailable("Kafka does not answer; try again") from error
        await _note(pool, "topic.reconciled", *changed)
        return report

    return router


async def _note(pool: Pool, action: str, *topics: str) -> None:
    async with pool.acquire() as conn:
        await audit.note(conn, action, *topics)
