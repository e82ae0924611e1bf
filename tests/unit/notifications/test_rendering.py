"""What people are shown: bands, no insiders, no foreign markup, no names that are not known."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications import rendering
from services.notifications.cards import Card
from services.notifications.domain import Status
from services.notifications.store import Item
from shared.events.suggestions import Opening, PathV1, SuggestionV1

POSTED = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>&\"\u202e\r\nBcc: all@corp.example\x00"


def item(*paths, title="Backend Engineer", company="Initech", url="https://jobs.example/7", **fields):
    suggestion = SuggestionV1(
        suggestion_id="s-1",
        seeker_id="ada",
        posting_id="p-1",
        version=1,
        fit=83,
        # The contract refuses some of what follows; what is shown does not lean on that.
        opening=Opening.model_construct(title=title, company=company, url=url, posted_at=POSTED),
        paths=(direct(),),
    ).model_copy(update={"paths": paths or (direct(),)})
    moments = {"suggested_at": POSTED, "created_at": POSTED, "updated_at": POSTED}
    return Item(suggestion, Status.UNREAD, **(moments | fields))


def direct(who="dana", score=0.2371, reasons=()):
    return PathV1.model_construct(
        introducer_id=who, insider_id=who, score=score, label="warm", ask="hand", reasons=reasons
    )


def between(who="ben", insider="secret-insider", score=0.0713):
    return PathV1(introducer_id=who, insider_id=insider, score=score, label="warm", ask="app")


def cards(**names):
    return {key: Card.model_construct(id=key, name=name) for key, name in names.items()}


KNOWN = cards(dana="Dana Okafor", ben="Ben Ito", ada="Ada Sol")


def everything_shown(made, known=KNOWN):
    mail = rendering.email_about(made, known, "ada", "UTC")
    short = rendering.email_summary([made], 1, known, "ada", "UTC")
    view = json.dumps(rendering.show(made, known).model_dump(mode="json"), ensure_ascii=False)
    return [view, mail.subject, mail.text, mail.html, short.subject, short.text, short.html]


def test_scores_are_shown_as_bands_only():
    for shown in everything_shown(item(direct(score=0.2371), between(score=0.0713))):
        assert "2371" not in shown
        assert "0713" not in shown
        assert "score" not in shown
    view = rendering.show(item(direct(), between(), direct("eve", 0.01)), KNOWN)
    assert [path.band for path in view.paths] == ["strong", "good", "faint"]


def test_the_insider_behind_an_introducer_is_never_shown():
    made = item(between())
    assert rendering.people_in([made]) == ["ben"]
    for shown in everything_shown(made, KNOWN | cards(**{"secret-insider": "Ines Sider"})):
        assert "secret-insider" not in shown
        assert "Ines" not in shown
    assert rendering.show(made, KNOWN).paths[0].says == "Ben Ito knows somebody there"


def test_somebody_without_a_card_is_a_contact_of_yours():
    mail = rendering.email_about(item(), {}, "ada", "UTC")
    assert mail.subject == "Backend Engineer at Initech: ask a contact of yours"
    assert mail.text.startswith("Hello,\n")
    assert rendering.show(item(), {"dana": Card(id="dana", name="\u202e \n")}).paths[0].name == "a contact of yours"


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.links = set(), []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]


OURS = {"html", "head", "meta", "title", "body", "p", "strong", "br", "ol", "li", "bdi", "a"}


@given(
    st.one_of(st.just(HOSTILE), st.text(st.characters(), min_size=1, max_size=80), st.text("<>\"'&/=a \n", min_size=1))
)
def test_hostile_words_stay_words(words):
    made = item(direct(reasons=(words,)), title=words or "x", company="Initech", url="javascript:alert(1)")
    known = cards(dana=words, ada=words)
    for shown in everything_shown(made, known):
        assert "javascript:" not in shown or "javascript:" in words
        assert "\u202e" not in shown
        assert "\x00" not in shown
        shown.encode()
    for mail in (
        rendering.email_about(made, known, "ada", "UTC"),
        rendering.email_summary([made], 1, known, "ada", "UTC"),
    ):
        tags = _Tags()
        tags.feed(mail.html)
        assert tags.seen <= OURS
        assert tags.links == []
        assert "\n" not in mail.subject
        assert "\r" not in mail.subject


def test_a_hostile_name_adds_no_line_to_the_text():
    plain = rendering.email_about(item(), KNOWN, "ada", "UTC").text
    hostile = rendering.email_about(item(title=HOSTILE), cards(dana=HOSTILE, ada=HOSTILE), "ada", "UTC").text
    assert hostile.count("\n") == plain.count("\n")


@pytest.mark.parametrize(("zone", "day"), [("UTC", "4 May 2026"), ("Asia/Tokyo", "5 May 2026")])
def test_days_are_those_of_the_members_time_zone(zone, day):
    mail = rendering.email_about(item(), KNOWN, "ada", zone)
    assert f"posted on {day}" in mail.text
    assert f"posted on {day}" in mail.html


def test_a_summary_counts_and_names_three():
    made = [item(title=f"Role {n}") for n in range(5)]
    mail = rendering.email_summary(made, 12, KNOWN, "ada", "UTC")
    assert mail.subject == "12 openings you now have a way into"
    assert [f"Role {n}" in mail.text and f"Role {n}" in mail.html for n in range(5)] == [True] * 3 + [False] * 2
    assert "The others are in your inbox." in mail.text


def test_a_summary_of_one_is_grammatical():
    mail = rendering.email_summary([item()], 1, KNOWN, "ada", "UTC")
    assert mail.subject == "1 opening you now have a way into"
    assert "there is 1 opening" in mail.text
    assert "The others" not in mail.text


def test_a_suggestion_without_its_opening_is_still_shown():
    made = item()
    bare = Item(made.suggestion.model_copy(update={"opening": None}), Status.READ, None, POSTED, POSTED)
    assert rendering.show(bare, KNOWN).title == "an opening"
    assert "an opening at a company" in rendering.email_about(bare, KNOWN, "ada", "UTC").text
