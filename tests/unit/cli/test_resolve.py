"""`warmpath resolve` prints what each line means, and why."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.resolve import resolve

APP = typer.Typer()
APP.command()(resolve)


def lines(*arguments: str, given: str | bytes = "") -> list[dict[str, Any]]:
    result = CliRunner().invoke(APP, list(arguments), input=given)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("company", "Uber Technologies, Inc.", {"id": "uber"}),
        ("company", "Stealth Startup", {"id": None}),
        ("skill", "k8s", {"id": "kubernetes"}),
        ("skill", "C/C++", {"id": "c, c++"}),
        ("place", "München/Berlin", {"id": "de/munich, de/berlin"}),
        ("place", "Remote", {"id": None}),
        (
            "title",
            "Sr. Recruiter",
            {"occupation": "recruiter", "group": "242", "recruiting": True, "level": "senior"},
        ),
        ("title", "Retired", {"occupation": None, "group": None, "recruiting": None, "level": None}),
    ],
)
def test_a_line_resolves(kind: str, text: str, expected: dict[str, Any]) -> None:
    (found,) = lines(kind, given=f"{text}\n")
    assert found.pop("why")
    assert found == {"text": text} | expected


def test_lines_are_read_from_a_file_and_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "skills"
    file.write_bytes(b"JS\r\n\xff\xfe\nGolang")
    assert [line["id"] for line in lines("skill", str(file))][::2] == ["javascript", "go"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(APP, ["skill", str(tmp_path / "none")])
    assert result.exit_code == 2
