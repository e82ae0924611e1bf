"""A member's archive: what profiles puts into it, and beside that what the other services answer in the member's name.

It lies in a file without a name until it is sent, so that nothing of it stays, and is sent once it is whole.
"""

import json
import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any, Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from services.console.backend import ServiceError, passed_on
from services.console.dependencies import Member, Visitor
from shared.services import ServiceName
from shared.web.problems import RETRY_AFTER_S

router = APIRouter(prefix="/settings", include_in_schema=False)

LISTS: Final[dict[str, tuple[ServiceName, str, dict[str, str]]]] = {
    "inbox": ("notifications", "/v1/inbox", {}),
    "introductions-as-seeker": ("introductions", "/v1/introductions", {"role": "seeker"}),
    "introductions-as-introducer": ("introductions", "/v1/introductions", {"role": "introducer"}),
    "introductions-as-target": ("introductions", "/v1/introductions", {"role": "target"}),
}
"""Files with all items of a list: the service, its path, and the query."""

SINGLE: Final[dict[str, tuple[ServiceName, str]]] = {
    "hidden": ("notifications", "/v1/hidden"),
    "preferences": ("notifications", "/v1/preferences"),
    "limits": ("introductions", "/v1/limits"),
    "keep-in-touch": ("introductions", "/v1/keep-in-touch"),
}
"""Files with one answer."""

ITEMS_A_PAGE: Final = 200
IN_MEMORY: Final = 4 * 1024 * 1024
PIECE_BYTES: Final = 64 * 1024


@router.get("/export")
async def export(member: Member) -> Response:
    """Everything that is kept of the member, as one ZIP."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is closed when it has been sent
    try:
        await _fill(file, member)
    except BaseException:
        file.close()
        raise
    headers = {"Content-Disposition": 'attachment; filename="warmpath.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(_sent(file), media_type="application/zip", headers=headers)


async def _fill(file: IO[bytes], member: Visitor) -> None:
    async for piece in passed_on(await member.api.stream("profiles", "/v1/me/export", {})):
        file.write(piece)
    if not zipfile.is_zipfile(file):
        raise ServiceError(503, "profiles broke off; try again", retry_after=RETRY_AFTER_S)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, (service, path) in SINGLE.items():
            archive.writestr(f"elsewhere/{name}.json", _json(await member.api.get(service, path)))
        for name, (service, path, query) in LISTS.items():
            with archive.open(f"elsewhere/{name}.json", "w") as inside:
                inside.write(b"[")
                between = b"\n"
                async for item in _items(member, service, path, query):
                    inside.write(between + _json(item))
                    between = b",\n"
                inside.write(b"\n]\n")


async def _items(member: Visitor, service: ServiceName, path: str, query: dict[str, str]) -> AsyncIterator[Any]:
    """All items of a list, of which a page at a time is asked for."""
    cursor = None
    while True:
        found = await member.api.get(service, path, **query, limit=ITEMS_A_PAGE, cursor=cursor)
        for item in found["items"]:
            yield item
        if not (cursor := found.get("next")):
            return


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
