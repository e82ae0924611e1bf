"""Section 3: who stands where, which paths there are, and in what order."""

import pytest

from tests.records import Json, address, blocked, closeness, connected, introduced, worked
from tests.unit.matching.rules.worlds import World, ago, between, direct, job


def standing(*employments: Json, member: bool = False) -> float:
    """The standing of an insider with these employments: a direct score over 0.75 · 0.75 · 0.5."""
    world = direct().person("i", *employments, member=member)
    if member:
        world.tie("i", "s", closeness(4))
    return round(world.path()["score"] / (0.75 * 0.75 * 0.5), 6)


# Standing


def test_there_now_is_one() -> None:
    assert standing(job()) == standing(job(), member=True) == 1.0


def test_a_contacts_employment_fades_by_half_in_four_years_since_it_was_seen() -> None:
    # 360 days: 12 · 30/365 = 0.986301 years, 2^(-0.986301/4) = 0.842898
    assert standing(job(seen=ago(360))) == 0.8429


def test_a_contacts_employment_fades_to_a_half_at_the_least() -> None:
    # 6 years: 2^-1.5 = 0.354
    assert standing(job(seen=ago(2190))) == 0.5


def test_without_seen_there_is_no_ageing() -> None:
    assert standing(job(start=ago(9000))) == 1.0


def test_a_members_employment_does_not_fade() -> None:
    assert standing(job(seen=ago(2190)), member=True) == 1.0


def test_left_years_ago_is_a_half_halving_each_year() -> None:
    assert standing(job(end=ago(0))) == 0.5
    # 360 days: 0.5 · 2^-0.986301 = 0.252385
    assert standing(job(end=ago(360))) == 0.2524


def test_who_left_does_not_fade_by_seen_as_well() -> None:
    assert standing(job(end=ago(0), seen=ago(2190))) == 0.5


def test_nothing_after_three_years() -> None:
    # 36 periods: 2.958904 years, 0.5 · 2^-y = 0.064305 -> 0.0643; 37 periods are 3.04 years
    assert standing(job(end=ago(1109))) == 0.0643
    assert not direct(employment=job(end=ago(1110))).found()


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("welder", 1.0),
        ("master welder", 1.0),  # the same occupation under another name
        ("fitter", 0.85),  # the same group
        ("recruiter", 0.85),  # in recruiting, whatever the opening
        ("baker", 0.6),
        ("poet", 0.6),  # not known
        (None, 0.6),
    ],
)
def test_times_the_role(title: str | None, role: float) -> None:
    assert standing(job(title=title)) == role


def test_a_recruiter_for_an_opening_whose_title_is_not_known() -> None:
    world = direct(employment=job(title="recruiter")).seeker(has=("x", "y")).posting(title="poet", skills=["x", "y"])
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 0.85
    assert world.contact("i", job(title="welder")).path()["score"] == 0.75 * 0.75 * 0.5 * 0.6


def test_a_recruiter_for_an_opening_for_recruiters() -> None:
    world = direct(employment=job(title="recruiter")).seeker(titles=["recruiter"]).posting(title="recruiter")
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_the_role_multiplies_the_time() -> None:
    assert standing(job(title="fitter", end=ago(0))) == 0.425


def test_best_over_the_employments_at_the_company() -> None:
    # a baker there now 0.6; a welder who left today 0.5; a welder elsewhere does not matter
    assert standing(job(title="baker"), job(end=ago(0)), job("Acme")) == 0.6


def test_role_and_time_are_of_one_employment() -> None:
    # never the welder's role with the baker's presence
    assert standing(job(title="baker"), job(end=ago(360))) == 0.6


def test_the_named_hiring_contact_is_one_wherever_they_work() -> None:
    world = direct(employment=job("Acme", title=None)).both("s", "i").posting(hiring_contact="i")
    world.person("i", job("Acme", title=None))
    assert world.path()["score"] == 0.75 * 0.75 * 0.5 * 1.0


def test_a_contact_named_as_hiring_contact_is_weighed_by_their_work() -> None:
    assert not direct(employment=job("Acme")).posting(hiring_contact="i").found()
    assert direct(employment=job(title="baker")).posting(hiring_contact="i").path()["score"] == 0.75 * 0.75 * 0.5 * 0.6


