"""Connections.csv as people really send it: each awkwardness by name."""

import csv
from datetime import date

import pytest

from services.profiles.imports.linkedin import parse
from services.profiles.imports.names import called
from services.profiles.imports.report import MAX_WARNINGS, ImportProblem
from tests.unit.profiles.files import ANA, BO, HEADER, names, read, reasons, table

NOTES = (
    "Notes:\n"
    '"When exporting your data, you may notice that some of the emails, companies and ""other"" things are missing."\n'
    "\n"
)


def test_a_plain_file():
    report = read(table(ANA, BO))
    assert report.with_records() == {
        "format": "linkedin",
        "read": 2,
        "accepted": 2,
        "rejected": [],
        "warnings": [],
        "records": [
            {
                "first_name": "Ana",
                "last_name": "Silva",
                "name": "Ana Silva",
                "url": "https://www.linkedin.com/in/ana-silva",
                "email": None,
                "company": "Initech",
                "position": "Engineer",
                "connected_on": "2024-01-01",
                "line": 2,
            },
            {
                "first_name": "Bo",
                "last_name": "Li",
                "name": "Bo Li",
                "url": "https://www.linkedin.com/in/bo-li",
                "email": "bo@example.org",
                "company": "Globex",
                "position": "Designer",
                "connected_on": "2021-03-15",
                "line": 3,
            },
        ],
    }


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding):
    report = read(table("Zoë,Nuñez,,,Café Łódź,張偉,", ANA), encoding)
    assert names(report) == ["Zoë Nuñez", "Ana Silva"]
    assert report.records[0].position == "張偉"


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf16_of_either_order_with_its_mark(mark, encoding):
    assert names(parse(mark + table(ANA, BO).encode(encoding))) == ["Ana Silva", "Bo Li"]


def test_utf16_with_tabs_as_excel_saves_unicode_text():
    report = read(table(ANA, BO, end="\r\n").replace(",", "\t"), "utf-16")
    assert names(report) == ["Ana Silva", "Bo Li"]


def test_windows_1252_is_read_with_a_warning():
    report = read(table("José,Müller,,,Société “X”,,", ANA), "cp1252")
    assert names(report) == ["José Müller", "Ana Silva"]
    assert report.records[0].company == "Société “X”"
    assert any("1252" in warning for warning in report.warnings)


def test_one_line_in_another_encoding_does_not_garble_the_others():
    data = table("Zoë,One,,,,,").encode() + "José,Two,,,,,\n".encode("cp1252") + "Jürgen,Three,,,,,\n".encode()
    report = parse(data)
    assert names(report) == ["Zoë One", "José Two", "Jürgen Three"]
    assert any("line 3" in warning for warning in report.warnings)


def test_names_are_composed():
    assert names(read(table("Zoe\u0308,Ha\u0308nsel,,,,,"))) == ["Zoë Hänsel"]


def test_zero_bytes_are_left_out():
    report = read(table("A\x00na,Silva,,,Ini\x00tech,,", ANA.replace("Ana", "Eva")))
    assert report.records[0].name == "Ana Silva"
    assert report.records[0].company == "Initech"
    assert any("zero bytes" in warning for warning in report.warnings)


def test_invisible_characters_are_left_out_and_joiners_stay():
    report = read(table("\u202eAna\u200b,Sil\ufeffva \U0001f469\u200d\U0001f52c,,,,,"))
    assert names(report) == ["Ana Silva \U0001f469\u200d\U0001f52c"]


# Lines and header


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    report = read(table(ANA, BO, "Short", end=end))
    assert names(report) == ["Ana Silva", "Bo Li"]
    assert list(reasons(report)) == [4]


@pytest.mark.parametrize("count", range(13))
def test_notes_before_the_header(count):
    notes = "".join(f'Note {number}, with commas, and "quotes\n' for number in range(count))
    report = read(notes + table(ANA, "Short"))
    assert names(report) == ["Ana Silva"]
    assert report.records[0].line == count + 2
    assert list(reasons(report)) == [count + 3]


def test_the_notes_of_a_real_export():
    report = read(NOTES + table(ANA))
    assert names(report) == ["Ana Silva"]
    assert report.records[0].line == 5


def test_a_note_that_talks_about_columns_is_not_the_header():
    report = read("About,First Name,Last Name\n" + table(ANA))
    assert names(report) == ["Ana Silva"]


def test_columns_in_any_order_and_case_with_others_between():
    header = "connected on,COMPANY,Notes,e-mail address,last name,Tags,FIRST NAME,Position,url"
    row = "01 Jan 2024,Initech,x,ana@example.org,Silva,y,Ana,Engineer,https://www.linkedin.com/in/ana"
    (record,) = read(table(row, header=header)).records
    assert (record.first_name, record.last_name, record.email) == ("Ana", "Silva", "ana@example.org")
    assert (record.company, record.position, record.connected_on) == ("Initech", "Engineer", date(2024, 1, 1))


def test_only_names_are_needed():
    (record,) = read(table("Ana,Silva", header="First Name,Last Name")).records
    assert record.name == "Ana Silva"
    assert (record.url, record.email, record.company, record.position, record.connected_on) == (None,) * 5


