"""Whoever works at the company is asked to talk; whoever knows somebody there is asked to introduce."""

import pytest

from services.introductions import disclosure, drafts, words
from services.introductions.drafts import About
from services.introductions.introduction import Introduction, Path
from services.introductions.transitions import State
from tests.unit.introductions.test_transitions import PEOPLE
from tests.unit.introductions.town import OPENING, Town, day

SEEKER, INTRODUCER, _ = PEOPLE
URL = "https://warmpath.example/answer/x"
DIRECT = pytest.mark.parametrize("direct", [True, False], ids=["who works there", "who knows somebody there"])


def asked(*, direct: bool) -> tuple[Town, Introduction]:
    """Amara asks Mei, who works there herself, or knows Ida, who does."""
    town = Town()
    town.path("amara", "mei", "mei" if direct else "ida")
    return town, town.ask("amara", "mei")


def asks_for(text: str) -> str:
    """What a text asks for: a talk, an introduction, or a mix of them."""
    lower = text.lower()
    return " and ".join(each for each in ("talk", "introduc") if each in lower)


@DIRECT
def test_the_drafts_ask_for_that(direct):
    wanted = "talk" if direct else "introduc"
    assert asks_for(words.note("Mei", "Amara", "Cook", "Initech", direct=direct)) == wanted
    made = drafts.ask(About("Mei", "Amara", "Cook", "Initech", None, direct=direct), URL)
    assert asks_for(made.short) == asks_for(made.mail) == wanted


@DIRECT
def test_what_the_seeker_reads_of_an_ask_is_of_that(direct):
    town, one = asked(direct=direct)
    step = words.next_step(town[one], SEEKER) or ""
    assert step.startswith("They were asked whether they ")
    assert asks_for(step) == ("talk" if direct else "introduc")
    standing = "a talk has been asked for" if direct else "the introducer has been asked"
    assert disclosure.standing(town[one], SEEKER) == standing


@DIRECT
def test_what_comes_of_it_is_that(direct):
    town, one = asked(direct=direct)
    town.answer(one, INTRODUCER, "yes")
    if direct:
        assert town[one].state == State.INTRODUCED
        assert asks_for(words.next_step(town[one], INTRODUCER) or "") == "talk"
        assert asks_for(disclosure.standing(town[one], SEEKER)) == "talk"
    else:
        assert disclosure.standing(town[one], SEEKER) == "the introducer has agreed to ask"


@DIRECT
@pytest.mark.parametrize("said", ["not_now", "not_well", None])
def test_an_end_reads_alike_whatever_was_said(direct, said):
    town, one = asked(direct=direct)
    if said:
        town.answer(one, INTRODUCER, said, quietly=True)
    town.tick(day(8))
    for who in (SEEKER, INTRODUCER):
        assert asks_for(disclosure.sentence(town[one], who) or "") == ("talk" if direct else "introduc")


@DIRECT
def test_what_they_will_see_of_who_asks(direct):
    listed = words.they_see(OPENING, Path("mei", "mei" if direct else "ida"))
    assert any("talk to them" in each for each in listed) == direct
    assert any("pass on" in each for each in listed) != direct, "a note for somebody else is passed on"