def test_a_hiring_contact_nobody_knows_is_no_path() -> None:
    assert not World().seeker().contact("i").posting(hiring_contact="i").found()


def test_the_seeker_is_no_insider_of_their_own() -> None:
    assert not World().seeker().posting(hiring_contact="s").both("s", "s").found()


# Direct


def test_direct_score_is_strength_bridge_help_standing() -> None:
    world = direct(connected(2000), employment=job(title="fitter")).record("i", led=3)
    # 0.1 · 0.75 · 0.8 · 0.85
    assert world.path()["score"] == 0.1 * 0.75 * 0.8 * 0.85


def test_a_direct_paths_introducer_is_its_insider() -> None:
    path = direct().path()
    assert (path["introducer_id"], path["insider_id"]) == ("i", "i")


def test_direct_needs_the_seekers_own_evidence() -> None:
    world = World().seeker().person("i", job(), introduces=True).posting().tie("i", "s", closeness(5), introduced(3))
    assert not world.found()
    assert world.tie("s", "i", address()).found()


@pytest.mark.parametrize(
    ("member", "introduces", "ask"),
    [(True, True, "app"), (True, False, "hand"), (False, False, "hand"), (False, True, "hand")],
)
def test_a_member_who_introduces_is_asked_in_the_app_everybody_else_by_hand(
    member: bool, introduces: bool, ask: str
) -> None:
    assert direct().person("i", job(), member=member, introduces=introduces).path()["ask"] == ask


def test_no_introduces_is_off() -> None:
    assert direct().person("i", job()).path()["ask"] == "hand"


# One between


def test_one_between_score() -> None:
    # 0.5 · 0.75 · 0.75 · 0.5 · (0.5 · 0.85)
    world = between().contact("i", job(title="fitter"), of="j").tie("j", "i", worked(24, stated=True))
    assert world.path() == {
        "introducer_id": "j",
        "insider_id": "i",
        "score": 0.5 * 0.75 * 0.75 * 0.5 * (0.5 * 0.85),
        "label": "warm",
        "ask": "app",
    }


def test_one_between_counts_the_introducers_help_and_not_the_insiders() -> None:
    world = between().record("j", led=3).record("i", silent=3)
    assert world.path()["score"] == 0.5 * 0.75 * 0.75 * 0.8 * (0.3 * 1.0)


def test_one_between_takes_the_best_insider() -> None:
    world = between().contact("k", job(title="fitter"), of="j").tie("j", "k", worked(24, stated=True))
    # i: 0.30 · 1.0, k: 0.50 · 0.85 = 0.425
    path = world.path()
    assert (path["insider_id"], path["score"]) == ("k", 0.5 * 0.75 * 0.75 * 0.5 * (0.5 * 0.85))


def test_the_introducer_between_has_introduces_on() -> None:
    assert between().found()
    assert not between().person("j", introduces=False).found()
    assert not between().person("j").found()


def test_the_introducer_between_is_a_member() -> None:
    assert not between().contact("j", introduces=True).found()


def test_the_seeker_has_own_evidence_about_the_introducer() -> None:
    assert not between().tie("s", "j").found()
    assert not between().tie("s", "j").tie("j", "s", introduced(3)).found()
    assert between().tie("s", "j", address()).tie("j", "s", introduced(3)).found()


def test_the_introducer_has_own_evidence_about_the_seeker() -> None:
    assert not between().tie("j", "s").found()
    # s says 4, and j's list shows s, which moves nothing
    path = between().tie("j", "s", connected()).path()
    assert path["score"] == 0.5 * 0.75 * 0.75 * 0.5 * (0.3 * 1.0)


@pytest.mark.parametrize(("value", "found"), [(1, False), (2, False), (3, True)])
def test_the_introducer_has_no_veto_against_the_seeker(value: int, found: bool) -> None:
    assert bool(between().tie("j", "s", closeness(value)).found()) is found


def test_the_seekers_own_word_may_be_a_2() -> None:
    # 0.30 is warm
    path = between().tie("s", "j", closeness(2)).path()
    assert (path["score"], path["label"]) == (0.5 * 0.3 * 0.75 * 0.5 * (0.3 * 1.0), "warm")


