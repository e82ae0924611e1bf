"""`POST /internal/v1/audit/letters`, for services whose group has dead letters: what an operator does with them.

The letters stand in Kafka, and the command line deals with them by itself; the audit is the service's. It is told
before (`replaying`, `dropping`) and after (`replayed`, `dropped`): of what was cut off, the first stays alone.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.messaging.dead_letters.letters import Step
from shared.messaging.topics.catalogue import dead_letters
from shared.services import ServiceName
from shared.web import audit
from shared.web.identity import Caller, require

Place = Annotated[str, Field(pattern="^[0-9]{1,9}:[0-9]{1,19}$", examples=["0:17"])]
MOST_LETTERS = 1000


class Told(BaseModel):
    """What is done with which letters. A place on the topic, and nothing that stands in the letter, is noted."""

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
    async def tell(request: Request, _caller: Annotated[Caller, Depends(require("operator"))], told: Told) -> Response:
        """For `warmpath dlq`, which does nothing that could not be noted first."""
        async with request.app.state.pool.acquire() as conn:
            await audit.note(conn, f"letter.{told.step}", *(f"{topic} {place}" for place in told.letters))
        return Response(status_code=204)

    return router
