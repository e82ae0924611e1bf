"""`warmpath import contacts` without a stack: what a dry run prints, and how it ends."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.import_contacts import contacts, opened_file
from tests.unit.profiles.test_mailbox import BO, BOTH_WAYS, ME, mail

EXAMPLE = Path(__file__).parents[3] / "examples" / "Connections.csv"
app = typer.Typer()
app.command()(contacts)


def run(*args: str, **options):
    return CliRunner().invoke(app, list(args), **options)


def test_the_example_file_reads_whole():
    result = run(str(EXAMPLE), "--member", "m", "--dry-run", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert list(report) == ["format", "read", "accepted", "rejected", "warnings", "records"]
    assert report["format"] == "linkedin"
    assert report["accepted"] == report["read"] == 41
    assert (report["rejected"], report["warnings"]) == ([], [])
    assert report["records"][0]["connected_on"] == "2024-02-12"
    assert report["records"][0]["line"] == 5


def test_standard_input_and_a_readable_report():
    text = EXAMPLE.read_text(encoding="utf-8") + "Short\nAna,Silva,javascript:x,,[bold]x[/bold],,\n"
    result = run("-", "--dry-run", input=text)
    assert result.exit_code == 0
    assert "42 of 43 rows usable" in result.stdout
    assert "rejected line 46: too short: 1 of 7 columns" in result.stdout
    assert "warning line 47" in result.stdout
    assert "and 22 more rows" in result.stdout


@pytest.mark.parametrize("flags", [["--json"], []])
def test_nothing_usable_is_a_failure_that_says_why(tmp_path, flags):
    file = tmp_path / "Connections.csv"
    file.write_text("First Name,Last Name,Company\n,,Initech\nAna\n")
    result = run(str(file), "--member", "m", "--dry-run", *flags)
    assert result.exit_code == 1
    assert "no usable row" in result.stderr
    if flags:
        report = json.loads(result.stdout)
        assert (report["read"], report["accepted"], report["records"]) == (2, 0, [])
        assert [row["line"] for row in report["rejected"]] == [2, 3]
        assert list(report) == ["format", "read", "accepted", "rejected", "warnings", "records"]
        assert report["warnings"] == ["no usable row: every row was rejected"]
    else:
        assert "rejected line 2: no name" in result.stdout


def test_rows_without_a_name_are_told_of_once():
    rows = ["Ana,Silva,Initech", ",,Initech", "Bo,Lin,Initech", *([",,Globex"] * 12), "Short"]
    result = run("-", "--dry-run", input="\n".join(["First Name,Last Name,Company", *rows]))
    assert result.exit_code == 0
    rejected = [line for line in result.stdout.splitlines() if line.startswith("rejected")]
    assert rejected == [
        "rejected 13 rows have no name: lines 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, …",
        "rejected line 17: too short: 1 of 3 columns",
    ]


def test_a_file_that_is_not_there_is_a_failure(tmp_path):
    result = run(str(tmp_path / "nothing.csv"), "--dry-run")
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


def test_a_real_import_needs_to_know_for_whom():
    result = run(str(EXAMPLE))
    assert result.exit_code == 1
    assert "--member" in result.stderr


def test_a_mailbox_is_cut_down_to_its_headers_before_anything_else(tmp_path):
    """However large it is: what people wrote does not leave the machine."""
    file = tmp_path / "All mail.mbox"
    file.write_text("".join([*BOTH_WAYS, mail(ME, BO), mail(BO, ME, body="SECRET\n" * 1000)]))
    with opened_file(file) as opened:
        data = opened.read()
    assert b"SECRET" not in data
    assert len(data) < 2000
    result = run(str(file), "--dry-run", "--json")
    report = json.loads(result.stdout)
    assert report["format"] == "mailbox"
    assert [(one["name"], one["sent"], one["received"]) for one in report["records"]] == [
        ("Ana Silva", 1, 1), ("Li, Bo", 1, 1),
    ]  # fmt: skip
