"""Who finds whom: each way, each thing that stands against it, and that nothing else plays a part."""

from dataclasses import replace
from datetime import date

import pytest

from services.profiles.finding import Entry, Person, claims, families, found_by
from shared.resolution import Vocabulary

WORDS = Vocabulary.default()
DAY = date(2024, 3, 12)

OMAR = Person("omar", email="omar@mail.example", link="in/omar", link_verified=True)
DANA = Person("dana", email="dana@mail.example", link="in/dana", link_verified=True, visible_to_contacts=True)
DANA_IN_OMARS = Entry("c1", email="dana@mail.example")
OMAR_IN_DANAS = Entry("c2", email="omar@mail.example")


def found(owner=OMAR, entry=DANA_IN_OMARS, member=DANA, back=(OMAR_IN_DANAS,), **more):
    return found_by(owner, entry, member, back, WORDS, **more)


def test_who_is_visible_to_their_contacts_is_found_by_those_they_list():
    assert found() == "contacts"
    assert found(entry=Entry("c1", link="in/dana"), back=(Entry("c2", link="in/omar"),)) == "contacts"


@pytest.mark.parametrize(
    "changes",
    [
        {"member": replace(DANA, visible_to_contacts=False)},
        {"back": ()},
        {"back": (Entry("c2", email="somebody@else.example"),)},
        {"entry": Entry("c1", email="other@mail.example")},
        {"entry": Entry("c1", link="in/dana"), "member": replace(DANA, link_verified=False)},
        {"back": (Entry("c2", link="in/omar"),), "owner": replace(OMAR, link_verified=False)},
        {"back": (replace(OMAR_IN_DANAS, blocked=True),)},
        {"back": (OMAR_IN_DANAS, replace(OMAR_IN_DANAS, contact_id="c3", blocked=True))},
        {"owner": replace(OMAR, email=None)},
        {"member": replace(DANA, email=None)},
        {"member": replace(OMAR, visible_to_contacts=True), "entry": OMAR_IN_DANAS},
    ],
)
def test_otherwise_nobody_is_found(changes):
    assert found(**changes) is None


def test_who_is_open_to_anyone_is_found_by_whoever_has_a_proven_address():
    dana = replace(DANA, visible_to_contacts=False, findable="anyone")
    assert found(member=dana, back=()) == "anyone"
    assert found(member=replace(dana, link_verified=False), entry=Entry("c1", link="in/dana"), back=()) is None


def test_a_yes_to_somebody_is_enough_and_can_be_taken_back():
    dana = replace(DANA, visible_to_contacts=False)
    assert found(member=dana, back=(replace(OMAR_IN_DANAS, may_find_me=True),)) == "yes"
    assert found(member=dana) is None
    blocked = replace(OMAR_IN_DANAS, may_find_me=True, blocked=True)
    assert found(member=dana, back=(blocked,)) is None


def test_a_yes_in_an_introduction_is_a_yes_until_a_block():
    dana = replace(DANA, visible_to_contacts=False, companies=frozenset({INITECH}))
    omar = replace(OMAR, companies=frozenset({INITECH}))
    assert found(omar, member=dana, back=()) is None
    assert found(omar, member=dana, back=(), said_yes=True) == "yes"
    assert found(omar, member=dana, back=(replace(OMAR_IN_DANAS, blocked=True),), said_yes=True) is None
    claimed = replace(dana, link_verified=False)
    assert found(omar, Entry("c1", link="in/dana"), claimed, (), said_yes=True) is None, "of whoever says it is theirs"
    assert found(omar, Entry("c1", email="other@mail.example"), dana, (), said_yes=True) is None


def test_a_yes_to_an_address_that_nobody_proved_is_a_yes_to_nobody():
    dana = replace(DANA, visible_to_contacts=False)
    yes = Entry("c2", link="in/omar", may_find_me=True)
    assert found(owner=replace(OMAR, link_verified=False), member=dana, back=(yes,)) is None


