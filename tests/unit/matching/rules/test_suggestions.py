"""Section 5: what is suggested, and two examples small enough to work out by hand from end to end."""

from tests.records import address, closeness, connected, messages, worked
from tests.unit.matching.rules.worlds import World, ago, between, direct, job


def test_one_for_each_seeker_and_opening_that_fits() -> None:
    world = direct().posting("q").seeker("t").tie("t", "i", closeness(3))
    assert [(s["seeker_id"], s["posting_id"]) for s in world.found()] == [
        ("s", "p"),
        ("s", "q"),
        ("t", "p"),
        ("t", "q"),
    ]


def test_the_best_three_introducers() -> None:
    world = World().seeker().posting()
    for person, value in (("a", 1), ("b", 5), ("c", 3), ("d", 4)):
        world.contact(person, job()).tie("s", person, closeness(value))
    assert world.introducers() == ["b", "d", "c"]


def test_direct_paths_that_are_only_possible_are_suggested() -> None:
    assert direct(address()).path()["label"] == "possible"


def test_paths_with_one_between_that_are_only_possible_are_not() -> None:
    assert not between().tie("j", "i", connected()).found()


def test_of_each_introducer_the_best_among_direct_and_warm_ones() -> None:
    # Behind j are k (0.2 by a list, so not warm, a welder) and i (said, so warm, a baker): 0.3 · 0.6 = 0.18 it is.
    world = between().contact("i", job(title="baker"), of="j").contact("k", job(), of="j").tie("j", "k", connected())
    path = world.path()
    assert (path["insider_id"], path["score"]) == ("i", 0.5 * 0.75 * 0.75 * 0.5 * (0.3 * 0.6))


def test_a_score_of_nothing_is_no_path() -> None:
    # 30 years without a message: the tie is there, its strength rounds to 0
    assert not direct(messages(10, 10, ago(5 * 2190))).found()


def test_none_means_no_suggestion() -> None:
    assert not World().seeker().posting().contact("i", job()).found()


def test_a_withdrawn_consent_takes_the_suggestion_away() -> None:
    world = between()
    assert world.found()
    assert not world.person("j", introduces=False).found()


def test_an_erased_person_is_on_no_path_and_has_no_suggestion() -> None:
    assert not direct().gone("people.v1", "i").found()
    assert not direct().gone("people.v1", "s").found()
    assert not between().gone("people.v1", "j").found()


def test_a_network_of_three_by_hand() -> None:
    """Ana seeks; Ben is a member and introduces; Cem is Ben's contact, a fitter whom an import showed 6 years ago.

    Ana and Ben worked together for 18 months, as Ana says, and it ended 6 years ago:
      e = 0.50 · 18/24 · 1 · max(0.4, 2^-0.6) = 0.375 · 0.659754 = 0.247408
    Ben's mailbox shows 8 messages out and 12 in, the last one today: e = 0.70 · (1 - e^-0.8) = 0.385470
    Ben is also connected to Ana in a list of 2,000: e = 0.20 · √(500/2000) = 0.1
      strength = 1 - 0.9 · 0.752592 · 0.614530 = 0.583759 -> 0.5838
      firmness = 1 - 0.752592 · 0.614530 = 0.537510 -> warm
    Ben says he knows Cem 4 of 5: warm, onward strength 0.30
    B: Ana has 1 tie with members -> 0.75. H of Ben: two introduced and one ran out last month: (2+1)/(2+1+2) = 0.6
    Cem: there now, 2^(-6/4) = 0.354 so 0.5, a fitter for a welder's opening 0.85 -> 0.425
      score = 0.5 · 0.5838 · 0.75 · 0.6 · (0.30 · 0.425)
    Fit: of js, welding, maths and drawing Ana has js and maths: 2/4; title: fitter, same group: 0.5; no level is named
      (0.60 · 0.5 + 0.25 · 0.5) / 0.85 = 0.425/0.85 = 0.50
    """
    world = World()
    world.person(
        "ana", job("Acme", "fitter"), skills=["js", "maths"], seeking={"titles": ["fitter"], "locations": ["Berlin"]}
    )
    world.person("ben", introduces=True)
    world.contact("cem", job("Initech Inc.", "fitter", seen=ago(2190)), of="ben")
    world.tie("ana", "ben", worked(18, stated=True, ended=ago(2190)))
    world.tie("ben", "ana", messages(8, 12), connected(2000))
    world.tie("ben", "cem", closeness(4))
    world.record("ben", led=2, silent=1)
    named = ["js", "welding", "maths", "drawing"]
    world.posting("welder-at-initech", skills=named, locations=["Hamburg", "Germany"])
    assert world.found() == [
        {
            "seeker_id": "ana",
            "posting_id": "welder-at-initech",
            "fit": 0.5,
            "paths": [
                {
                    "introducer_id": "ben",
                    "insider_id": "cem",
                    "score": 0.5 * 0.5838 * 0.75 * 0.6 * (0.3 * 0.425),
                    "label": "warm",
                    "ask": "app",
                }
            ],
        }
    ]


def test_two_ways_by_hand() -> None:
    """Eva knows Gil, who is there, from a list, and Finn well, who knows Hana there.

    Gil, a contact: 0.20 in a list of 2000, so 0.10, B 0.75, H 0.5, standing 1.0: 0.0375, possible, by hand
    Finn, both say 5: 0.95; he says 3 of Hana, a member who introduces, which is worth 0.30 to others
      0.5 · 0.95 · 0.75 · 0.5 · (0.30 · 1.0) = 0.0534375, warm, in the app: before Gil
    """
    world = World().seeker("eva").contact("gil", job(), of="eva").posting()
    world.person("finn", introduces=True).person("hana", job(), introduces=True)
    world.tie("eva", "gil", connected(2000)).both("eva", "finn", 5).tie("finn", "hana", closeness(3))
    first, second = world.one()["paths"]
    assert first == {
        "introducer_id": "finn",
        "insider_id": "hana",
        "score": 0.5 * 0.95 * 0.75 * 0.5 * (0.3 * 1.0),
        "label": "warm",
        "ask": "app",
    }
    assert second == {
        "introducer_id": "gil",
        "insider_id": "gil",
        "score": 0.1 * 0.75 * 0.5 * 1.0,
        "label": "possible",
        "ask": "hand",
    }
