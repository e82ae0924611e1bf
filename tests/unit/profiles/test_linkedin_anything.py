"""Connections.csv as hypothesis thinks of it: nothing is lost, and nothing harmful comes through."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.profiles.imports.linkedin import parse
from services.profiles.imports.report import ImportProblem, Report
from tests.unit.profiles.files import ANA, HEADER, table

CELL = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "@x",
        '"',
        '""',
        '"a',
        'b"',
        "\r",
        "\n",
        "javascript:x",
        "1/2/24",
        "Ana",
        "a@b.cd",
        "\x00",
        "https://x.y/z",
    ]
)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=9).map(",".join), max_size=8)


def holds(report: Report) -> None:
    assert report.accepted + len(report.rejected) == report.read
    assert len({record.line for record in report.records} | {row.line for row in report.rejected}) == report.read
    for record in report.records:
        texts = [record.name, record.first_name, record.last_name, record.company, record.position, record.email]
        assert all(text[0] not in "=+-@\t\r" for text in texts if text)
        assert record.url is None or record.url.startswith(("http://", "https://"))
        assert any(char.isalnum() for char in record.name)


@given(ROWS, st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]), st.sampled_from(["\n", "\r\n", "\r"]))
@example(['"'], "utf-8", "\n")
def test_any_rows_are_accepted_or_rejected_and_nothing_is_lost(rows, encoding, end):
    try:
        report = parse(table(*rows, ANA, end=end).encode(encoding))
    except ImportProblem as problem:
        report = problem.report
    holds(report)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_report_or_a_problem(data):
    for start in (b"", HEADER.encode() + b"\n", HEADER.encode("utf-16")):
        try:
            holds(parse(start + data))
        except ImportProblem as problem:
            holds(problem.report)
