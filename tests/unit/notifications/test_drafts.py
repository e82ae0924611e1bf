"""Drafts: at most 300 characters whatever the names are, words one would send, and nothing said that is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.drafts import MAX_MESSAGE, Draft, Introducer, Seeker, Wanted, draft
from shared.text import units

ANY = st.text(st.characters(), max_size=400)
ANNA = Introducer("Anna", "Initech GmbH", "Staff Engineer")
ALEX = Seeker("Alex Rivera", "Alex", "Data engineer in Lisbon")
OPENING = Wanted("Backend Engineer", "Initech", "https://jobs.example/7")


def whole(made: Draft) -> str:
    return f"{made.message}{made.subject}{made.mail}{made.forwardable}"


def test_a_message_greets_says_who_asks_what_for_why_them_and_one_question():
    assert draft(ANNA, ALEX, OPENING).message == (
        "Hi Anna, I'm Alex Rivera (Data engineer in Lisbon). Initech has an opening that fits me: Backend Engineer. "
        "You work there, so I thought of you: do you know who is hiring for it? https://jobs.example/7"
    )


def test_a_mail_says_the_same_with_more_room():
    made = draft(ANNA, ALEX, OPENING)
    assert made.subject == "A question about an opening at Initech"
    assert made.mail.splitlines() == [
        "Hi Anna,",
        "",
        "I'm Alex Rivera (Data engineer in Lisbon). Initech has an opening that fits me:",
        "",
        "Backend Engineer",
        "https://jobs.example/7",
        "",
        "You work there as Staff Engineer, so I thought of you: do you know who is hiring for it?",
        "",
        "One line is plenty, and no worries if not. If there is anything I can do for you, tell me.",
        "",
        "Alex",
    ]


@pytest.mark.parametrize("company", [None, "Umbrella", ""])
def test_whoever_does_not_work_there_by_the_seekers_own_book_knows_the_company(company):
    made = draft(Introducer("Anna", company, "Staff Engineer"), ALEX, OPENING)
    assert "You know the company, so I thought of you" in made.message
    assert "Staff Engineer" not in whole(made)


def test_a_long_headline_is_cut_before_the_link_goes():
    link = "https://jobs.example/" + "7" * 90
    made = draft(ANNA, Seeker("Alex Rivera", "Alex", "h" * 200), Wanted("Backend Engineer", "Initech", link)).message
    assert made.endswith(link)
    assert "hhh" not in made
    too_long = draft(ANNA, ALEX, Wanted("Backend Engineer", "Initech", link + "7" * 90)).message
    assert too_long.endswith("who is hiring for it?")
    assert "Data engineer in Lisbon" in too_long


def test_the_longest_fields_fit_with_every_word():
    made = draft(Introducer("n" * 500), Seeker("s" * 500), Wanted("t" * 500, "c" * 500))
    assert units(made.message) <= MAX_MESSAGE
    assert "who is hiring for it?" in made.message
    assert made.message.count("…") == 4


@given(ANY, ANY, ANY, ANY, ANY, st.sampled_from([None, "https://a.example/1", "https://a.example/" + "1" * 300]))
def test_a_message_never_passes_the_limit(introducer, seeker, headline, title, company, url):
    made = draft(Introducer(introducer, company, title), Seeker(seeker, seeker, headline), Wanted(title, company, url))
    assert units(made.message) <= MAX_MESSAGE
    assert "\n" not in made.message + made.forwardable + made.subject
    whole(made).encode()


@given(st.integers(0, 3), st.text("👩\u200d💻e\u0301", max_size=400))
def test_long_names_of_wide_characters_are_cut_between_them(shift, name):
    made = draft(Introducer("x" * shift + name), Seeker(name, name, name), Wanted(name, name))
    assert units(made.message) <= MAX_MESSAGE
    assert "\u200d…" not in made.message


def test_unknown_names_are_left_out():
    made = draft(Introducer(), Seeker(), Wanted())
    assert made.message == (
        "Hi, a company you know has an opening that fits me. "
        "You know the company, so I thought of you: do you know who is hiring for it?"
    )
    assert made.mail.splitlines()[0] == "Hi,"
    assert made.mail.splitlines()[-1].endswith("tell me.")


def test_the_forwardable_paragraph_says_what_is_known():
    made = draft(ANNA, ALEX, OPENING)
    assert made.forwardable.startswith(
        "Alex Rivera (Data engineer in Lisbon) is interested in this opening at Initech: Backend Engineer "
        "(https://jobs.example/7)."
    )
    assert "Anna" not in made.forwardable


def test_a_script_address_is_in_no_text():
    assert "javascript" not in whole(draft(ANNA, ALEX, Wanted("T", "C", "javascript:alert(1)")))
