"""Tables of openings as spreadsheets save them."""

import pytest

from services.postings.bulk_api import read_rows
from services.postings.bulk_csv import NoTableError, read_table
from shared.web.problems import Problem


def openings(text):
    return [opening for _, opening in read_table(text)]


def test_each_column_is_a_field():
    heading = "Title,Company,Company domain,Workplace,Locations,Skills,salary_min,Salary Max,Currency,External-ID"
    row = (
        'Data Engineer,Initech,initech.example,remote,"Lisbon, Portugal; Berlin","Python, SQL","60,000",70000.5,EUR,R-1'
    )
    assert openings(f"{heading}\r\n{row}\r\n") == [
        {
            "title": "Data Engineer",
            "company": {"name": "Initech", "domain": "initech.example"},
            "workplace": "remote",
            "locations": ["Lisbon, Portugal", "Berlin"],
            "skills": ["Python", "SQL"],
            "salary": {"min": 60000.0, "max": 70000.5, "currency": "EUR"},
            "external_id": "R-1",
        }
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_parts_the_cells_is_recognised(delimiter):
    rows = [["title", "company", "skills"], ["Engineer", "Initech", "Python|SQL" if delimiter == ";" else "Python;SQL"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert openings(text) == [{"title": "Engineer", "company": {"name": "Initech"}, "skills": ["Python", "SQL"]}]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ('"45,50"', 45.5),
        ("60.000", 60_000),
        ('"60,000"', 60_000),
        ('"60.000,50"', 60_000.5),
        ("45.5", 45.5),
        ("60k", 60_000),
    ],
)
def test_pay_is_read_as_people_write_it(cell, number):
    [opening] = openings(f"title,salary_min,salary_max\nEngineer,{cell},{cell}\n")
    assert opening["salary"] == {"min": number, "max": number}


def test_pay_that_is_no_sum_is_told_and_not_guessed():
    [row] = read_rows(
        "text/csv", b"title,company,workplace,salary_min,currency\nEngineer,Initech,remote,competitive,EUR\n"
    )
    assert {error.field for error in row.errors} == {"salary.min"}


def test_a_single_place_with_a_comma_stays_one():
    assert openings('title,locations\nEngineer,"Lisbon, Portugal"')[0]["locations"] == ["Lisbon, Portugal"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("titel,company\n", "'titel'"), ("title,Title\n", "two columns say title"), ("", "no column")],
)
def test_a_table_with_other_columns_is_refused_whole(text, says):
    with pytest.raises((NoTableError, Problem), match=says) if text else pytest.raises(Problem):
        read_rows("text/csv", text.encode()) if not text else openings(text)


def test_lines_are_told_as_an_editor_counts_them_and_empty_rows_are_none():
    text = 'title,company,workplace,description\nA,Initech,remote,"two\nlines"\n,,,\nB,,moon,\nC,Initech,remote,,,x\n'
    rows = read_rows("text/csv; charset=utf-8", b"\xef\xbb\xbf" + text.encode())
    assert [(row.line, bool(row.errors)) for row in rows] == [(3, False), (5, True), (6, True)]
    assert {error.field for error in rows[1].errors} == {"company", "workplace"}


def test_what_is_no_text_is_refused():
    with pytest.raises(Problem, match="422"):
        read_rows("text/csv", b"title\n\xff\xfe")
