"""Lists come in pages: `?limit=50&cursor=…` gives `{"items": […], "next": "…" | null}` in a stable order.

A cursor is opaque to callers and names the last row seen, so rows that are added or removed meanwhile shift nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.web.problems import invalid

T = TypeVar("T")
R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
"""Use as `limit: Limit = 50`."""

_LARGEST = 2**63 - 1

Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]
"""Use as `cursor: Cursor = None`."""


class Page(BaseModel, Generic[T]):
    """One page; `next` is null on the last one."""

    items: list[T]
    next: str | None = None


def page_of(rows: Sequence[R], limit: int, item: Callable[[R], T], cursor: Callable[[R], Sequence[object]]) -> Page[T]:
    """A page from up to `limit + 1` rows: one more than is shown is fetched, to know whether there is a next page."""
    shown = rows[:limit]
    following = encode_cursor(*cursor(shown[-1])) if len(rows) > limit else None
    return Page(items=[item(row) for row in shown], next=following)


def encode_cursor(*parts: object) -> str:
    """An opaque cursor from a row's sort keys. Dates and times are written in ISO 8601, everything else as text."""
    texts = [part.isoformat() if isinstance(part, date) else str(part) for part in parts]
    return base64.urlsafe_b64encode(json.dumps(texts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, n: int, *parse: Callable[[str], Any]) -> tuple[Any, ...]:
    """The `n` parts of a cursor as texts, or parsed by the functions in `parse` (`bigint`, `date.fromisoformat`).

    Raises a 422 Problem naming `cursor` for anything that is not a cursor of this list.
    """
    if parse and len(parse) != n:
        raise ValueError("one function for each part")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        texts = json.loads(raw)
        if not isinstance(texts, list) or len(texts) != n or not all(_plain(text) for text in texts):
            raise invalid("cursor", "not a cursor of this list")
        if not parse:
            return tuple(texts)
        return tuple(make(text) for make, text in zip(parse, texts, strict=True))
    except (ValueError, binascii.Error, ArithmeticError, RecursionError) as error:
        raise invalid("cursor", "not a cursor of this list") from error


def bigint(text: str) -> int:
    """An integer that fits a bigint column, as does its negative. Raises ValueError."""
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError("too large")
    return number


def _plain(text: object) -> bool:
    return isinstance(text, str) and text.isprintable()
