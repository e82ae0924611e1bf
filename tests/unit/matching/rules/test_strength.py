"""Section 2: what a tie is worth, row by row of the table, and what the two sides' words do to it."""

import pytest

from tests.records import Json, address, blocked, closeness, connected, introduced, messages, worked
from tests.unit.matching.rules.worlds import World, ago, direct, job


def of_contact(*evidence: Json) -> tuple[float, str]:
    """The score over everything but the strength, of a direct path to a contact, and its label."""
    path = direct(*evidence).path()
    return path["score"], path["label"]


def worth(strength: float, label: str) -> tuple[float, str]:
    return strength * 0.75 * 0.5 * 1.0, label


def of_members(mine: list[Json], theirs: list[Json]) -> tuple[float, str]:
    """The same of a direct path to a member."""
    world = World().seeker().person("i", job()).posting().tie("s", "i", *mine).tie("i", "s", *theirs)
    path = world.path()
    return path["score"], path["label"]


@pytest.mark.parametrize(
    ("evidence", "strength"),
    [
        (connected(), 0.2),  # without `of`
        (connected(100), 0.2),  # min(1, √5) = 1
        (connected(500), 0.2),
        (connected(2000), 0.1),  # √(500/2000) = 0.5
        (address(), 0.1),
        (worked(24, company_size=50), 0.5),  # 0.50 · 1 · 1
        (worked(48, company_size=10), 0.5),  # both are at most 1
        (worked(12, company_size=200), 0.125),  # 0.50 · 0.5 · √(50/200)
        (worked(24), 0.1),  # g = 0.2 without a size
    ],
)
def test_evidence_that_is_not_firm(evidence: Json, strength: float) -> None:
    # Never warm, however strong: firmness is 0.
    assert of_contact(evidence) == worth(strength, "possible")


@pytest.mark.parametrize(
    ("evidence", "strength", "label"),
    [
        (worked(24, stated=True), 0.5, "warm"),
        (worked(24, stated=True, company_size=5000), 0.5, "warm"),  # g = 1 if stated, whatever the size
        (worked(12, stated=True), 0.25, "possible"),  # below 0.30
        (messages(10, 10), 0.4425, "warm"),  # 0.70 · (1 - e^-1) = 0.442484
        (messages(5, 5), 0.2754, "possible"),  # 0.70 · (1 - e^-0.5) = 0.275429
        (introduced(1), 0.3, "warm"),  # 1 - 0.7
        (introduced(2), 0.51, "warm"),  # 1 - 0.49
        (introduced(3), 0.657, "warm"),  # 1 - 0.343
        (introduced(9), 0.657, "warm"),  # counted up to 3
    ],
)
def test_evidence_that_is_firm(evidence: Json, strength: float, label: str) -> None:
    assert of_contact(evidence) == worth(strength, label)


def test_work_together_fades_by_half_in_ten_years() -> None:
    # 6 years: 0.50 · 2^-0.6 = 0.329877
    assert of_contact(worked(24, stated=True, ended=ago(2190))) == worth(0.3299, "warm")


def test_work_together_fades_to_four_tenths_at_the_least() -> None:
    # 18 years: 2^-1.8 = 0.287, so 0.4
    assert of_contact(worked(24, stated=True, ended=ago(3 * 2190))) == worth(0.2, "possible")


def test_messages_fade_by_half_in_two_years() -> None:
    # 6 years: 0.442484 / 8 = 0.055311
    assert of_contact(messages(10, 10, ago(2190))) == worth(0.0553, "possible")


def test_only_two_way_mail_counts() -> None:
    assert of_contact(messages(100, 10)) == worth(0.4425, "warm")
    assert not direct(messages(100, 0)).found()


def test_evidence_of_several_kinds_adds_up_as_one_minus_the_product() -> None:
    # 1 - 0.8 · 0.9 = 0.28
    assert of_contact(connected(), address()) == worth(0.28, "possible")


def test_each_kind_counts_once_with_its_larger_e() -> None:
    # 0.1 and 0.2 of one kind: 0.2, not 0.28
    assert of_contact(connected(2000), connected()) == worth(0.2, "possible")
    assert of_contact(worked(24, stated=True), worked(12, stated=True)) == worth(0.5, "warm")


def test_each_kind_counts_once_over_both_sides() -> None:
    assert of_members([connected(2000)], [connected()]) == worth(0.2, "possible")


def test_both_sides_evidence_counts() -> None:
    assert of_members([connected()], [address()]) == worth(0.28, "possible")


def test_the_larger_e_is_the_one_after_ageing() -> None:
    # 24 months 6 years ago are 0.3299; 18 months now are 0.375
    assert of_contact(worked(24, stated=True, ended=ago(2190)), worked(18, stated=True)) == worth(0.375, "warm")


def test_firmness_takes_the_larger_of_the_firm_evidence_alone() -> None:
    # unstated 24 months among 50: 0.5; stated 12 months: 0.25. Strength takes 0.5, firmness 0.25.
    assert of_contact(worked(24, company_size=50), worked(12, stated=True)) == worth(0.5, "possible")


