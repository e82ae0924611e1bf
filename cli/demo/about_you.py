"""What the demo on your own contacts needs to know: your file, who you are, and what you look for."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.context import command, fail
from cli.import_contacts import opened_file
from services.profiles.imports import registry
from services.profiles.imports.draft import Draft, Job
from services.profiles.imports.report import ContactRecord, ImportProblem

YOUR_NAME = "[your name]"
"""Stands in the messages where nobody can be asked for a name."""

_BETWEEN = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was given on the command line; what is empty is taken from the file, or asked for."""

    name: str = ""
    headline: str = ""
    title: str = ""
    skills: str = ""


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """Your contacts, who you are, where you work, and the job that you look for."""

    content: bytes
    records: tuple[ContactRecord, ...]
    name: str
    headline: str | None
    employers: tuple[str, ...]
    title: str
    skills: tuple[str, ...]


def read(file: Path, given: Answers) -> OwnContacts:
    """Read the file before anything is started; ask on a terminal for what neither it nor the command line says."""
    with opened_file(file) as opened:
        try:
            report = registry.read_contacts(opened)
        except ImportProblem as problem:
            fail(str(problem), f"`{command()} import contacts {file} --dry-run` tells the reason for each row")
        opened.seek(0)
        content = opened.read()
    told = report.profile or Draft()
    now = [job for job in told.employments if job.end is None]
    asked = sys.stdin.isatty()
    name = given.name or told.name or (_asked("Your name") if asked else YOUR_NAME)
    headline = given.headline or told.headline or _held(now) or (_asked("What you do, in a line", "") if asked else "")
    title = given.title or _needed("The job title you are looking for", _title(now), "TITLE=… (--title)")
    known = "; ".join(told.skills[:20])
    skills = given.skills or _needed("Your skills, with commas between them", known, "SKILLS=… (--skills)")
    employers = tuple(dict.fromkeys(job.company for job in now))
    return OwnContacts(content, report.records, name, headline or None, employers, title.strip(), split(skills))


def split(skills: str) -> tuple[str, ...]:
    """Skills with commas, semicolons or line ends between them."""
    return tuple(dict.fromkeys(skill.strip() for skill in _BETWEEN.split(skills) if skill.strip()))


def _held(now: list[Job]) -> str:
    return next((f"{job.title} at {job.company}" for job in now if job.title), "")


def _title(now: list[Job]) -> str:
    return next((job.title for job in now if job.title), "")


def _asked(question: str, known: str | None = None) -> str:
    return str(typer.prompt(question, default=known, show_default=bool(known))).strip()


def _needed(question: str, known: str, option: str) -> str:
    """The answer on a terminal, where what the file says is proposed; without one what it says, or an error."""
    if sys.stdin.isatty():
        return _asked(question, known or None)
    if not known:
        fail(f"no terminal to ask on: {question.lower()}", f"give it as {option}")
    return known
