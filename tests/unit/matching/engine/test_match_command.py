"""`warmpath match`: exact output, and what becomes of lines that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.match import match

app = typer.Typer()
app.command()(match)

OPENING = {
    "posting_id": "o", "version": 1, "company": {"name": "ACME"}, "title": "Dev", "skills": ["py", "sql", "go", "js"],
    "seniority": "mid", "workplace": "remote", "posted_at": "2026-01-01T00:00:00Z", "vouched": True,
}  # fmt: skip
SEEKER = {"person_id": "s", "version": 1, "member": True, "skills": ["py", "go"], "seeking": {"titles": ["Dev"]}}
CONTACT = {"person_id": "c", "version": 1, "member": False, "employments": [{"company": "Acme Corp", "title": "Dev"}]}
EVIDENCE = [{"kind": "closeness", "value": 4}]
TIE = {"person_id": "s", "contact_id": "c", "version": 1, "evidence": EVIDENCE}
DATES = {"title": "Dev", "start": "2020-01", "end": None, "seen": None}
VOCABULARY = {
    "companies": {"acme": "acme", "acme corp": "acme"},
    "titles": {"dev": {"occupation": "d", "group": "g", "recruiting": False}},
}
EVENTS = [
    {"topic": "people.v1", "key": "s", "value": SEEKER},
    {"topic": "people.v1", "key": "c", "value": CONTACT},
    {"topic": "ties.v1", "key": "s:c", "value": TIE},
    {"topic": "postings.v1", "key": "o", "value": OPENING},
]
# fit: (0.60 x 2/4 + 0.25 x 1 + 0.15 x 0.5) / 1.00; score: 0.75 x 0.75 x 0.5 x 1.0
EXPECTED = (
    '{"seeker_id":"s","posting_id":"o","fit":0.625,"paths":[{"introducer_id":"c","insider_id":"c","score":0.28125,'
    '"label":"warm","ask":"hand"}]}\n'
)


def run(folder: Path, lines: list[Any], *more: str, today: str = "2026-03-01") -> Any:
    words, events = folder / "words.json", folder / "events.jsonl"
    words.write_text(json.dumps(VOCABULARY))
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    events.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, [str(events), "--today", today, "--vocabulary", str(words), *more])


def test_prints_the_live_suggestions_with_exact_numbers(tmp_path):
    done = run(tmp_path, EVENTS)
    assert (done.exit_code, done.stdout, done.stderr) == (0, EXPECTED, "")


def test_reads_standard_input(tmp_path):
    words = tmp_path / "words.json"
    words.write_text(json.dumps(VOCABULARY))
    text = "\n".join(map(json.dumps, EVENTS))
    done = CliRunner().invoke(app, ["-", "--today", "2026-03-01", "--vocabulary", str(words)], input=text)
    assert (done.exit_code, done.stdout) == (0, EXPECTED)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON: "),
        ("[]", "not a JSON object"),
        ({"topic": "orders.v1", "key": "k", "value": {}}, "topic is not an input of the matcher"),
        ({"topic": "people.v1", "value": {}}, "key is not a text"),
        ({"topic": "people.v1", "key": "x"}, "value is missing (a tombstone has null)"),
        ({"topic": "people.v1", "key": "x", "value": None}, "a tombstone needs a version"),
        ({"topic": "people.v1", "key": "x", "value": SEEKER}, "the key is not the id in the value"),
        ({"topic": "clock.v1", "key": "day", "value": None, "version": 3}, "clock.v1 has no tombstones"),
        (
            {"topic": "people.v1", "key": "x", "value": {"person_id": "x", "version": 1}},
            "value: member: Field required",
        ),
        ({"topic": "postings.v1", "key": "o", "value": {**OPENING, "seniority": "guru"}}, "value: seniority: "),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_the_rest_counts(tmp_path, line, reason):
    done = run(tmp_path, [*EVENTS[:2], line, "", *EVENTS[2:]])
    assert (done.exit_code, done.stdout) == (1, EXPECTED)
    assert f"events.jsonl:3: {reason}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_tombstone_counts_from_its_version_on(tmp_path):
    def gone(version: int) -> dict[str, Any]:
        return {"topic": "people.v1", "key": "c", "value": None, "version": version}

    assert run(tmp_path, [*EVENTS, gone(1)]).stdout == EXPECTED
    assert run(tmp_path, [*EVENTS, gone(2)]).stdout == ""
    assert run(tmp_path, [*EVENTS, gone(2), EVENTS[1]]).stdout == ""


def test_a_clock_record_moves_the_day_forward(tmp_path):
    expiring = [*EVENTS[:3], {"topic": "postings.v1", "key": "o", "value": {**OPENING, "valid_through": "2026-03-10"}}]
    assert run(tmp_path, expiring).stdout == EXPECTED
    assert run(tmp_path, expiring, today="2026-03-11").stdout == ""
    clock = {"topic": "clock.v1", "key": "day", "value": {"day": "2026-03-11"}}
    assert run(tmp_path, [clock, *expiring]).stdout == ""


def test_an_introduction_may_leave_its_version_out(tmp_path):
    def ask(name: str, *statuses: str) -> dict[str, Any]:
        history = [{"status": status, "at": "2026-02-28T00:00:00Z"} for status in statuses]
        value = {"introduction_id": name, "seeker_id": "s", "introducer_id": "c", "history": history}
        return {"topic": "introductions.v1", "key": name, "value": value}

    asks = [ask(name, *steps) for name in "ijk" for steps in (["asked"], ["asked", "introduced"])]
    [path] = json.loads(run(tmp_path, [*EVENTS, *asks]).stdout)["paths"]
    assert path["score"] == 0.75 * 0.75 * 0.8


def test_files_that_cannot_be_read(tmp_path):
    today = ["--today", "2026-03-01"]
    assert CliRunner().invoke(app, [str(tmp_path / "none"), *today]).exit_code == 2
    (tmp_path / "e").write_text("")
    (tmp_path / "v").write_text("[]")
    done = CliRunner().invoke(app, [str(tmp_path / "e"), *today, "--vocabulary", str(tmp_path / "v")])
    assert done.exit_code == 2
    assert "cannot use the vocabulary" in done.stderr


def changed(event: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return event | {"value": event["value"] | fields}


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        (0, {"imported_by": None, "introduces": None, "employments": None}),
        (0, {"seeking": {"titles": ["Dev"], "skills": None, "salary": None, "discreet": None}}),
        (1, {"seeking": None, "skills": None, "name": "not ours", "employments": [{"company": "Acme Corp"} | DATES]}),
        (2, {"evidence": [*EVIDENCE, {"kind": "closeness", "value": 2, "note": "not ours"}]}),
        (2, {"evidence": [*EVIDENCE, {"kind": "messages", "sent": 0, "received": 0, "last": "2020-01"}]}),
        (3, {"salary": {"min": None, "max": None, "currency": "EUR"}, "locations": None, "hiring_contact": None}),
        (3, {"posted_at": "2026-01"}),
        (3, {"posted_at": "2026-01-01", "valid_through": "2026-03-01T23:59:59+00:00"}),
    ],
)
def test_fields_that_are_null_unknown_or_in_another_form_change_nothing(tmp_path, place, fields):
    events = [changed(event, **fields) if index == place else event for index, event in enumerate(EVENTS)]
    done = run(tmp_path, events)
    assert (done.exit_code, done.stdout, done.stderr) == (0, EXPECTED, "")


def test_a_value_without_a_version_is_newer_than_the_one_before_it(tmp_path):
    bare = [event | {"value": {k: v for k, v in event["value"].items() if k != "version"}} for event in EVENTS]
    assert run(tmp_path, bare).stdout == EXPECTED
    assert run(tmp_path, [*bare, changed(bare[2], evidence=[])]).stdout == ""
    assert run(tmp_path, [*EVENTS, changed(bare[2], evidence=[]) | {"version": 1}]).stdout == EXPECTED, "not newer"


def test_an_introduction_may_leave_its_id_to_the_key(tmp_path):
    value = {"seeker_id": "s", "introducer_id": "c", "status": "closed", "history": [
        {"status": "introduced", "at": "2026-02-28"}, {"status": "closed", "at": "2026-03", "outcome": "hired"},
    ]}  # fmt: skip
    done = run(tmp_path, [*EVENTS, *({"topic": "introductions.v1", "key": key, "value": value} for key in "ijk")])
    assert json.loads(done.stdout)["paths"][0]["score"] == 0.75 * 0.75 * 0.8


def test_a_mark_blank_lines_and_the_ends_of_another_system(tmp_path):
    done = run(tmp_path, ["\ufeff" + "\r\n\r\n".join(map(json.dumps, EVENTS))])
    assert (done.exit_code, done.stdout, done.stderr) == (0, EXPECTED, "")
