"""What is published of members and contacts, without a database."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.addresses import email_of, profile_key, web_url
from services.profiles.domain import Member, Published, overlap
from services.profiles.publication import Publication, upsert_contact, withdraw_contact
from services.profiles.sort_keys import company_key, name_key
from shared.events.people import Employment
from shared.resolution import Vocabulary
from tests.unit.profiles.files import contact

TODAY = date(2026, 3, 10)
WORDS = Vocabulary.default()


LINK = "https://www.linkedin.com/in/ana-silva"

OWNER = Member("o", "Olu Owner", "olu@example.org")


def job(company: str, start: str | None = None, end: str | None = None) -> Employment:
    return Employment.model_validate({"company": company, "start": start, "end": end})


@pytest.mark.parametrize(
    ("mine", "theirs", "months", "ended"),
    [
        ([job("Initech", "2020-01-01")], [job("Initech", "2025-03-15")], 12, None),
        ([job("Initech", "2020-01-01", "2021-01-01")], [job("initech inc.", "2020-06-01")], 7, date(2021, 1, 1)),
        (
            [job("A", "2020-01-01", "2020-03-01"), job("B", "2020-01-01", "2021-01-01")],
            [job("A", "2020-01-01"), job("B", "2020-01-01")],
            12,
            date(2021, 1, 1),
        ),
        ([job("Initech", "2020-01-01", "2030-01-01")], [job("Initech", "2026-01-01", "2030-01-01")], 2, None),
    ],
)
def test_time_together_at_a_company(mine, theirs, months, ended):
    found = overlap(mine, theirs, TODAY, WORDS)
    assert found is not None
    assert (found.months, found.ended, found.stated) == (months, ended, False)
    assert overlap(theirs, mine, TODAY, WORDS) == found


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (job("Initech"), job("Initech", "2020-01-01")),
        (job("Initech", "2020-01-01"), job("Globex", "2020-01-01")),
        (job("Initech", "2020-01-01", "2020-02-01"), job("Initech", "2020-02-01")),
        (job("Initech", "2020-01-01"), job("Initech", "2026-03-01")),
        (job("Initech", "2027-01-01"), job("Initech", "2027-01-01")),
    ],
)
def test_no_time_together(mine, theirs):
    assert overlap([mine], [theirs], TODAY, WORDS) is None


def key(name):
    return company_key(name, WORDS)


def test_a_company_is_the_same_here_as_for_the_matcher():
    mine, theirs = job("Facebook", "2020-01-01"), job("Meta Inc.", "2020-01-01")
    assert WORDS.company("Facebook") == WORDS.company("Meta Inc."), "the vocabulary knows them as one"
    assert overlap([mine], [theirs], TODAY, WORDS) is not None


def test_company_keys():
    assert len({key(name) for name in ("Société X", "SOCIETE X, Inc.", "Societe-X", "Société X S.A.")}) == 1
    assert key("Globex") != key("Initech")
    assert all(key(name) for name in ("Inc.", "!!!", "株式会社", "\U0001f680"))


@given(st.text(min_size=1, max_size=300))
def test_keys_fit_a_cursor(text):
    assert len(key(text)) <= 60
    assert len(name_key(text)) <= 40
    assert (key(text) + name_key(text)).isprintable()


def test_content_is_published_once_and_versions_grow():
    first, again, changed = Publication(), Publication(), Publication()
    told = upsert_contact(first, contact(company="Initech", seen=TODAY), OWNER)
    assert [record.topic for record in first.records] == ["people.v1", "ties.v1"]
    assert upsert_contact(again, told, OWNER) == told
    assert again.records == []
    more = upsert_contact(changed, replace(told, closeness=4), OWNER)
    assert [record.topic for record in changed.records] == ["ties.v1"]
    assert more.tie.version > told.tie.version
    gone = Publication()
    withdraw_contact(gone, more)
    before = {("ties.v1", "o:c1"): more.tie.version, ("people.v1", "c1"): more.person.version}
    assert {(topic, key): version for topic, key, version in gone.withdrawn}.keys() == before.keys()
    assert all(version > before[topic, key] for topic, key, version in gone.withdrawn)


def test_a_member_among_contacts_speaks_for_themself():
    publication = Publication()
    told = upsert_contact(publication, contact(member_id="m"), OWNER, erased_versions={"o:m": 9_000_000_000_000})
    assert [(record.topic, record.key) for record in publication.records] == [("ties.v1", "o:m")]
    assert told.tie.version == 9_000_000_000_001
    assert told.person == Published()


def test_nothing_published_leaves_no_tombstone():
    publication = Publication()
    withdraw_contact(publication, contact())
    assert (publication.records, publication.withdrawn) == ([], [])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (LINK, "in/ana-silva"),
        ("http://PT.linkedin.com/in/Ana-Silva/details/skills/", "in/ana-silva"),
        ("https://www.linkedin.com/in/jos%C3%A9", "in/jos\u00e9"),
        ("https://www.linkedin.com/in/jose%CC%81", "in/jos\u00e9"),
        ("https://www.linkedin.com/pub/ana/1/2/3", "pub/ana/1/2/3"),
        ("https://www.linkedin.com/company/initech", None),
        ("https://www.linkedin.com/in/", None),
        ("https://www.linkedin.com/in/a%2Fb", None),
        ("https://www.linkedin.com/in/%ff", None),
        ("https://linkedin.com.evil.example/in/ana", None),
        ("https://evillinkedin.com/in/ana", None),
        ("https://example.org/in/ana", None),
        ("https://www.linkedin.com:8443/in/ana", None),
        (None, None),
    ],
)
def test_whom_a_link_names(url, key):
    assert profile_key(url) == key


@given(st.text(max_size=60))
def test_links_and_addresses_never_fail(text):
    for prefix in ("", "https://", "https://www.linkedin.com/in/"):
        url = web_url(prefix + text)
        assert url is None or url.startswith(("http://", "https://"))
        profile_key(prefix + text)
        assert web_url(url or "") == url
    email_of(text)