def test_firmness_leaves_out_what_is_not_firm() -> None:
    # strength 1 - 0.8 · 0.75 = 0.4, firmness 0.25
    assert of_contact(connected(), worked(12, stated=True)) == worth(0.4, "possible")


def test_closeness_said_twice_by_one_side_is_the_larger() -> None:
    assert of_contact(closeness(2), closeness(4)) == worth(0.75, "warm")


def test_a_contacts_side_has_no_evidence_of_its_own() -> None:
    world = direct(connected()).tie("i", "s", closeness(5), introduced(3))
    assert world.path()["score"] == 0.2 * 0.75 * 0.5 * 1.0
    assert direct(connected()).tie("i", "s", blocked()).found()


def test_a_tie_needs_evidence_above_zero_before_ageing() -> None:
    assert not direct(worked(0, stated=True)).found()
    assert not direct(messages(3, 0)).found()


def test_ageing_to_nothing_leaves_a_tie_but_no_score() -> None:
    # 30 years: 0.4425 / 2^15 rounds to 0, and a score of 0 is no path; with an address the tie is worth just that.
    assert not direct(messages(10, 10, ago(5 * 2190))).found()
    assert direct(messages(10, 10, ago(5 * 2190)), address()).path()["score"] == 0.1 * 0.75 * 0.5 * 1.0


def test_a_stated_closeness_alone_is_a_tie() -> None:
    assert direct(closeness(1)).found()


@pytest.mark.parametrize("teller", ["s", "i"])
def test_blocked_by_either_side_is_no_tie(teller: str) -> None:
    world = World().seeker().person("i", job()).posting().both("s", "i")
    assert world.found()
    other = "i" if teller == "s" else "s"
    assert not world.tie(teller, other, closeness(4), blocked()).found()


def test_a_tie_to_somebody_unknown_is_none() -> None:
    world = direct()
    assert not world.gone("people.v1", "i").found()


@pytest.mark.parametrize(
    ("value", "strength", "label"),
    [(1, 0.1, "possible"), (2, 0.3, "warm"), (3, 0.5, "warm"), (4, 0.75, "warm"), (5, 0.95, "warm")],
)
def test_a_closeness_said_about_a_contact_is_the_strength(value: int, strength: float, label: str) -> None:
    # whatever else is known: 0.657 from introductions does not move it, nor make 1 warm
    assert of_contact(closeness(value), introduced(3)) == worth(strength, label)


@pytest.mark.parametrize(("value", "strength"), [(1, 0.1), (2, 0.3), (3, 0.5), (4, 0.75), (5, 0.95)])
@pytest.mark.parametrize("theirs", [[], [closeness(3)], [closeness(5)]])
def test_my_word_about_a_member_is_my_strength_whatever_they_say_from_3_up(
    value: int, strength: float, theirs: list[Json]
) -> None:
    # nor does 0.657 from introductions move it, whoever shows them
    label = "possible" if value == 1 else "warm"
    assert of_members([closeness(value)], theirs) == worth(strength, label)
    assert of_members([closeness(value)], [*theirs, introduced(3)]) == worth(strength, label)
    assert of_members([closeness(value), introduced(3)], theirs) == worth(strength, label)


@pytest.mark.parametrize("value", [3, 4, 5])
def test_their_word_from_3_up_shows_nowhere(value: int) -> None:
    assert of_members([connected()], [closeness(value)]) == worth(0.2, "possible")
    assert of_members([introduced(2)], [closeness(value)]) == worth(0.51, "warm")
    assert of_members([connected()], [closeness(value), introduced(2)]) == of_members([connected()], [introduced(2)])


@pytest.mark.parametrize("value", [1, 2])
def test_a_1_or_2_by_the_other_member_is_a_veto(value: int) -> None:
    for mine in ([closeness(5)], [introduced(3)], [connected(), closeness(1)]):
        world = World().seeker().person("i", job()).posting().tie("s", "i", *mine)
        assert world.found()
        assert not world.tie("i", "s", closeness(value)).found()
        assert not world.tie("i", "s", closeness(value), introduced(3)).found()


def test_a_veto_is_one_sided() -> None:
    # s says 1 of i; i, who seeks where s works, says 5 of s: s's paths go by 0.1, and i's by nothing
    world = World().seeker("s", job("Acme")).seeker("i", job()).posting().posting("q", company={"name": "Acme"})
    world.tie("s", "i", closeness(1)).tie("i", "s", closeness(5))
    (found,) = world.found()
    assert (found["seeker_id"], found["posting_id"]) == ("s", "p")
    assert (found["paths"][0]["score"], found["paths"][0]["label"]) == worth(0.1, "possible")


def test_stated_by_nobody_the_evidence_is_the_strength() -> None:
    assert of_members([introduced(2)], []) == worth(0.51, "warm")
