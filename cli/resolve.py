"""`warmpath resolve`: what words mean to the matcher, line by line, without a running stack."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.lines import lines_of
from shared.resolution import Vocabulary


class Kind(StrEnum):
    """Kinds of words."""

    COMPANY = "company"
    TITLE = "title"
    SKILL = "skill"
    PLACE = "place"


def resolve(
    kind: Annotated[Kind, typer.Argument(help="What the lines name.")],
    file: Annotated[Path, typer.Argument(help="A text a line; - reads standard input.")] = Path("-"),
) -> None:
    """Print what each line resolves to as a JSON object, with the rule or alias that decided as "why".

    Of a company, skill or place that is its "id", of a title "occupation", "group", "recruiting" and "level"; null
    where it is nothing. A line that lists several skills prints their ids joined by a comma.
    """
    read = _READERS[kind]
    words = Vocabulary.default()
    with lines_of(file) as lines:
        for line in lines:
            text = line.rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            typer.echo(json.dumps({"text": text, **read(words, text)}, ensure_ascii=False))


def _company(words: Vocabulary, text: str) -> dict[str, Any]:
    found, why = words.explain_company(text, None)
    return {"id": found, "why": why}


def _title(words: Vocabulary, text: str) -> dict[str, Any]:
    found, why = words.explain_title(text)
    return {
        "occupation": None if found is None else found.occupation,
        "group": None if found is None else found.group,
        "recruiting": None if found is None else found.recruiting,
        "level": words.level(text),
        "why": why,
    }


def _skill(words: Vocabulary, text: str) -> dict[str, Any]:
    ids = words.skills(text)
    return {"id": ", ".join(ids) or None, "why": words.explain_skill(text)[1] if len(ids) == 1 else "several skills"}


def _place(words: Vocabulary, text: str) -> dict[str, Any]:
    ids = ["/".join(name for name in (place.country, place.city) if name) for place in words.places(text)]
    return {"id": ", ".join(ids) or None, "why": words.explain_place(text)[1] if len(ids) == 1 else "several or none"}


_READERS: dict[Kind, Callable[[Vocabulary, str], dict[str, Any]]] = {
    Kind.COMPANY: _company,
    Kind.TITLE: _title,
    Kind.SKILL: _skill,
    Kind.PLACE: _place,
}