@pytest.mark.parametrize("tie", [("s", "j"), ("j", "i")])
def test_a_tie_that_is_warm_from_the_other_side_alone_makes_no_warm_path(tie: tuple[str, str]) -> None:
    # the far end says 5; this end's list shows them
    world = between().person("i", job(), introduces=True)
    world.tie(*tie, connected()).tie(tie[1], tie[0], closeness(5))
    assert not world.found()
    assert world.tie(*tie, connected(), introduced(1)).path()["label"] == "warm"


def test_the_introducer_has_own_evidence_about_the_insider() -> None:
    world = between().person("i", job(), introduces=True).tie("i", "j", closeness(5))
    assert world.found()
    assert not world.tie("j", "i").found()


@pytest.mark.parametrize(
    ("member", "introduces", "found"), [(False, False, True), (True, True, True), (True, False, False)]
)
def test_the_insider_behind_is_a_contact_or_a_member_who_introduces(
    member: bool, introduces: bool, found: bool
) -> None:
    assert bool(between().person("i", job(), member=member, introduces=introduces).found()) is found


def test_one_between_is_asked_in_the_app() -> None:
    assert between().path()["ask"] == "app"


def test_two_between_are_too_many() -> None:
    world = World().seeker().posting().person("j", introduces=True).person("k", introduces=True)
    world.contact("i", job(), of="k").both("s", "j").both("j", "k").tie("k", "i", closeness(5))
    assert not world.found()


def test_seeker_introducer_and_insider_differ() -> None:
    # j works there too: direct through j, and never j behind j or s behind j
    world = World().seeker().person("j", job(), introduces=True).posting(hiring_contact="s").both("s", "j")
    path = world.path()
    assert (path["introducer_id"], path["insider_id"]) == ("j", "j")


@pytest.mark.parametrize(("teller", "other"), [("s", "i"), ("i", "s")])
def test_blocked_ends_are_on_no_path_together(teller: str, other: str) -> None:
    world = between().person("i", job(), introduces=True)
    assert world.found()
    assert not world.tie(teller, other, blocked()).found()


def test_blocked_by_the_introducer_between_is_no_path() -> None:
    assert not between().tie("j", "i", closeness(4), blocked()).found()
    assert not between().tie("j", "s", closeness(4), blocked()).found()


# Discretion


def test_while_discreet_nobody_at_the_seekers_current_employer_is_on_a_path() -> None:
    # the hiring contact is a colleague of the seeker's
    world = direct().person("i", job("Acme")).posting(hiring_contact="i").seeker("s", job("ACME"))
    assert not world.found()
    assert world.seeker("s", job("ACME"), discreet=False).found()


def test_discreet_is_the_default_and_holds_for_the_introducer_between() -> None:
    world = between().person("j", job("Acme"), introduces=True).seeker("s", job("Acme"))
    assert not world.found()
    assert world.seeker("s", job("Acme"), discreet=False).found()


@pytest.mark.parametrize("discreet", [True, False])
def test_nobody_at_a_company_the_seeker_blocked_is_on_a_path_discreet_or_not(*, discreet: bool) -> None:
    world = between().person("j", job("Acme"), introduces=True)
    assert world.seeker(discreet=discreet).found()
    assert not world.seeker(discreet=discreet, blocked_companies=["Acme"]).found()
    behind = between().contact("i", job(), job("Acme"), of="j")
    assert behind.seeker(discreet=discreet).found()
    assert not behind.seeker(discreet=discreet, blocked_companies=["Acme"]).found()
    at_hand = direct(employment=job("Acme")).contact("i", job(), job("Acme"))
    assert at_hand.seeker(discreet=discreet).found()
    assert not at_hand.seeker(discreet=discreet, blocked_companies=["Acme"]).found()


FAMILY = ["Acme", "Acme Labs", "Acme Holding"]
"""Acme Holding owns Acme, which owns Acme Labs."""


@pytest.mark.parametrize("theirs", FAMILY)
@pytest.mark.parametrize("own", FAMILY)
def test_a_company_means_its_family_where_somebody_hides(own: str, theirs: str) -> None:
    world = between().person("j", job(theirs), introduces=True)
    assert not world.seeker("s", job(own)).found()
    assert world.seeker("s", job(own), discreet=False).found()
    assert not world.seeker(discreet=False, blocked_companies=[own]).found()


