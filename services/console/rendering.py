"""Pages: a template, what it needs, and the headers every page has."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import structlog
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.dependencies import Visitor
from services.console.faults import sentence
from services.console.words import WORKPLACES

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_WEB_LINK = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_SHORT = 30
"""So many characters of a link stand in one line of a phone."""
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def ago(moment: str | None) -> str:
    """How long ago, roughly: "today" and "yesterday" would need the reader's time zone."""
    if not moment:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for size, word in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    return "just now"


def day(moment: str) -> str:
    """The day, as it is in UTC: the same for everybody."""
    at = _in_utc(moment)
    return f"{at.day} {at:%B}"


def date(moment: str) -> str:
    """The day with its year, of a moment or of a day alone: "10 March 2024"."""
    return f"{day(moment)} {_in_utc(moment):%Y}"


def minute(moment: str) -> str:
    """The moment to the minute: "2 October 2026, 09:30 UTC"."""
    return f"{date(moment)}, {_in_utc(moment):%H:%M} UTC"


def _in_utc(moment: str) -> datetime:
    """A day alone is one everywhere: it moves to no other time zone."""
    at = datetime.fromisoformat(moment)
    return at.astimezone(UTC) if at.tzinfo else at


def short_link(url: str) -> str:
    """What is shown of a link: where it leads, without its scheme; of a long one the host alone."""
    try:
        found = urlsplit(url)
        host = (found.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    rest = (found.path + (f"?{found.query}" if found.query else "")).rstrip("/")
    if not host:
        return url
    return host + (rest if len(host + rest) <= _SHORT else "/…")


def count(number: int, thing: str, things: str | None = None) -> str:
    """The number with its noun: `1 person`, `3 people`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def plain_amount(amount: object) -> str:
    """A sum of money without `.0`."""
    return str(int(amount)) if isinstance(amount, float) and amount.is_integer() else str(amount)


def pay(salary: Mapping[str, Any] | None) -> str | None:
    """A range of pay in words: "50,000 to 60,000 EUR a year"; None where none is named."""
    if not salary or (salary.get("min") is None and salary.get("max") is None):
        return None
    least, most = (None if salary.get(end) is None else f"{salary[end]:,.10g}" for end in ("min", "max"))
    if most is None:
        amount = f"from {least}"
    elif least is None:
        amount = f"up to {most}"
    else:
        amount = most if least == most else f"{least} to {most}"
    return f"{amount} {salary['currency']} {'an' if salary['period'] == 'hour' else 'a'} {salary['period']}"


def query(values: Mapping[str, Any]) -> str:
    """The query of an address, from `?`; "" where everything is as it is without."""
    said = {name: str(value).lower() if value is True else value for name, value in values.items() if value}
    said = {name: value for name, value in said.items() if (name, value) != ("sort", "best")}
    return "?" + urlencode(said) if said else ""


def is_web_link(url: object) -> bool:
    """Whether an address from outside may be linked: what a browser opens as a page, and never runs as a script."""
    return isinstance(url, str) and _WEB_LINK.match(url) is not None


class _Templates(Environment):
    """`item.title` looks into a dictionary first: pages are made of JSON, and a failed look for an attribute costs."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template's `.` means."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_templates = _Templates(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "ago": ago,
    "moment": lambda ms: datetime.fromtimestamp(ms / 1000, UTC).isoformat(),
    "amount": plain_amount,
    "date": date,
    "day": day,
    "capitalize_first": lambda text: text[:1].upper() + text[1:],
    "combined": lambda one, other: {**one, **other},
    "minute": minute,
    "part": lambda text: quote(text, safe=""),
    "pay": pay,
    "query": query,
    "sentence": sentence,
    "short_link": short_link,
}
_templates.tests["web_link"] = is_web_link
_templates.globals |= {"count": count, "workplaces": WORKPLACES}


def page(
    request: Request,
    template: str,
    visitor: Visitor | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Render a template of `templates/`. `here` is the path, for the menu."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    more = {"visitor": visitor, "here": request.url.path, "request_id": request_id}
    text = _templates.get_template(template).render(more | context)
    return HTMLResponse(text, status, {**HEADERS, **(headers or {})})


def to(path: str) -> RedirectResponse:
    """After a form: show the page that is right now."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
