"""What the readers of résumés share: from lines of text, or a draft, to a report."""

from collections.abc import Iterable
from itertools import islice

from services.profiles.imports.cells import tidy
from services.profiles.imports.draft import Draft
from services.profiles.imports.report import ImportProblem, Report
from services.profiles.imports.resume.understanding import draft_of
from shared.resolution import Vocabulary

MAX_LINES = 3_000
MAX_LINE = 500


def report_of_lines(kind: str, lines: Iterable[str], *, more: bool = False) -> Report:
    """The report of a résumé that is text; `more`: the file has more of it than was read.

    Raises:
        ImportProblem: there is no text in it.
    """
    ahead = iter(lines)
    kept = [_line(line) for line in islice(ahead, MAX_LINES)]
    if not any(line.strip() for line in kept):
        raise ImportProblem("there is no text in it, only pictures: export it as text, or type it in", Report(kind))
    more = more or next(ahead, None) is not None
    return report_of(kind, draft_of(kept, Vocabulary.default()), more=more)


def report_of(kind: str, draft: Draft, *, more: bool = False) -> Report:
    """The report of a draft.

    Raises:
        ImportProblem: nothing in it was understood.
    """
    if draft.is_empty():
        raise ImportProblem("nothing in this file could be read as a profile", Report(kind))
    warnings = ("the file is very long: only its beginning was read",) if more else ()
    return Report(kind, warnings=warnings, profile=draft)


def _line(line: str) -> str:
    """A line without strange characters; tabs, which part it, and the mark of a new column stay."""
    if line == "\f":
        return line
    return "\t".join(tidy(part) for part in line[:MAX_LINE].split("\t"))