def test_whoever_has_the_same_owner_alone_is_no_insider() -> None:
    assert direct(employment=job("Acme")).posting(company={"name": "Acme"}).found()
    assert not direct(employment=job("Acme Labs")).posting(company={"name": "Acme"}).found()


def test_discretion_is_about_where_people_work_now() -> None:
    left_it = between().person("j", job("Acme", end=ago(0)), introduces=True).seeker("s", job("Acme"))
    assert left_it.found()
    seeker_left_it = between().person("j", job("Acme"), introduces=True).seeker("s", job("Acme", end=ago(0)))
    assert seeker_left_it.found()


# Order


def test_a_person_appears_once_with_their_best_path() -> None:
    # j works there as a baker (0.75 · 0.75 · 0.5 · 0.6) and knows a welder there (0.5 · … · 0.3): direct it is
    world = between().person("j", job(title="baker"), introduces=True)
    path = world.path()
    assert (path["insider_id"], path["score"]) == ("j", 0.75 * 0.75 * 0.5 * 0.6)


def test_one_between_wins_where_its_score_is_higher() -> None:
    # j left 360 days ago: 0.2524 direct; one between 0.5 · 0.657 = 0.3285 of the same
    world = between().person("j", job(end=ago(360)), introduces=True).tie("j", "i", introduced(3))
    path = world.path()
    assert (path["insider_id"], path["score"]) == ("i", 0.5 * 0.75 * 0.75 * 0.5 * (0.657 * 1.0))


def test_of_equal_scores_the_direct_path_comes_first() -> None:
    # j, a baker who left today, stands at 0.5 · 0.6 = 0.3. Behind j is welder `a`: 1 - 0.5 · 0.8 = 0.6, standing 1.0.
    # 0.75 · 0.75 · 0.5 · 0.3 = 0.5 · 0.75 · 0.75 · 0.5 · 0.6 = 0.084375
    world = between().gone("people.v1", "i").person("j", job(title="baker", end=ago(0)), introduces=True)
    world.contact("a", job(), of="j").tie("j", "a", worked(24, stated=True), connected())
    path = world.path()
    assert (path["insider_id"], path["score"]) == ("j", 0.75 * 0.75 * 0.5 * 0.3)
    assert path["score"] == 0.5 * 0.75 * 0.75 * 0.5 * (0.6 * 1.0)
    assert world.tie("j", "a", worked(24, stated=True), connected(), address()).path()["insider_id"] == "a"


def test_of_equal_scores_the_smaller_insider_comes_first() -> None:
    world = between()
    for insider in ("k", "h"):
        world.contact(insider, job(), of="j").tie("j", insider, closeness(4))
    assert world.path()["insider_id"] == "h"


def test_introducers_are_ordered_by_score_and_then_by_the_smaller_id() -> None:
    world = direct().contact("h", job()).tie("s", "h", closeness(4)).contact("z", job()).tie("s", "z", closeness(5))
    assert world.introducers() == ["z", "h", "i"]


def test_the_order_goes_by_score_and_not_by_closeness_to_the_seeker() -> None:
    # the closest friend there is a baker (0.95 · 0.6 = 0.57), an acquaintance does the job (0.75)
    world = direct().contact("a", job(title="baker")).tie("s", "a", closeness(5))
    assert world.introducers() == ["i", "a"]


# Warm and possible


def test_a_direct_path_is_warm_when_its_tie_is() -> None:
    assert direct(closeness(2)).path()["label"] == "warm"
    assert direct(connected()).path()["label"] == "possible"


@pytest.mark.parametrize("weak", ["s_j", "j_i"])
def test_a_path_is_warm_when_all_its_ties_are(weak: str) -> None:
    # Either tie at 0.1 is not warm, and a path with one between that is not warm is not suggested.
    assert between().found()
    if weak == "s_j":
        assert not between().tie("s", "j", closeness(1)).found()
    else:
        assert not between(j_i=1).found()


def test_a_referral_bonus_changes_nothing() -> None:
    assert direct().posting(referral_bonus="5000 EUR").found() == direct().found()