@pytest.mark.parametrize(("apart", "expected"), [(0, "contacts"), (1, "contacts"), (2, None)])
def test_links_are_proven_for_two_who_list_each_other_since_the_same_day(apart, expected):
    omar, dana = replace(OMAR, email=None, link_verified=False), replace(DANA, email=None, link_verified=False)
    mine = Entry("c1", link="in/dana", connected_on=DAY)
    theirs = Entry("c2", link="in/omar", connected_on=DAY.replace(day=DAY.day + apart))
    assert found(omar, mine, dana, (theirs,)) == expected
    assert found(omar, replace(mine, connected_on=None), dana, (theirs,)) is None
    assert found(omar, mine, dana, (replace(theirs, link="in/other"),)) is None
    assert found(replace(omar, link=None), mine, dana, (theirs,)) is None


def test_a_claimed_link_needs_the_yes_of_both():
    dana = replace(DANA, email=None, link_verified=False, visible_to_contacts=False)
    entry, yes = Entry("c1", link="in/dana"), replace(OMAR_IN_DANAS, may_find_me=True)
    assert found(entry=entry, member=dana, back=(yes,)) is None
    assert claims(OMAR, entry, dana, (yes,))
    assert not claims(OMAR, entry, dana, (OMAR_IN_DANAS,))
    assert not claims(OMAR, Entry("c1", link="in/other"), dana, (yes,))
    assert not claims(
        OMAR,
        entry,
        dana,
        (
            yes,
            replace(yes, contact_id="c3", blocked=True),
        )[1:],
    )
    assert found(entry=replace(entry, confirmed="dana"), member=dana, back=(yes,)) == "yes"
    assert found(entry=replace(entry, confirmed="dana"), member=dana, back=(OMAR_IN_DANAS,)) is None
    assert found(entry=replace(entry, confirmed="mallory"), member=dana, back=(yes,)) is None


INITECH = WORDS.company("Initech")


@pytest.mark.parametrize(
    ("owner", "back"),
    [
        (replace(OMAR, companies=frozenset({INITECH})), OMAR_IN_DANAS),
        (OMAR, replace(OMAR_IN_DANAS, company="Initech, Inc.")),
        (replace(OMAR, email="omar@initech.com"), Entry("c2", email="omar@initech.com")),
        (replace(OMAR, email="omar@eu.initech.co.uk"), Entry("c2", email="omar@eu.initech.co.uk")),
    ],
)
@pytest.mark.parametrize("hidden", [{"companies": frozenset({INITECH})}, {"hides_from": frozenset({INITECH})}])
def test_a_discreet_member_stays_hidden_from_their_employer_and_blocked_companies(owner, back, hidden):
    for ways in ({}, {"findable": "anyone"}):
        dana = replace(DANA, **hidden, **ways)
        assert found(owner, member=dana, back=(back,)) is None
        assert found(owner, member=replace(dana, discreet=False), back=(back,)) is not None
        assert found(owner, member=dana, back=(replace(back, may_find_me=True),)) == "yes"


@pytest.mark.parametrize("hides", ["companies", "hides_from"])
@pytest.mark.parametrize(
    ("own", "theirs"), [("Amazon", "Twitch"), ("YouTube", "Google Germany"), ("DeepMind", "YouTube")]
)
def test_a_company_means_its_family(own, theirs, hides):
    dana = replace(DANA, findable="anyone", **{hides: families([own], WORDS)})
    assert WORDS.company(own) != WORDS.company(theirs)
    for omar, back in (
        (replace(OMAR, companies=families([theirs], WORDS)), OMAR_IN_DANAS),
        (OMAR, replace(OMAR_IN_DANAS, company=theirs)),
    ):
        assert found(omar, member=dana, back=(back,)) is None
        assert found(omar, member=replace(dana, discreet=False), back=(back,)) is not None


def test_an_address_at_a_subsidiary_is_of_its_family():
    omar = replace(OMAR, email="omar@youtube.com")
    google = replace(DANA, companies=families(["Google"], WORDS))
    assert found(omar, member=google, back=(Entry("c2", email="omar@youtube.com"),)) is None


def test_nothing_else_of_the_owner_plays_a_part():
    """What the owner themself chose tells nothing about whom they find."""
    omar = replace(OMAR, visible_to_contacts=True, findable="anyone", discreet=False, hides_from=frozenset({"x"}))
    assert found(omar) == found()
    assert found(omar, member=replace(DANA, visible_to_contacts=False)) is None
