"""LinkedIn's whole export, basic or complete, in a folder or not: a network with weights, and a profile to confirm.

Only the members named here are opened; media, articles and whatever else is there stay closed.
"""

import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from services.profiles.imports import zipped
from services.profiles.imports.columns import BrokenTableError, named_rows
from services.profiles.imports.draft import Draft
from services.profiles.imports.format import Upload
from services.profiles.imports.linkedin import connections, messages, profile
from services.profiles.imports.reading import Reading
from services.profiles.imports.report import ContactRecord, ImportProblem, Report

KIND = connections.KIND
MESSAGES = "linkedin-messages"

_PROFILE: Mapping[str, Callable[[BinaryIO, Draft], int]] = {
    "Profile.csv": profile.read_profile,
    "Positions.csv": profile.read_positions,
    "Skills.csv": profile.read_skills,
    "Education.csv": profile.read_education,
}
_COUNTED = (
    "Invitations.csv", "Endorsement_Received_Info.csv", "Endorsement_Given_Info.csv", "Recommendations_Received.csv",
    "Recommendations_Given.csv",
)  # fmt: skip
"""Told of by their number of rows only: they are no kind of evidence."""

_KNOWN = {name.casefold(): name for name in ("Connections.csv", "messages.csv", *_PROFILE, *_COUNTED)}


def read(upload: Upload) -> Report:
    """Read the archive.

    Raises:
        ImportProblem: it is unsafe, damaged, no export of LinkedIn, or a list in it has no usable row.
    """
    try:
        with zipped.opened(upload.file) as archive:
            return _Export(archive, _members(archive), upload).report()
    except zipped.UnsafeError as error:
        raise ImportProblem(str(error), Report(KIND)) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The known members by name, wherever they stand."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        *folders, last = member.filename.split("/")
        name = _KNOWN.get(last.casefold())
        if name and "__MACOSX" not in folders:
            if name in found:
                raise zipped.UnsafeError(f"there is more than one {name} in the archive")
            found[name] = member
    if not found:
        raise zipped.UnsafeError("this archive is no export of LinkedIn: there is no Connections.csv in it")
    return found


class _Export:
    """One archive while it is read. A part that cannot be read is left out, whole, with a warning."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], upload: Upload) -> None:
        self._archive, self._members, self._upload = archive, members, upload
        self._rows: dict[str, int] = {}
        self._warnings: list[str] = []

    def report(self) -> Report:
        draft = Draft()
        for name, read_it in _PROFILE.items():
            self._part(name, partial(_filled, read_it, draft))
        listed = Report(KIND)
        if member := self._members.get("Connections.csv"):
            with zipped.part(self._archive, member) as file:
                listed = connections.read(Upload(file, member.file_size))
            self._rows["Connections.csv"] = listed.read
        self._upload.told()
        books = {**listed.books, **self._messages(draft)}
        for name in _COUNTED:
            self._part(name, _count)
        self._upload.done()
        warnings = (*listed.warnings, *self._warnings)
        return replace(listed, books=books, warnings=warnings, profile=draft, parts=self._rows)

    def _part(self, name: str, read_it: Callable[[BinaryIO], int]) -> None:
        """Read a part, if it is there, and note how many rows it has."""
        if name not in self._members:
            return
        try:
            with zipped.part(self._archive, self._members[name]) as file:
                self._rows[name] = read_it(file)
        except BrokenTableError as error:
            self._warnings.append(f"{name} {error}: it was left out")

    def _messages(self, draft: Draft) -> dict[str, Collection[ContactRecord]]:
        """The people with messages both ways, as a list of its own; none where the messages cannot be counted."""
        counted: list[messages.Conversations] = []

        def count(file: BinaryIO) -> int:
            counted.append(messages.read(file))
            return counted[0].rows

        self._part("messages.csv", count)
        if not counted:
            return {}
        known = self._upload.owner
        names = known.names | ({draft.name.casefold()} if draft.name else set())
        reading = Reading()
        self._warnings += counted[0].told()
        if not counted[0].records(replace(known, names=names), reading):
            self._warnings.append("whose messages these are is not clear: they were not counted")
            return {}
        self._warnings += reading.report(KIND, MESSAGES).warnings
        return {MESSAGES: reading.records}


def _filled(read_it: Callable[[BinaryIO, Draft], int], draft: Draft, file: BinaryIO) -> int:
    return read_it(file, draft)


def _count(file: BinaryIO) -> int:
    return sum(1 for _ in named_rows(file, set()))