def test_one_column_for_the_whole_name():
    (record,) = read(table("Ana Silva,Initech", header="Name,Company")).records
    assert record.name == "Ana Silva"


def test_semicolons():
    assert names(read(table(ANA, BO).replace(",", ";"))) == ["Ana Silva", "Bo Li"]


def test_quoted_columns_of_the_header():
    header = ",".join(f'"{name}"' for name in HEADER.split(","))
    assert names(read(table(ANA, header=header))) == ["Ana Silva"]


# Rows


def test_commas_quotes_and_newlines_inside_quotes():
    row = 'Ana,Silva,,,"Initech, Inc.","Head of ""Big""\nThings",01 Jan 2024'
    report = read(table(row, "Bad", BO))
    assert report.records[0].company == "Initech, Inc."
    assert report.records[0].position == 'Head of "Big" Things'
    assert report.records[1].line == 5
    assert list(reasons(report)) == [4]


def test_a_quote_inside_a_cell_is_a_character():
    assert read(table('Robert "Bob",Stone,,,5" Disks,,')).records[0].first_name == 'Robert "Bob"'


@pytest.mark.parametrize("after", [(BO,), (BO, 'Cy,Oz,,,"Acme, Inc.",,'), (BO, 'Cy,Oz,,,"",,')])
def test_a_quote_that_is_never_closed_spoils_only_its_own_row(after):
    report = read(table(ANA, '"Eva,Stone,,,Acme,,', *after))
    assert names(report)[:2] == ["Ana Silva", "Bo Li"]
    assert len(report.records) == 1 + len(after)
    assert reasons(report) == {3: "a quote is never closed"}


def test_a_short_row_with_a_name_is_a_contact_and_one_cell_alone_is_not():
    report = read(table(ANA, "Eva,Stone,https://www.linkedin.com/in/eva", "Cy,Oz", "Lost", BO))
    assert names(report) == ["Ana Silva", "Eva Stone", "Cy Oz", "Bo Li"]
    assert (report.records[1].url, report.records[1].company) == ("https://www.linkedin.com/in/eva", None)
    assert reasons(report) == {5: "too short: 1 of 7 columns"}
    assert report.read == 5


def test_long_rows_are_reported_unless_what_is_too_much_is_empty():
    report = read(table(ANA + ",,", "Eva,Stone,,,Acme, Inc.,CEO,01 Jan 2024"))
    assert names(report) == ["Ana Silva"]
    assert reasons(report)[3].startswith("too long: 8 columns where the header has 7")


def test_blank_lines_are_no_rows():
    report = read(table("", ANA, "", "   ", BO, ""))
    assert (report.read, report.accepted) == (2, 2)
    assert [record.line for record in report.records] == [3, 6]


@pytest.mark.parametrize("row", [",,,,,,", ",,https://www.linkedin.com/in/x,,,,24 Mar 2020", " ,-,,,,,", "!,?,,,,,"])
def test_a_row_without_a_name_is_rejected(row):
    assert reasons(read(table(ANA, row))) == {3: "no name"}


@pytest.mark.parametrize("row", ["Ana,,,,,,", ",Silva,,,,,"])
def test_one_name_is_enough(row):
    assert read(table(row)).accepted == 1


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("Ana,Silva", "Ana"),
        ('Ana,"Silva, CFA"', "Ana"),
        ("Ana 🚀,Silva PMP®", "Ana"),
        ('"Ana, PhD",Silva', "Ana"),
        ("Dr. Ana,Silva", "Ana"),
        ("Anna-Maria Ö.,Silva", "Anna-Maria Ö."),
        ("Ana MBA,Silva", "Ana"),
        ("ANA MARIA,SILVA", "ANA MARIA"),
        ("आनंद,राव", "आनंद"),
        ("(Ana),Silva", "(Ana)"),
    ],
)
def test_a_greeting_uses_a_clean_given_name(written, given):
    (record,) = read(table(f"{written},,,,,")).records
    assert record.first_name == given


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("伟,王", "王伟"), ("太郎,山田", "山田太郎"), ("さくら,高橋", "高橋さくら"), ("철수,김", "김철수"),
        (",王伟", "王伟"), ("Mei 梅,Chen", "Mei 梅 Chen"),
    ],
)  # fmt: skip
def test_in_chinese_japanese_and_korean_the_family_name_comes_first_and_greets_too(written, name):
    (record,) = read(table(f"{written},,,,,")).records
    assert record.name == name
    assert record.first_name == ("Mei 梅" if "Mei" in name else name)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Dana Okafor", "Dana"),
        ("Dr. Ana Maria Silva, PhD", "Ana"),
        ("Jean-Luc O'Neill", "Jean-Luc"),
        ("ANA SILVA", "ANA"),
        ("Анна Иванова", "Анна"),
        ("山田 太郎", "山田 太郎"),
        ("आनंद राव", "आनंद राव"),
        ("[your name]", "[your name]"),
        ("7", "7"),
    ],
)
def test_the_given_name_of_a_whole_one_is_its_first_word_where_it_stands_first(name, given):
    assert called(name) == given


