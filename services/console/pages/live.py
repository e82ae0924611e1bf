"""The live stream of the inbox, passed on to the browser: pages reload their live part when it says something."""

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from services.console.backend import passed_on
from services.console.dependencies import Member

router = APIRouter(include_in_schema=False)


@router.get("/changes")
async def changes(request: Request, member: Member) -> StreamingResponse:
    """Server-sent events, as notifications sends them to this member. One a browser: pages close theirs when hidden."""
    last = request.headers.get("last-event-id")
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    answer = await member.api.stream("notifications", "/v1/inbox/stream", headers)
    return StreamingResponse(passed_on(answer), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
