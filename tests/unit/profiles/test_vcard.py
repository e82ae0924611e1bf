"""vCards as phones, Gmail, Outlook and Apple write them: each quirk by name. All people are invented."""

import io

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports import registry
from services.profiles.imports.report import ContactRecord, ImportProblem, Report

APPLE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14//EN
N:Silva;Ana;Maria;;
FN:Ana Maria Silva
ORG:Initech\\, Inc.;Research
TITLE:Engineer
item1.EMAIL;type=INTERNET;type=pref:ana@example.org
item1.X-ABLabel:_$!<Work>!$_
item2.URL;type=pref:https\\://www.linkedin.com/in/ana-silva
X-SOCIALPROFILE;type=twitter:http://twitter.example/ana
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAADAAA
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
END:VCARD
"""
PHONE = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCllersen;S=C3=A9bastien;;;\r
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:S=C3=A9bastien=20=\r
M=C3=BCllersen\r
TEL;CELL:+49 555 010\r
TEL;HOME;PREF:+49 555 011\r
END:VCARD\r
"""
GMAIL = """BEGIN:VCARD
VERSION:3.0
FN:Bo Li
N:Li;Bo;;;
EMAIL;TYPE=INTERNET;TYPE=HOME:bo@example.org
NOTE:one\\ntwo BEGIN:VCARD
CATEGORIES:myContacts
END:VCARD
"""
NEWEST = """BEGIN:VCARD
VERSION:4.0
FN:Cy Oz
N:Oz;Cy;;;
TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-0100
EMAIL:cy@example.org
KIND:individual
URL:https://www.linkedin.com/in/cy-
 oz
END:VCARD
"""
BROKEN = """BEGIN:VCARD
VERSION:3.0
FN Broken and without a colon
N:Broken;;;
this line is nothing
"""


def read(text: str, encoding: str = "utf-8") -> Report:
    return registry.read(io.BytesIO(text.encode(encoding)))


def only(text: str) -> ContactRecord:
    (record,) = read(text).records
    return record


def test_apple():
    ana = only(APPLE)
    assert (ana.first_name, ana.last_name, ana.name) == ("Ana Maria", "Silva", "Ana Maria Silva")
    assert (ana.company, ana.position, ana.email) == ("Initech, Inc.", "Engineer", "ana@example.org")
    assert (ana.url, ana.address) == ("https://www.linkedin.com/in/ana-silva", True)


def test_a_phone_of_long_ago_with_soft_line_ends():
    one = only(PHONE)
    assert (one.first_name, one.last_name, one.address, one.email) == ("Sébastien", "Müllersen", True, None)
    assert "555" not in repr(one), "numbers are not kept"


def test_gmail_with_a_card_in_a_note():
    assert (only(GMAIL).name, only(GMAIL).email) == ("Bo Li", "bo@example.org")


def test_the_newest_version_with_folded_lines_and_quoted_parameters():
    assert (only(NEWEST).name, only(NEWEST).url) == ("Cy Oz", "https://www.linkedin.com/in/cy-oz")
    assert only(NEWEST).address


def test_versions_in_one_file_and_a_broken_card_among_good_ones():
    report = read(APPLE + PHONE.replace("\r\n", "\n") + BROKEN + GMAIL + NEWEST)
    assert [record.name for record in report.records] == [
        "Ana Maria Silva", "Sébastien Müllersen", "Bo Li", "Cy Oz",
    ]  # fmt: skip
    assert [(one.line, one.reason) for one in report.rejected] == [(23, "the card has no end")]


def test_the_library_loses_what_follows_a_broken_card_and_agrees_on_the_good_ones():
    """Why the reader is our own."""
    good = [APPLE, GMAIL, NEWEST]
    for text in good:
        theirs, ours = vobject.readOne(text), only(text)
        assert (ours.name, ours.last_name) == (theirs.fn.value, theirs.n.value.family)
        assert ours.email == theirs.email.value
    assert len(read(BROKEN + "".join(good)).records) == len(good)
    found = []
    with pytest.raises(vobject.base.ParseError):
        found.extend(vobject.readComponents(BROKEN + "".join(good)))
    assert found == []


@pytest.mark.parametrize(
    ("encoded", "charset", "name"),
    [
        ("=CF=E5=F2=F0", "windows-1251", "\u041f\u0435\u0442\u0440"),
        ("=8D=82", "Shift_JIS", "\u9ad8"),
        ("M=FCller", "nonsense", "Müller"),
    ],
)
def test_other_charsets(encoded, charset, name):
    text = f"BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET={charset}:{encoded}\nEND:VCARD\n"
    assert only(text).name == name


@pytest.mark.parametrize("line", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group", "X-ABShowAs:COMPANY", "KIND:org"])
def test_groups_and_companies_are_nobody(line):
    report = read(GMAIL + GMAIL.replace("CATEGORIES:myContacts", line))
    assert [one.reason for one in report.rejected] == ["the card is of no person"]


def test_an_assistant_inside_a_card_is_not_the_person():
    inner = "AGENT:\n" + GMAIL
    text = "BEGIN:VCARD\nVERSION:2.1\nN:Silva;Ana\n" + inner + "TITLE:Boss\nEND:VCARD\n"
    assert (only(text).name, only(text).position, only(text).email) == ("Ana Silva", "Boss", None)


def test_a_soft_line_end_does_not_swallow_the_end_of_a_card():
    text = "BEGIN:VCARD\nVERSION:2.1\nFN:Ana\nNOTE;ENCODING=QUOTED-PRINTABLE:x=\nEND:VCARD\n"
    assert [one.name for one in read(text + GMAIL).records] == ["Ana", "Bo Li"]


def test_a_card_without_a_name_is_told_and_a_file_without_any_is_a_problem():
    nameless = "BEGIN:VCARD\nVERSION:3.0\nFN:\nTEL:1\nEND:VCARD\n"
    assert [(one.line, one.reason) for one in read(GMAIL + nameless).rejected] == [(9, "no name")]
    with pytest.raises(ImportProblem, match="no usable card"):
        read(nameless)


def test_only_web_links_are_kept_and_formulas_are_cleaned():
    text = GMAIL.replace("FN:Bo Li\nN:Li;Bo;;;", "FN:=Bo Li").replace("CATEGORIES:myContacts", "URL:javascript:x")
    assert (only(text).name, only(text).url) == ("Bo Li", None)


PIECES = st.sampled_from(
    ["BEGIN:VCARD", "END:VCARD", "FN:Ana", "N:;;", "N:", "EMAIL:a@b.cd", " folded", "=", "TEL;CELL:1", "AGENT:",
     ":", ";", "FN;ENCODING=QUOTED-PRINTABLE:=C3=", "item1.URL:x", "\ufeff"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(st.characters(codec="utf-8"), max_size=30), max_size=15))
def test_whatever_follows_a_good_card_does_not_lose_it(lines):
    report = read(GMAIL + "\n".join(lines))
    assert report.records[0].name == "Bo Li"
