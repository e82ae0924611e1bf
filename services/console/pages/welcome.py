"""The welcome: bring a file, say what you look for, decide who may see you. Each step can be skipped."""

import asyncio
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from services.console import drafts
from services.console.backend import ServiceError
from services.console.dependencies import Member, Visitor
from services.console.forms import MembersForm, chosen, lines, pieces, reason, reasons, text, text_lines
from services.console.rendering import page, to
from services.console.words import WORKPLACES
from shared.pay import amount

router = APIRouter(prefix="/welcome", include_in_schema=False)

STEPS = ("file", "search", "consents")
SENIORITIES = ("intern", "junior", "mid", "senior", "lead", "director", "executive")
PERIODS = ("year", "month", "hour")
SEARCH = ("name", "headline", "employments", "titles", "skills", "locations", "salary", "blocked_companies")
"""What may be wrong with the second step, as profiles calls it."""
NAMED = 5
"""So many companies are named after an import."""
CHECKED = 10
"""So many words of each kind are looked up once a search is saved."""
LONGEST, MEANT = 100, 3
"""Of a word so many characters are looked up, and of what it may have meant so many names are told."""
CONSENTS = ("visible_to_contacts", "introduces", "looks_openly", "discreet")


@router.get("")
async def begin(_member: Member) -> Response:
    """The first step."""
    return to("/welcome/file")


@router.get("/file")
async def ask_for_file(request: Request, member: Member) -> Response:
    """Step 1: an address book."""
    me = await member.api.get("profiles", "/v1/me")
    return page(request, "welcome_file.html.jinja", member, steps=STEPS, me=me, report=None, draft=None, errors={})


@router.post("/file")
async def bring_file(request: Request, member: Member, form: MembersForm) -> Response:
    """Import the file, and say what came of it."""
    file, report, errors = form.get("file"), None, {}
    if not isinstance(file, UploadFile) or not file.filename:
        errors = {"file": "Choose a file first"}
    else:
        try:
            kind = file.content_type or "application/octet-stream"
            missing = "remove" if text(form, "whole") else "keep"
            report = await member.api.upload(
                "profiles", "/v1/contacts/import", pieces(file), kind, params={"missing": missing}
            )
        except ServiceError as error:
            if error.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
                raise
            errors = {"file": reason(error)}
    me = await member.api.get("profiles", "/v1/me")
    draft = drafts.of_file(report["profile"], me) if report and report.get("profile") else None
    shown = {"steps": STEPS, "me": me, "report": report, "draft": draft, "errors": errors}
    found = await _largest(member) if report else []
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(request, "welcome_file.html.jinja", member, status=status, companies=found, **shown)


async def _largest(member: Visitor) -> list[Any]:
    found = (await member.api.get("profiles", "/v1/companies", people=False, limit=2 * NAMED))["items"]
    return [each for each in found if each["employer"]][:NAMED]


@router.get("/search")
async def ask_for_search(request: Request, member: Member) -> Response:
    """Step 2: what is looked for."""
    me = await member.api.get("profiles", "/v1/me")
    works = {"employer": ", ".join(job["company"] for job in me["employments"] if not job["end"])}
    you = {"name": me["name"], "headline": me["headline"] or ""}
    return _search_page(request, member, you | works, me["seeking"] or {}, {})


@router.post("/search")
async def save_search(request: Request, member: Member, form: MembersForm) -> Response:
    """Save it; on an error show what is wrong beside what was entered."""
    seeking, me = search_of(form), await member.api.get("profiles", "/v1/me")
    change: dict[str, Any] = {"name": text(form, "name"), "seeking": seeking, "skills": lines(form, "skills")}
    change["headline"] = text(form, "headline") or None
    change["employments"] = _employments(me["employments"], lines(form, "employer"))
    said = {name: text(form, name) for name in ("name", "headline", "employer")}
    try:
        await member.api.send("profiles", "PATCH", "/v1/me", json=change)
    except ServiceError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        wrong = reasons(error, SEARCH)
        if "employments" in wrong:
            wrong["employer"] = wrong.pop("employments")
        if "salary" in wrong:
            wrong["salary"] = "Enter an amount such as 60000, and a currency such as EUR"
        return _search_page(request, member, said, seeking, wrong)
    unknown = await _unknown(member, seeking)
    if unknown:
        return _search_page(request, member, said, seeking, {}, unknown)
    return to("/welcome/consents")


async def _unknown(member: Visitor, seeking: dict[str, Any]) -> list[dict[str, Any]]:
    """Words of a search that the vocabulary does not know, as `kind`, `word`, and what they may have `meant`."""

    async def ask(kind: str, word: str) -> dict[str, Any] | None:
        try:
            found = await member.api.get("profiles", "/v1/vocabulary", kind=kind, q=word[:LONGEST])
        except ServiceError:
            return None
        if found["known"]:
            return None
        return {"kind": kind, "word": word, "meant": (found["did_you_mean"] or found["items"])[:MEANT]}

    fields = {"titles": "titles", "skills": "skills", "locations": "places"}
    words = [(kind, word) for field, kind in fields.items() for word in seeking[field][:CHECKED]]
    return [each for each in await asyncio.gather(*(ask(*each) for each in words)) if each]


def _employments(before: list[Any], employers: list[str]) -> list[Any]:
    """Work that is over stays, and so does present work that is still named; what is named besides is new."""
    named = {one.casefold() for one in employers}
    kept = [job for job in before if job["end"] or job["company"].casefold() in named]
    known = {job["company"].casefold() for job in kept if not job["end"]}
    return kept + [{"company": one} for one in employers if one.casefold() not in known]


def search_of(form: FormData) -> dict[str, Any]:
    """The search as profiles takes it."""
    least = text(form, "salary")
    salary = {"min": amount(least), "currency": text(form, "currency").upper(), "period": text(form, "period")}
    return {
        "titles": lines(form, "titles"),
        "skills": lines(form, "skills"),
        "locations": text_lines(form, "locations"),
        "workplace": [one for one in chosen(form, "workplace") if one in WORKPLACES],
        "seniority": text(form, "seniority") or None,
        "salary": salary if least else None,
        "blocked_companies": text_lines(form, "blocked_companies"),
    }


def _search_page(
    request: Request,
    member: Visitor,
    said: dict[str, str],
    seeking: dict[str, Any],
    errors: dict[str, str],
    unknown: list[dict[str, Any]] | None = None,
) -> Response:
    choices: dict[str, Any] = {"seniorities": SENIORITIES, "periods": PERIODS}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(
        request, "welcome_search.html.jinja", member, status=status, steps=STEPS, said=said, seeking=seeking,
        errors=errors, unknown=unknown, **choices,
    )  # fmt: skip


@router.get("/consents")
async def ask_for_consents(request: Request, member: Member) -> Response:
    """Step 3: who may see what."""
    me = await member.api.get("profiles", "/v1/me")
    return page(request, "welcome_consents.html.jinja", member, steps=STEPS, me=me)


@router.post("/consents")
async def save_consents(member: Member, form: MembersForm) -> Response:
    """Save them. What is not ticked is off."""
    await member.api.send("profiles", "PATCH", "/v1/me", json=consents_of(form))
    return to("/suggestions")


def consents_of(form: FormData) -> dict[str, Any]:
    """The consents as profiles takes them."""
    ticked = set(chosen(form, "consents"))
    return {name: name in ticked for name in CONSENTS} | {"findable": "anyone" if "anyone" in ticked else "contacts"}
