"""What a newer list changes in an address book: whom a record is, and what each source may take away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.books import Books, fingerprint, quarter_of
from services.profiles.comparison import Comparison
from services.profiles.domain import Contact, list_size
from services.profiles.imports.report import ContactRecord
from tests.tiers import examples
from tests.unit.profiles import plain_books
from tests.unit.profiles.files import contact, day, record
from tests.unit.profiles.plain_books import Plan

TODAY = date(2026, 3, 10)
LINK = "https://www.linkedin.com/in/ana-silva"


def plan_import(existing: Sequence[Contact], books: Books, *, keep_missing: bool = False) -> Plan:
    found = Plan()
    with Comparison("o") as comparison:
        comparison.know(existing)
        for source, records in books.items():
            comparison.tell(source, records, TODAY, keep_missing=keep_missing)
        gone = [contact_id for some in comparison.gone() for contact_id in some]
        found.removed = [one for one in existing if one.contact_id in gone]
        staying = [one for one in existing if one.contact_id not in gone]
        for change in chain(comparison.became(staying), *comparison.fresh()):
            getattr(found, change.outcome).append(change.now)
    return found


def plan(existing: Sequence[Contact], *records: ContactRecord, source: str = "linkedin") -> Plan:
    return plan_import(existing, {source: records})


@pytest.mark.parametrize(
    ("held", "newer"),
    [
        (
            contact(profile_url=LINK, email="a@b.example"),
            record("New Name", url=LINK.replace("www", "de"), email="x@y.example"),
        ),
        (contact(email="a@b.example"), record("New Name", email="a@b.example")),
        (contact(company="Initech"), record("ANA SILVA", company="initech")),
        (contact(company="Initech"), record(company="Initech", url=LINK)),
        (contact(profile_url=LINK, company="Initech"), record(company="Initech", email="a@b.example")),
    ],
)
def test_a_record_is_the_contact_it_was(held, newer):
    found = plan([held], newer)
    assert [one.contact_id for one in found.updated + found.unchanged] == ["c1"]


@pytest.mark.parametrize(
    ("held", "newer"),
    [
        (contact(profile_url=LINK), record(url=LINK + "-2")),
        (contact(email="a@b.example"), record(email="x@y.example")),
        (contact(company="Initech"), record(company="Globex")),
        (contact(), record("Bo Li")),
    ],
)
def test_a_record_that_something_speaks_against_is_somebody_else(held, newer):
    found = plan([held], newer)
    assert ([one.contact_id for one in found.removed], len(found.added)) == (["c1"], 1)


def test_strong_marks_come_first_and_each_contact_is_matched_once():
    held = contact(company="Initech", profile_url=LINK)
    found = plan([held], record(company="Initech"), record("Ana S.", url=LINK))
    assert [(one.contact_id, one.name) for one in found.updated] == [("c1", "Ana S.")]
    assert len(found.added) == 1


def test_what_was_said_stays_whatever_the_import_says():
    held = contact(profile_url=LINK, closeness=3, blocked=True, member_id="m")
    (now,) = plan([held], record("New Name", url=LINK)).updated
    assert (now.closeness, now.blocked, now.member_id, now.sources[0].seen) == (3, True, "m", date(2026, 1, 1))


NAMES = st.lists(st.sampled_from(["Ana", "Bo", "Cy", "Di"]), unique=True)


@given(NAMES, NAMES)
def test_a_plan_leaves_exactly_the_newer_list_and_a_second_time_nothing_changes(old, new):
    records = [record(name) for name in new]
    found = plan([contact(name, number) for number, name in enumerate(old)], *records)
    assert sorted(one.name for one in found.remaining) == sorted(new)
    assert {one.name for one in found.removed} == set(old) - set(new)
    again = plan(found.remaining, *records)
    assert len(again.unchanged) == len(new)
    assert not again.added + again.updated + again.removed


def test_a_fingerprint_knows_no_order_and_no_lines():
    one, two = record("Ana", 2), record("Bo", 3)
    assert fingerprint([one, two]) == fingerprint([replace(two, line=9), one])
    assert fingerprint([one]) != fingerprint([two])
    assert fingerprint([record(company="A", position="B")]) != fingerprint([record(company="B", position="A")])


# Several sources


def evidence(one: Contact, **listed: int):
    return [found.model_dump(exclude_none=True) for found in one.tie_event(listed, None).evidence]


def mails(name: str = "Ana Silva", **more: object) -> ContactRecord:
    defaults = {"connected": False, "email": "a@b.example", "sent": 4, "received": 3, "last_message": day("2026-02-01")}
    return record(name, **(defaults | more))


def test_a_second_source_takes_nothing_from_the_first():
    ana = contact(profile_url=LINK, company="Initech", connected_on=day("2020-01-01"))
    bo = contact("Bo Li", 2)
    found = plan([ana, bo], mails(), source="mailbox")
    assert [one.name for one in found.others] == ["Bo Li"]
    assert not found.removed + found.added
    (now,) = found.updated
    assert (now.contact_id, now.email, now.company, now.profile_url) == ("c1", "a@b.example", "Initech", LINK)
    assert [one["kind"] for one in evidence(now)] == ["connected", "messages"]


def test_what_one_source_leaves_out_stays_as_far_as_another_tells_it():
    both = plan([contact(company="Initech", connected_on=day("2020-01-01"))], mails(), source="mailbox").updated
    (left,) = plan(both, record("Bo Li")).others
    assert (left.name, left.company, left.connected_on, left.email) == ("Ana Silva", None, None, "a@b.example")
    assert [one["kind"] for one in evidence(left)] == ["messages"]
    assert plan_import([left], {"mailbox": []}).removed == [left]


def test_one_file_may_tell_of_several_sources():
    books = {"linkedin": [record(url=LINK)], "linkedin-messages": [mails(email=None, url=LINK)]}
    (one,) = plan_import([], books).added
    assert [facts.source for facts in one.sources] == ["linkedin", "linkedin-messages"]


@pytest.mark.parametrize(
    ("held", "newer"),
    [
        ([contact("Ana")], mails("Ana")),
        ([contact(), contact(number=2, profile_url=LINK)], mails()),
        ([contact(email="x@y.example")], mails()),
        ([contact(company="Initech")], mails(company="Globex")),
    ],
    ids=["one name only", "two of the name", "another address", "another company"],
)
def test_a_name_alone_is_not_enough_where_somebody_else_may_have_it(held, newer):
    found = plan(held, newer, source="mailbox")
    assert len(found.added) == 1
    assert len(found.others) == len(held)


def test_two_records_of_one_name_are_nobody_who_is_known():
    assert len(plan([contact()], mails(), mails(email="x@y.example"), source="mailbox").added) == 2


def test_a_link_proves_only_with_the_day_of_its_own_source():
    """Otherwise two sources together would prove what none of them does (finding)."""
    held = contact(email="a@b.example", connected_on=day("2020-01-01"))
    (now,) = plan([held], record(email="a@b.example", url=LINK, connected=False, address=True), source="vcard").updated
    assert (now.profile_url, now.connected_on, now.facts().connected_on) == (LINK, None, None)
    assert evidence(now)[0]["on"] == day("2020-01-01")


def test_an_address_is_evidence_only_where_an_address_book_has_it():
    assert [one["kind"] for one in evidence(contact(email="a@b.example"))] == ["connected"]
    assert [one["kind"] for one in evidence(contact(source="vcard", connected=False, address=True))] == ["address"]


def test_messages_of_all_sources_count_together():
    (one,) = plan([contact(source="m", connected=False, sent=2, received=5, last_message=day("2026-03-01"))],
                  mails(), source="mailbox").updated  # fmt: skip
    (found,) = evidence(one)
    assert (found["sent"], found["received"], found["last"]) == (6, 8, day("2026-03-01"))


@pytest.mark.parametrize(
    ("listed", "size"), [(0, None), (500, None), (504, None), (512, 510), (1000, 1000), (1001, 1000), (48_123, 48_000)]
)
def test_the_size_of_a_list_in_two_digits(listed, size):
    assert list_size(listed) == size
    (connected,) = evidence(contact(), linkedin=listed)
    assert connected.get("of") == size


@pytest.mark.parametrize(
    ("at", "first"), [("2026-01-01", "2026-01-01"), ("2026-03-31", "2026-01-01"), ("2026-12-31", "2026-10-01")]
)
def test_the_first_day_of_a_quarter(at, first):
    assert quarter_of(day(at)) == day(first)


# Against the plain reading

MARKS = {
    "url": st.sampled_from([None, LINK, LINK.replace("www", "de"), LINK + "-2", "https://b.example/ana"]),
    "email": st.sampled_from([None, None, "a@b.example", "x@y.example"]),
    "company": st.sampled_from([None, "Initech", "INITECH", "Globex"]),
    "name": st.sampled_from(["Ana Silva", "ana silva", "Ana", "Bo Li"]),
    "connected": st.booleans(),
    "address": st.booleans(),
}
SOURCES = st.sampled_from(["linkedin", "mailbox", "vcard"])
LISTS = st.dictionaries(SOURCES, st.lists(st.builds(record, **MARKS), max_size=5), min_size=1)
TOLD = st.lists(
    st.builds(
        lambda url, source, **more: contact(source=source, profile_url=url, **more).sources[0],
        source=SOURCES, listed=st.sampled_from([True, True, False]), seen=st.just(date(2026, 1, 1)), **MARKS,
    ), min_size=1, unique_by=lambda one: one.source, max_size=3,
)  # fmt: skip
BOOK = st.lists(st.tuples(TOLD, st.booleans()), max_size=5).map(
    lambda told: [
        contact(number=number, blocked=blocked).with_sources(facts) for number, (facts, blocked) in enumerate(told)
    ]
)


@examples(1000)
@given(BOOK, LISTS, st.booleans())
def test_a_comparison_finds_what_the_plain_reading_finds(book, lists, keep_missing):
    plain = plain_books.plan_import("o", book, lists, TODAY, keep_missing=keep_missing)
    found = plan_import(book, lists, keep_missing=keep_missing)
    for outcome in ("updated", "unchanged", "kept", "others"):
        assert getattr(found, outcome) == getattr(plain, outcome), outcome
    assert [one.contact_id for one in found.removed] == [one.contact_id for one in plain.removed]
    assert [one.sources for one in found.added] == [one.sources for one in plain.added]
