"""What members say of companies in their own book: how corrections add up, and what of a contact changes by them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.corrections import Correction, corrected, with_one, without_one
from services.profiles.domain import Member
from services.profiles.publication import Publication, upsert_contact
from services.profiles.sort_keys import company_key
from shared.resolution import Vocabulary
from tests.unit.profiles.files import contact

WORDS = Vocabulary.default()
OWNER = Member("o", "Olu Owner", "olu@example.org")


def said(*pairs: tuple[str, str | None]) -> tuple[Correction, ...]:
    found: tuple[Correction, ...] = ()
    for name, company in pairs:
        found = with_one(found, Correction(name, company), WORDS) or found
    return found


def meant(company: str, *pairs: tuple[str, str | None]) -> str | None:
    return corrected(company, said(*pairs), WORDS)


def test_two_names_are_one_company_in_any_spelling():
    assert meant("INITECH ltd", ("Initech", "Globex")) == "Globex"
    assert meant("Hooli", ("Initech", "Globex")) is None
    assert corrected(None, said(("Initech", "Globex")), WORDS) is None


def test_no_employer():
    assert meant("The Garden", ("The Garden", None)) == ""
    assert meant("Garden", ("The Garden", None), ("Garden", "Globex")) == "Globex", "the last word counts"


def test_corrections_follow_each_other_and_never_run_in_circles():
    assert meant("A1", ("A1", "Globex"), ("Globex", "Hooli")) == "Hooli"
    assert meant("Initech", ("Globex", "Hooli"), ("Initech", "Globex")) == "Hooli"
    assert meant("Initech", ("Globex", None), ("Initech", "Globex")) == ""
    turned = said(("Initech", "Globex"), ("Globex", "Initech"))
    assert [corrected(name, turned, WORDS) for name in ("Initech", "Globex")] == [None, "Initech"]
    assert with_one((), Correction("Initech", "Initech Ltd."), WORDS) is None


_names = st.sampled_from(["Initech", "Initech Ltd", "Globex", "GLOBEX GmbH", "Hooli", "Umbrella Farming"])


@given(st.lists(st.tuples(_names, _names | st.none()), max_size=12), _names)
def test_whatever_is_said_no_correction_leads_to_another_one(pairs, name):
    all_said = said(*pairs)
    keys = [company_key(one.name, WORDS) for one in all_said]
    assert len(keys) == len(set(keys)), "one a company"
    assert all(corrected(one.company, all_said, WORDS) is None for one in all_said)
    assert corrected(name, without_one(all_said, name, WORDS), WORDS) is None


@pytest.mark.parametrize(("company", "published"), [("Globex", ["Globex"]), (None, [])])
def test_the_corrected_name_is_published_and_nothing_else_changes(company, published):
    before = contact(company="Initech", position="Engineer")
    owner = replace(OWNER, corrections=said(("Initech Ltd", company)))
    after = upsert_contact(Publication(), before, owner)
    event = after.event()
    assert event is not None
    assert [job.company for job in event.employments] == published
    assert (after.company, after.facts(), after.tie_event({}, None)) == (
        before.company, before.facts(), before.tie_event({}, None)
    )  # fmt: skip
    assert upsert_contact(Publication(), after, OWNER).corrected is None, "taken back"


def test_who_finds_whom_depends_on_what_was_imported():
    """A correction must not hide a colleague, or unhide one."""
    colleague = replace(contact(company="Initech"), corrected="Globex")
    assert colleague.facts().company == "Initech"
