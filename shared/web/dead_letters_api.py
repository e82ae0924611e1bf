"""`POST /internal/v1/audit/letters`, for services with a consumer group: notes what an operator does with dead letters.

The letters are in Kafka, where the command line replays and drops them itself; the audit belongs to the service. It is
written before (`replaying`, `dropping`) and after (`replayed`, `dropped`): where the second is missing, the command was
interrupted.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.messaging.dead_letters.letters import Step
from shared.messaging.topics.catalogue import dead_letters
from shared.services import ServiceName
from shared.web import audit
from shared.web.callers import Operator

Place = Annotated[str, Field(pattern="^[0-9]{1,9}:[0-9]{1,19}$", examples=["0:17"])]
MOST_LETTERS = 1000


class LetterStep(BaseModel):
    """What is done with which letters. Their places on the topic are noted, and none of their content."""

    model_config = ConfigDict(extra="forbid")

    step: Step
    letters: Annotated[list[Place], Field(min_length=1, max_length=MOST_LETTERS)]


def dead_letters_router(group: ServiceName) -> APIRouter:
    """The endpoint, for the dead letters of `group`."""
    router = APIRouter(tags=["operator"])
    topic = dead_letters(group).name

    @router.post(
        "/internal/v1/audit/letters",
        status_code=204,
        summary="Note what is done with dead letters",
        response_class=Response,
    )
    async def note_step(request: Request, _caller: Operator, done: LetterStep) -> Response:
        """For `warmpath dlq`, which does nothing before it is noted here."""
        async with request.app.state.pool.acquire() as conn:
            await audit.note(conn, f"letter.{done.step}", *(f"{topic} {place}" for place in done.letters))
        return Response(status_code=204)

    return router