def test_text_that_was_encoded_twice_is_mended_and_said_so():
    once = "Sébastien,Müllersen,,,Société Générale,Ingénieur Données,15 Mar 2024"
    report = read(table(once.encode().decode("cp1252"), ANA))
    (one, _) = report.records
    assert (one.name, one.company, one.position) == ("Sébastien Müllersen", "Société Générale", "Ingénieur Données")
    assert report.warnings == ("text that was encoded twice was mended in 1 row: line 2",)


@pytest.mark.parametrize("text", ["SOCIÉTÉ®", "CAFÉ™", "ÀÉÎÕÜ", "Ã Â", "São Tomé", "Łódź", "Đà Nẵng"])
def test_text_that_only_looks_odd_stays(text):
    report = read(table(f"{text},X,,,{text},,"))
    assert (report.records[0].company, report.warnings) == (text, ())


def test_a_line_of_a_gibibyte_is_never_held(monkeypatch):
    """A stand-in for one: the bound is set low, and the line is far longer than it."""
    monkeypatch.setattr("services.profiles.imports.text.MAX_LINE", 1000)
    monkeypatch.setattr("services.profiles.imports.text._CHUNK", 100)
    report = read(table(ANA, "x" * 100_000, BO))
    assert names(report) == ["Ana Silva", "Bo Li"]
    assert reasons(report) == {3: "the line is longer than a mebibyte"}


def test_the_header_once_more_is_no_contact():
    assert reasons(read(table(ANA, HEADER, BO))) == {3: "the header once more"}


@pytest.fixture(params=[128 * 1024, 1024 * 1024])
def _process_limit(request):
    """The csv module has one limit for the whole process, and other readers in it move it."""
    before = csv.field_size_limit(request.param)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("_process_limit")
def test_very_long_cells():
    report = read(
        table(f"{'x' * 5000},Silva,,,,,", f"Ana,Silva,,,{'y' * 400_000},{'z' * 301},", f'Bo,Li,,,"{"q" * 200_000}",,')
    )
    assert reasons(report) == {2: "the name is longer than 200 characters", 4: "a cell is too long"}
    (ana,) = report.records
    assert (len(ana.company), len(ana.position)) == (300, 300)
    assert len(report.warnings) == 2


def test_emoji_and_titles_in_names_stay():
    assert names(read(table('Ana 🚀,"Silva, PhD, MBA",,,,,'))) == ["Ana 🚀 Silva, PhD, MBA"]


def test_mostly_empty_addresses_and_one_that_is_none():
    report = read(table(ANA, BO, "Cy,Oz,,not an address,,,", "Di,Ng,,DI@Example.ORG,,,"))
    assert [record.email for record in report.records] == [None, "bo@example.org", None, "di@example.org"]
    assert len(report.warnings) == 1


# Files that give nothing


@pytest.mark.parametrize("data", [b"", b"\n\n  \r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00\x00\x00"])
def test_an_empty_file_is_a_problem(data):
    with pytest.raises(ImportProblem, match="empty"):
        parse(data)


@pytest.mark.parametrize("text", ["just, some, words\nand, more\n", ANA, "\x89PNG\r\n\x1a\n", "{}"])
def test_a_file_without_a_header_is_a_problem(text):
    with pytest.raises(ImportProblem, match="no header"):
        parse(text.encode())


def test_a_header_alone_is_a_problem():
    with pytest.raises(ImportProblem, match="no usable row: there is no row"):
        read(NOTES + table())


def test_only_bad_rows_are_a_problem_that_says_each_reason():
    with pytest.raises(ImportProblem, match="every row") as caught:
        read(table(",,,,,,", "Short", "=1+1,,,,,,"))
    assert reasons(caught.value.report) == {2: "no name", 3: "too short: 1 of 7 columns", 4: "the name is a formula"}
    assert caught.value.report.read == 3


def test_too_many_rows_are_a_problem(monkeypatch):
    monkeypatch.setattr("services.profiles.imports.reading.MAX_ROWS", 1)
    with pytest.raises(ImportProblem, match="more than 1 rows"):
        read(table(ANA, BO))


def test_thousands_of_warnings_are_counted_not_listed():
    report = read(table(*(f"P{number},X,javascript:x,,,," for number in range(MAX_WARNINGS + 7))))
    assert len(report.warnings) == MAX_WARNINGS + 1
    assert report.warnings[-1] == "and 7 more warnings"


def test_reasons_and_warnings_repeat_nothing_of_the_file():
    report = read(table("=SECRET,x,,,,,", "SECRET", "Ana,Silva,secret:x,SECRET,=SECRET(1),@SECRET,SECRET"))
    assert "SECRET" not in str(report.summary()).upper().replace("'", "")


def test_progress_is_told_to_the_end():
    told: list[tuple[int, int]] = []
    parse(table(ANA, BO).encode(), progress=lambda done, whole: told.append((done, whole)))
    size = len(table(ANA, BO).encode())
    assert told[-1] == (size, size)
