"""Adverts from elsewhere: the shapes in which pages say what they are about, simple labels, and whatever else comes."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.postings.advert import Advert, read_page, read_text

POSTING = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "title": "Data Engineer",
    "hiringOrganization": {
        "@type": "Organization",
        "name": "Lumenforge",
        "sameAs": "https://www.lumenforge.example/jobs",
    },
    "jobLocation": [
        {"@type": "Place", "address": {"addressLocality": "Lisbon", "addressCountry": {"name": "Portugal"}}}
    ],
}
WHOLE = Advert("data", "Data Engineer", "Lumenforge", "lumenforge.example", ("Lisbon, Portugal",))


def page(data, kind='type="application/ld+json"'):
    text = data if isinstance(data, str) else json.dumps(data)
    return (
        f"<!doctype html><title>Jobs</title><script>var a = '<p>';</script><SCRIPT id=x {kind}>\n{text}\n</SCRIPT><p>Hi"
    )


@pytest.mark.parametrize(
    "data",
    [
        POSTING,
        [{"@type": "WebSite"}, POSTING],
        {"@context": "https://schema.org", "@graph": [{"@type": "BreadcrumbList"}, POSTING]},
        {"@type": "WebPage", "mainEntity": {"@type": "Thing", "about": [POSTING]}},
        POSTING | {"@type": ["JobPosting", "Thing"]},
        POSTING | {"@type": "http://schema.org/JobPosting"},
        POSTING | {"hiringOrganization": [POSTING["hiringOrganization"]]},
    ],
    ids=["alone", "list", "graph", "inside", "types", "address", "employers"],
)
def test_a_posting_is_found_wherever_it_stands(data):
    assert read_page(page(data)) == WHOLE


@pytest.mark.parametrize(
    "kind", ["type=application/ld+json", "type='application/ld+json; charset=utf-8'", 'TYPE="APPLICATION/LD+JSON"']
)
def test_however_the_element_is_written(kind):
    assert read_page(page(POSTING, kind)) == WHOLE


def test_an_employer_may_be_a_word_and_parts_may_be_missing():
    assert read_page(page({"@type": "JobPosting", "title": "Cook", "hiringOrganization": "Inn"})) == Advert(
        "data", "Cook", "Inn"
    )
    assert read_page(page({"@type": "JobPosting", "title": 7})) == Advert("data")


def test_the_one_that_says_both_is_taken():
    assert read_page(page({"@type": "JobPosting", "title": "Cook"}) + page(POSTING)) == WHOLE


def test_a_page_of_a_network_is_not_the_companys_domain():
    employer = {"name": "Lumenforge", "sameAs": "https://www.linkedin.com/company/x"}
    assert read_page(page(POSTING | {"hiringOrganization": employer})).domain is None


def test_without_data_the_pages_title_is_offered():
    assert read_page("<title>Data Engineer at Lumenforge | Job board</title>") == Advert(
        "words", "Data Engineer", "Lumenforge"
    )
    said = '<meta property="og:title" content="R&amp;D lead"><title>x</title>'
    assert read_page(said) == Advert("words", "R&D lead")
    assert read_page("<p>nothing") == read_page("") == Advert()


@pytest.mark.parametrize(
    "data", ["{", "[]", "null", "7", '{"@type": "JobPosting"', "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000]
)
def test_broken_data_is_no_data(data):
    assert read_page(page(data)) == Advert("words", "Jobs")


def test_text_of_others_is_one_short_line_without_tricks():
    found = read_page(
        page(POSTING | {"title": "Data\u202e\nEngineer\x00" + "x" * 900, "hiringOrganization": {"name": "\u200b"}})
    )
    assert found.title.startswith("Data Engineer")
    assert (len(found.title), found.company) == (300, None)


@pytest.mark.parametrize(
    ("text", "title", "company"),
    [
        ("Job title: Data Engineer\nCompany: Lumenforge\nLocation: Lisbon", "Data Engineer", "Lumenforge"),
        ("Data Engineer at Lumenforge\n\nWe look for …", "Data Engineer", "Lumenforge"),
        ("Stelle: Dateningenieurin\nUnternehmen: Lumenforge GmbH", "Dateningenieurin", "Lumenforge GmbH"),
        ("Poste : Ingénieure\nEntreprise : Lumenforge", "Ingénieure", "Lumenforge"),
        ("Data Engineer\nEmployer: Lumenforge", "Data Engineer", "Lumenforge"),
        ("Empresa: Lumenforge", None, "Lumenforge"),
        ("We are a young company: we look for many things, and this sentence is a long one.", None, None),
        ("", None, None),
    ],
)
def test_labels_in_a_text_are_read(text, title, company):
    found = read_text(text)
    assert (found.title, found.company) == (title, company)


@pytest.mark.parametrize(("line", "title", "company", "place"), [
    ("Senior Data Engineer (m/w/d) / Siemens AG \u2013 Berlin", "Senior Data Engineer", "Siemens AG", "Berlin"),
    ("Data Engineer \u2013 Lumenforge \u2013 Lisbon, Portugal", "Data Engineer", "Lumenforge", "Lisbon, Portugal"),
    ("Data Engineer | Lumenforge | Lisbon", "Data Engineer", "Lumenforge", "Lisbon"),
    ("Siemens AG: Senior Data Engineer (f/m/x)", "Senior Data Engineer", "Siemens AG", None),
    ("Data Engineer (m/w/d) bei Lumenforge", "Data Engineer", "Lumenforge", None),
    ("Siemens AG sucht eine Senior Data Engineer in Berlin", None, None, None),
    ("We are looking for a Data Engineer at Siemens", None, None, None),
    ("Join us as a Data Engineer!", None, None, None),
    ("A job for data engineers.", None, None, None),
    ("Data Engineer at US Bank Inc.", "Data Engineer", "US Bank Inc.", None),
    ("Data Engineer - Remote - Full-time", "Data Engineer - Remote - Full-time", None, None),
    ("Data Engineer / Analyst", "Data Engineer / Analyst", None, None),
    ("Engineer: Data Platform", "Engineer: Data Platform", None, None),
])  # fmt: skip
def test_the_first_line_is_read_where_its_form_is_clear_and_a_sentence_never(line, title, company, place):
    found = read_text(f"{line}\n\nThe text of the advert follows here.")
    assert (found.title, found.company, found.locations) == (title, company, (place,) if place else ())


def test_a_long_first_line_is_read_in_no_time():
    begun = time.perf_counter()
    for line in ("a " * 150, "a - " * 75, "a / " * 75, "A AG: " * 50):
        read_text(line)
    assert time.perf_counter() - begun < 1


@given(st.text() | st.sampled_from(["<script", ">", "</script", "application/ld+json", "{", '"@type"', "JobPosting"]))
def test_nothing_breaks_it(text):
    read_page(text * 3)
    read_text(text)


@pytest.mark.parametrize(
    "part",
    ["<script ", "<script type=application/ld+json>", "<meta og:title content='", "<title>", "<!--", "[", "a at "],
)
def test_a_page_made_to_take_long_takes_no_longer_than_another(part):
    """A thousand times a quadratic reading would be minutes: this bounds the kind of growth, not the speed."""
    began = time.process_time()
    read_page(part * (2_000_000 // len(part)))
    read_text(part * (50_000 // len(part)))
    assert time.process_time() - began < 30
