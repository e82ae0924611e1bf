"""A group's dead letters for operators, by the service whose group it is: list, look, replay, drop.

What was done stands in the service's audit, written before (`replaying`, `dropping`) and after (`replayed`, `dropped`):
where the second is missing, it was interrupted. The command line does it all in Kafka by itself, and notes it here.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.messaging.dead_letters.letters import (
    LetterFilter,
    Outcome,
    Step,
    count_by_reason,
    letter_as_json,
    parse_id,
    read_letter,
    read_letters,
    whole_letter_as_json,
)
from shared.messaging.dead_letters.replaying import Resolver
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics.catalogue import Topic, dead_letters
from shared.services import ServiceName
from shared.web import audit
from shared.web.callers import Operator
from shared.web.documents import problems
from shared.web.problems import conflict, not_found, unavailable

PLACE = "^[0-9]{1,9}:[0-9]{1,19}$"
Place = Annotated[str, Field(pattern=PLACE, examples=["0:17"])]
MOST_LETTERS = 1000


class LetterStep(BaseModel):
    """What is done with which letters. Their places on the topic are noted, and none of their content."""

    model_config = ConfigDict(extra="forbid")

    step: Step
    letters: Annotated[list[Place], Field(min_length=1, max_length=MOST_LETTERS)]


class Resolving(BaseModel):
    """What is to be done with which letters."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    letters: Annotated[list[Place], Field(min_length=1, max_length=MOST_LETTERS)]


class Resolved(BaseModel):
    """Ids of the letters with which it was done; of those that were resolved before; of those that were cut short."""

    done: list[str]
    resolved: list[str]
    truncated: list[str]


class Letters(BaseModel):
    """How many there are of each kind, and the newest of them. Times are ISO 8601, or Unix milliseconds (`_ms`)."""

    group: str
    kinds: list[dict[str, Any]]
    items: list[dict[str, Any]]


def dead_letters_router(group: ServiceName) -> APIRouter:
    """The endpoints, for the dead letters of `group`."""
    router = APIRouter(tags=["operator"])
    topic = dead_letters(group)

    @router.get("/internal/v1/dead-letters", summary="Dead letters of this service")
    async def listing(
        request: Request,
        _caller: Operator,
        resolved: Annotated[bool, Query(description="also those that were replayed or dropped")] = False,
        limit: Annotated[int, Query(ge=1, le=MOST_LETTERS, description="how many at most")] = 50,
    ) -> Letters:
        """Newest first, with a count of each kind; as `warmpath dlq list`."""
        async with _consumer(request) as consumer:
            found, done = await read_letters(consumer, topic)
        letters = [replace(each, resolved=done.get(each.place)) for each in found]
        shown = [each for each in letters if resolved or each.resolved is None]
        shown.sort(key=lambda each: each.written_ms, reverse=True)
        kinds = [asdict(each) for each in count_by_reason(shown)]
        return Letters(group=group, kinds=kinds, items=[letter_as_json(each) for each in shown[:limit]])

    @router.get("/internal/v1/dead-letters/{letter}", summary="One dead letter", responses=problems(404))
    async def one(request: Request, _caller: Operator, letter: Annotated[str, Path(pattern=PLACE)]) -> dict[str, Any]:
        """With its headers and its value; as `warmpath dlq show`."""
        place = _place_on(topic, letter)
        async with _consumer(request) as consumer:
            record = await read_letter(consumer, topic, place)
            _, done = await read_letters(consumer, topic) if record else ([], {})
        if record is None:
            raise not_found("letter")
        return whole_letter_as_json(record, done.get(place))

    @router.post("/internal/v1/dead-letters/resolve", summary="Replay or drop letters", responses=problems(409))
    async def resolve(request: Request, caller: Operator, asked: Resolving) -> Resolved:
        """Replays go to the group that failed alone, byte for byte; as `warmpath dlq replay --yes`."""

        async def note(step: Step, letters: Sequence[str]) -> None:
            await _note(request, step, letters)

        wanted = LetterFilter(ids=frozenset(map(parse_id, asked.letters)))
        try:
            async with Resolver(request.app.state.settings.kafka_bootstrap_servers, group, note) as resolver:
                found = await resolver.resolve(wanted, asked.outcome, caller.id)
        except Fenced as error:
            raise conflict("somebody else is replaying or dropping letters of this service: try again") from error
        except KafkaError as error:
            raise unavailable("Kafka does not answer; the list shows what was done") from error
        parts = {"done": found.ready, "resolved": found.resolved, "truncated": found.truncated}
        return Resolved(**{name: [each.id for each in part] for name, part in parts.items()})

    @router.post(
        "/internal/v1/audit/letters",
        status_code=204,
        summary="Note what is done with dead letters",
        response_class=Response,
    )
    async def note_step(request: Request, _caller: Operator, done: LetterStep) -> Response:
        """For `warmpath dlq`, which does nothing before it is noted here."""
        await _note(request, done.step, done.letters)
        return Response(status_code=204)

    async def _note(request: Request, step: Step, letters: Sequence[str]) -> None:
        async with request.app.state.pool.acquire() as conn:
            await audit.note(conn, f"letter.{step}", *(f"{topic.name} {place}" for place in letters))

    return router


def _place_on(topic: Topic, letter: str) -> tuple[int, int]:
    """The letter's partition and offset, before a consumer is opened: one that is stopped at once is cancelled."""
    place = parse_id(letter)
    if place[0] >= topic.partitions:
        raise not_found("letter")
    return place


@asynccontextmanager
async def _consumer(request: Request) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, of committed records. 503 where Kafka does not answer."""
    bootstrap = request.app.state.settings.kafka_bootstrap_servers
    consumer = AIOKafkaConsumer(**consumer_options(bootstrap, client_id="dead-letters"))
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise unavailable("Kafka does not answer; try again") from error
    finally:
        await close_consumer(consumer)
