"""What people see of files that they bring."""

from pydantic import BaseModel

from services.profiles.imports.registry import FormatName


class ImportReport(BaseModel):
    """What an import read and changed. `kept` contacts left the list, but the member had said something of them.

    Of an archive: `parts`, the rows read of each, and `profile`, the member's own, of which nothing is stored.
    """

    format: FormatName
    read: int
    accepted: int
    rejected: list["RejectedRow"]
    warnings: list[str]
    added: int
    updated: int
    removed: int
    kept: int
    unchanged: int
    parts: dict[str, int] | None = None
    profile: "ProfileDraft | None" = None


class DraftJob(BaseModel):
    """Work at a company, with days as far as they are known: YYYY, YYYY-MM or YYYY-MM-DD."""

    company: str
    title: str | None
    start: str | None
    end: str | None


class DraftStudy(BaseModel):
    """A school, with days as far as they are known."""

    school: str
    degree: str | None
    start: str | None
    end: str | None


class ProfileDraft(BaseModel):
    """What the member's own file tells beyond their profile, to be confirmed field by field.

    `titles` and `places` they may look for: their present work, and where they live. `unclear`: not understood.
    """

    name: str | None
    headline: str | None
    employments: list[DraftJob]
    skills: list[str]
    education: list[DraftStudy]
    titles: list[str]
    places: list[str]
    unclear: list[str]


class RejectedRow(BaseModel):
    """A row that was left out, and why."""

    line: int
    reason: str
