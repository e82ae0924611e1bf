"""Google Contacts as CSV, before and since 2024: each quirk by name. All people are invented."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports import registry
from services.profiles.imports.report import ContactRecord, ImportProblem, Report

OLD = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Nickname,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name,"
    "Organization 1 - Title,Website 1 - Type,Website 1 - Value"
)
NEW = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    "Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Website 1 - Label,Website 1 - Value"
)


def row(header: str, **cells: str) -> str:
    """A row of a table with this header; the names of cells with `_` for what is no letter or digit."""
    named = {"".join(char if char.isalnum() else "_" for char in name): name for name in header.split(",")}
    assert cells.keys() <= named.keys()
    return ",".join('"' + cells.get(name, "").replace('"', '""') + '"' for name in named)


def read(header: str, *rows: str) -> Report:
    return registry.read(io.BytesIO("\n".join([header, *rows, ""]).encode()))


def only(header: str, **cells: str) -> ContactRecord:
    (record,) = read(header, row(header, **cells)).records
    return record


def test_headers_since_2024():
    ana = only(
        NEW, First_Name="Ana", Middle_Name="M.", Last_Name="Silva", Organization_Name="Initech",
        Organization_Title="Engineer", E_mail_1___Label="* Work", E_mail_1___Value="Ana@example.org ::: a@home.example",
        Labels="* myContacts ::: Friends", Website_1___Value="https://www.linkedin.com/in/ana-silva/",
        Notes="line one\nline two",
    )  # fmt: skip
    assert (ana.first_name, ana.last_name, ana.name) == ("Ana M.", "Silva", "Ana M. Silva")
    assert (ana.email, ana.url) == ("ana@example.org", "https://www.linkedin.com/in/ana-silva")
    assert (ana.company, ana.position, ana.address, ana.connected) == ("Initech", "Engineer", True, False)


def test_headers_before_2024():
    ana = only(
        OLD, Name="Ana Silva", Given_Name="Ana", Family_Name="Silva", Organization_1___Name="Initech",
        E_mail_2___Value="ana@example.org", Group_Membership="* myContacts",
    )  # fmt: skip
    assert (ana.name, ana.email, ana.company, ana.address) == ("Ana Silva", "ana@example.org", "Initech", True)


def test_a_phone_alone_is_an_address_and_is_not_kept():
    ana = only(NEW, First_Name="Ana", Phone_1___Value="+351 555 010 ::: +351 555 011")
    assert (ana.address, ana.email) == (True, None)
    assert "555" not in repr(ana)


def test_a_name_alone_is_no_address():
    assert not only(NEW, First_Name="Ana").address


def test_a_page_that_is_no_profile_says_nothing_of_who_it_is():
    """Two people of one company have the same one."""
    rows = [row(NEW, First_Name=name, Website_1___Value="https://initech.example") for name in ("Ana", "Bo")]
    assert [record.url for record in read(NEW, *rows).records] == [None, None]


@pytest.mark.parametrize("cells", [{"File_As": "Ana S"}, {"Nickname": "Ana S"}])
def test_other_names_where_there_is_no_proper_one(cells):
    assert only(NEW, **cells).name == "Ana S"


def test_entries_of_companies_and_of_addresses_alone_are_told():
    report = read(
        NEW, row(NEW, First_Name="Ana"), row(NEW, Organization_Name="Initech"),
        row(NEW, E_mail_1___Value="a@b.example"), row(NEW, First_Name="Ana"),
    )  # fmt: skip
    assert [(one.line, one.reason) for one in report.rejected] == [
        (3, "no name"), (4, "no name"), (5, "duplicate of line 2"),
    ]  # fmt: skip


def test_formulas_and_script_links_are_taken_off():
    report = read(
        NEW,
        row(NEW, First_Name='=HYPERLINK("http://evil.example","Ana")', Organization_Name="=1+1",
            Website_1___Value="javascript:alert(1)"),
    )  # fmt: skip
    (ana,) = report.records
    assert (ana.name, ana.company, ana.url) == ("Ana", None, None)


def test_nobody_is_a_problem():
    with pytest.raises(ImportProblem, match="no contact has a name"):
        read(NEW, row(NEW))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=80), max_size=8), st.sampled_from([OLD, NEW]))
def test_whatever_stands_below_the_header_gives_a_report_or_a_problem(lines, header):
    try:
        report = read(header, *lines)
    except ImportProblem as problem:
        report = problem.report
    assert all(any(char.isalnum() for char in record.name) for record in report.records)
