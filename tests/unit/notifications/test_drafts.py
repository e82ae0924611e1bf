"""Drafts: at most 300 characters whatever the names are, and nothing said that is not known."""

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.drafts import MAX_MESSAGE, draft
from shared.text import units

ANY = st.text(st.characters(), max_size=400)


def test_a_draft_offers_before_it_asks():
    made = draft(introducer="Dana Okafor", seeker="Alex Rivera", title="Backend Engineer", company="Initech")
    assert made.message.startswith("Hi Dana Okafor, ")
    assert made.message.index("help you") < made.message.index("Could you")
    assert "Initech has an opening, Backend Engineer" in made.message
    assert made.message.endswith("Alex Rivera")
    assert made.forwardable.endswith("questions are welcome before that.")


def test_the_longest_fields_fit_with_every_word():
    made = draft(introducer="n" * 500, seeker="s" * 500, title="t" * 500, company="c" * 500)
    assert units(made.message) <= MAX_MESSAGE
    assert "No worries if not!" in made.message
    assert made.message.count("…") == 4


@given(ANY, ANY, ANY, ANY)
def test_a_message_never_passes_the_limit(introducer, seeker, title, company):
    made = draft(introducer=introducer, seeker=seeker, title=title, company=company, url="https://a.example/1")
    assert units(made.message) <= MAX_MESSAGE
    assert "\n" not in made.message + made.forwardable
    (made.message + made.forwardable).encode()


@given(st.integers(0, 3), st.text("👩\u200d💻e\u0301", max_size=400))
def test_long_names_of_wide_characters_are_cut_between_them(shift, name):
    made = draft(introducer="x" * shift + name, seeker=name, title=name, company=name)
    assert units(made.message) <= MAX_MESSAGE
    assert "\u200d…" not in made.message


def test_unknown_names_are_left_out():
    made = draft(introducer="", seeker="", title="", company="")
    assert made.message.startswith("Hi, ")
    assert made.message.endswith("No worries if not!")


def test_the_forwardable_paragraph_says_what_is_known():
    made = draft(
        introducer="Dana Okafor",
        seeker="Alex Rivera",
        title="Backend Engineer",
        company="Initech",
        url="https://jobs.example/7",
    )
    assert made.forwardable.startswith(
        "Alex Rivera is interested in this opening at Initech: Backend Engineer (https://jobs.example/7)."
    )
    assert "Dana" not in made.forwardable


def test_a_script_address_is_not_forwarded():
    made = draft(introducer="D", seeker="A", title="T", company="C", url="javascript:alert(1)")
    assert "javascript" not in made.forwardable
