"""What people send by a page's form: text by field, checked to come from a form of ours."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from services.console.backend import ServiceError
from services.console.browser import SESSION, is_form_token
from services.console.faults import fault, sentence
from shared.web.problems import forbidden

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
MOST_FIELDS = 400
"""Fifty jobs on one page have 250."""
PIECE_BYTES = 256 * 1024
_NUMBER = re.compile(r"[0-9]{1,9}")


async def read_form(request: Request) -> FormData:
    """A form that anybody may send."""
    return await request.form(max_files=1, max_fields=MOST_FIELDS)


async def members_form(request: Request) -> FormData:
    """A form of somebody who is signed in. Raises Problem 403 where it was not made for their session."""
    form = await read_form(request)
    if not is_form_token(request.cookies.get(SESSION), text(form, FORM_TOKEN)):
        raise forbidden("this form is from another sign-in: open the page again")
    return form


OpenForm = Annotated[FormData, Depends(read_form)]
MembersForm = Annotated[FormData, Depends(members_form)]


def text(form: FormData, name: str) -> str:
    """A field's text without spaces around it; "" where it is missing."""
    value = form.get(name, "")
    return "" if isinstance(value, UploadFile) else value.strip()


def digits(form: FormData, name: str) -> str:
    """The digits of a field: a code may be typed with a space in it."""
    return "".join(filter(str.isdigit, text(form, name)))


def number(form: FormData, name: str) -> int | str:
    """A whole number; else the text as it is, for the service to refuse. Not all digits are `int`'s: ² is not."""
    given = text(form, name)
    return int(given) if _NUMBER.fullmatch(given) else given


def lines(form: FormData, name: str) -> list[str]:
    """Several texts from one field: separated by new lines, commas or semicolons."""
    parts = text(form, name).replace(",", "\n").replace(";", "\n").splitlines()
    return [part.strip() for part in parts if part.strip()]


def text_lines(form: FormData, name: str) -> list[str]:
    """Several texts that may hold commas, as places do: one a line."""
    return [line.strip() for line in text(form, name).splitlines() if line.strip()]


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """An uploaded file, a piece at a time."""
    while piece := await file.read(PIECE_BYTES):
        yield piece


def chosen(form: FormData, name: str) -> list[str]:
    """The ticked boxes of this name."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def local_path(path: str, otherwise: str = "/") -> str:
    """Where to go after a form: a path of ours, whatever was in the address."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else otherwise


def reasons(error: ServiceError, fields: Iterable[str]) -> dict[str, str]:
    """What is wrong, as sentences by the form's field; under "" what belongs to none of them."""
    found: dict[str, str] = {}
    for field, reason in error.errors:
        named = next((one for one in fields if field == one or field.startswith((f"{one}.", f"seeking.{one}"))), "")
        found.setdefault(named, fault(field, reason))
    return found or {"": sentence(error.detail)}


def reason(error: ServiceError) -> str:
    """What is wrong, where a form has one field only."""
    return next(iter(reasons(error, ()).values()))
