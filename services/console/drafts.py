"""A profile as a file tells it, between the page where it is confirmed and the services. Kept nowhere but in the form.

What is on the page: `name`, `headline`, `skills`, `titles`, `places` as texts, `jobs` (each with `company`, `title`,
`start`, `end` and `keep`), and `unclear`, the lines that were not understood.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from services.console.backend import ServiceError
from services.console.faults import fault
from services.console.forms import chosen, lines, reasons, text, text_lines

TEXTS = ("name", "headline", "skills", "titles", "places")
JOB = ("company", "title", "start", "end")
MOST_JOBS, MOST_UNCLEAR = 51, 100
"""As many as profiles tells of, and one to fill in."""

_FIELDS = {"name": "name", "headline": "headline", "skills": "skills", "seeking.skills": "skills"}
_FIELDS |= {"seeking.titles": "titles", "seeking.locations": "places"}
_OF_A_JOB = re.compile(r"employments\.(\d+)(?:\.(company|title|start|end))?")
_NO_DAY = "Enter a year, or a month such as 2021-03."


def of_file(draft: Mapping[str, Any], me: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a draft; what the member said before stays, where the file cannot know better."""
    seeking = me["seeking"] or {}
    return {
        "name": draft["name"] or me["name"],
        "headline": me["headline"] or draft["headline"] or "",
        "skills": ", ".join([*me["skills"], *draft["skills"]]),
        "titles": "\n".join(seeking.get("titles") or draft["titles"]),
        "places": "\n".join(seeking.get("locations") or draft["places"]),
        "jobs": [{name: job[name] or "" for name in JOB} | {"keep": True} for job in draft["employments"]],
        "unclear": draft["unclear"],
    }


def of_form(form: FormData) -> dict[str, Any]:
    """What the page shows again, as it was entered."""
    shown: dict[str, Any] = {name: text(form, name) for name in TEXTS}
    jobs = [{name: text(form, f"{name}-{at}") for name in JOB} | {"keep": bool(text(form, f"keep-{at}"))}
            for at in range(MOST_JOBS) if f"company-{at}" in form]  # fmt: skip
    return shown | {"jobs": jobs, "unclear": chosen(form, "unclear")[:MOST_UNCLEAR]}


def change_of(form: FormData, me: Mapping[str, Any]) -> dict[str, Any]:
    """What is confirmed, as profiles takes it. Who looks for nothing, and names nothing to look for, still does not."""
    skills, titles, places = lines(form, "skills"), lines(form, "titles"), text_lines(form, "places")
    change: dict[str, Any] = {
        "name": text(form, "name"),
        "headline": text(form, "headline") or None,
        "skills": skills,
        "employments": [*me["employments"], *(_job(job) for job in of_form(form)["jobs"] if _is_kept(job))],
    }
    if me["seeking"] or titles or places:
        change["seeking"] = (me["seeking"] or {}) | {"titles": titles, "locations": places, "skills": skills}
    return change


def what_is_wrong(error: ServiceError, form: FormData, me: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong by the page's fields: jobs are numbered as on the page."""
    kept = [at for at, job in enumerate(of_form(form)["jobs"]) if _is_kept(job)]
    found: dict[str, str] = {}
    for field, reason in error.errors:
        job = _OF_A_JOB.match(field)
        place = int(job[1]) - len(me["employments"]) if job else -1
        if job and 0 <= place < len(kept):
            part = job[2] or "end"
            found.setdefault(f"{part}-{kept[place]}", _NO_DAY if job[2] in {"start", "end"} else fault(part, reason))
        else:
            named = next((name for start, name in _FIELDS.items() if f"{field}.".startswith(f"{start}.")), "")
            found.setdefault(named, fault(field, reason))
    return found or reasons(error, ())


def _is_kept(job: Mapping[str, Any]) -> bool:
    return bool(job["keep"] and any(job[name] for name in JOB))


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    return {name: job[name] or None for name in JOB} | {"company": job["company"]}
