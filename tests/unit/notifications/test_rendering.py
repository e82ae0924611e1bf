"""What people are shown: bands, no insiders, no foreign markup, no names that are not known."""

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications import rendering
from services.notifications.domain import Status
from services.notifications.rendering import Link, Links, Reader
from services.notifications.store import Item
from shared.events.suggestions import Opening, PathV1, SuggestionV1
from shared.web.cards import Card

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
CONSOLE = "https://warmpath.example"
PLACES = {f"{CONSOLE}/suggestions", f"{CONSOLE}/suggestions/s-1"}
"""Where e-mails lead: the list, or the one that they are about."""

LINKS = Links(Link("https://warmpath.example/unsubscribe/t0ken"), Link(CONSOLE))


def reader(name="Ada Sol", zone="UTC"):
    return Reader(name, zone, LINKS)


def everything_shown(made, known=KNOWN, name="Ada Sol"):
    mail = rendering.email_about(made, known, reader(name))
    short = rendering.email_summary([made], 1, known, reader(name))
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
    mail = rendering.email_about(item(), {}, reader(None))
    assert "1. a contact of yours" in mail.text
    assert mail.text.startswith("Hello,\n")
    assert rendering.show(item(), {"dana": Card(id="dana", name="\u202e \n")}).paths[0].name == "a contact of yours"


def test_an_introducer_is_shown_with_work_profile_and_since_when():
    card = Card(id="dana", name="Dana Okafor", title="Staff\u202e Engineer", company="Initech")
    told = {"profile_url": "https://www.linkedin.com/in/dana", "connected_on": date(2021, 2, 1)}
    [path] = rendering.show(item(), {"dana": card.model_copy(update=told)}).paths
    assert (path.title, path.company) == ("Staff Engineer", "Initech")
    assert {name: getattr(path, name) for name in told} == told
    [path] = rendering.show(item(), {"dana": card.model_copy(update={"profile_url": "javascript:alert(1)"})}).paths
    assert path.profile_url is None
    [path] = rendering.show(item(), {}).paths
    assert (path.title, path.company, path.profile_url, path.connected_on) == (None, None, None, None)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.links, self.text = set(), [], ""

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


OURS = {"html", "head", "meta", "title", "body", "p", "strong", "br", "ol", "li", "bdi", "a"}


@given(
    st.one_of(st.just(HOSTILE), st.text(st.characters(), min_size=1, max_size=80), st.text("<>\"'&/=a \n", min_size=1))
)
def test_hostile_words_stay_words(words):
    made = item(direct(reasons=(words,)), title=words or "x", company="Initech", url="javascript:alert(1)")
    known = cards(dana=words)
    for shown in everything_shown(made, known, words):
        assert "javascript:" not in shown or "javascript:" in words
        assert "\u202e" not in shown
        assert "\x00" not in shown
        shown.encode()
    for mail in (
        rendering.email_about(made, known, reader(words)),
        rendering.email_summary([made], 1, known, reader(words)),
    ):
        tags = _Tags()
        tags.feed(mail.html)
        assert tags.seen <= OURS
        place, unsubscribe = tags.links
        assert (place in PLACES, unsubscribe) == (True, LINKS.unsubscribe)
        assert mail.subject in {rendering.SUGGESTION_SUBJECT, rendering.SUMMARY_SUBJECT}


ADDRESSES = st.sampled_from(
    ["http://evil.example/x", "HTTPS://evil.example", "www.evil.example", "evil.example/login", "a@evil.example",
     "mailto:a@evil.example", "ftp://evil.example", "//evil.example", "evil\u3002example", "evil\uff0eexample",
     "10.0.0.1", "[help](http://evil.example)", "javascript:alert(1)", "\u200bevil.example"]
)  # fmt: skip
LINKED = re.compile(r"[^\s\u200b][.:/@\\\u3002\uff0e\uff61][^\s\u200b]|\.\w")
"""What mail programs begin to make links of: a sign of an address inside a word."""


@given(ADDRESSES, ADDRESSES, ADDRESSES, st.sampled_from(["", "Your account is locked, go to "]))
def test_no_address_in_the_words_of_others_is_a_link_or_becomes_one(title, name, reason, before):
    made = item(direct(reasons=(before + reason,)), title=before + title, company=name, url="https://evil.example/")
    known = cards(dana=before + name)
    for mail in (
        rendering.email_about(made, known, reader(name)),
        rendering.email_summary([made], 1, known, reader(name)),
    ):
        tags = _Tags()
        tags.feed(mail.html)
        place, unsubscribe = tags.links
        assert (place in PLACES, unsubscribe) == (True, LINKS.unsubscribe)
        assert "evil" not in mail.subject
        text = mail.text.replace(LINKS.unsubscribe, "").replace(f"Open Warmpath: {place}", "")
        for shown in (text, tags.text):
            assert title.replace("\u200b", "") in shown.replace("\u200b", ""), "the words themselves are there"
            assert LINKED.findall(shown) == []


def test_a_name_with_a_dot_reads_as_before():
    shown = rendering.email_about(item(title="Node.js Engineer", company="Booking.com"), KNOWN, reader()).text
    assert "Node.js Engineer at Booking.com" in shown.replace("\u200b", "")


def test_without_a_console_the_only_link_turns_the_e_mails_off():
    mail = rendering.email_about(item(), KNOWN, Reader("Ada Sol", "UTC", Links(LINKS.unsubscribe)))
    tags = _Tags()
    tags.feed(mail.html)
    assert tags.links == [LINKS.unsubscribe]
    assert "Open Warmpath" not in mail.text


def test_a_hostile_name_adds_no_line_to_the_text():
    plain = rendering.email_about(item(), KNOWN, reader()).text
    hostile = rendering.email_about(item(title=HOSTILE), cards(dana=HOSTILE), reader(HOSTILE)).text
    assert hostile.count("\n") == plain.count("\n")


@pytest.mark.parametrize(("zone", "day"), [("UTC", "4 May 2026"), ("Asia/Tokyo", "5 May 2026")])
def test_days_are_those_of_the_members_time_zone(zone, day):
    mail = rendering.email_about(item(), KNOWN, reader(zone=zone))
    assert f"posted on {day}" in mail.text
    assert f"posted on {day}" in mail.html


def test_a_summary_counts_and_names_three():
    made = [item(title=f"Role {n}") for n in range(5)]
    mail = rendering.email_summary(made, 12, KNOWN, reader())
    assert "there are 12 openings you now have a way into" in mail.text
    assert [f"Role {n}" in mail.text and f"Role {n}" in mail.html for n in range(5)] == [True] * 3 + [False] * 2
    assert "The others are under Suggestions." in mail.text
    for text in (mail.text, mail.html):
        assert "to choose under Settings" in text, "what the console calls it"
        assert "preferences" not in text
        assert "inbox" not in text


def test_a_summary_of_one_is_grammatical():
    mail = rendering.email_summary([item()], 1, KNOWN, reader())
    assert "there is 1 opening" in mail.text
    assert "The others" not in mail.text


def test_a_suggestion_without_its_opening_is_still_shown():
    made = item()
    bare = Item(made.suggestion.model_copy(update={"opening": None}), Status.READ, None, POSTED, POSTED)
    assert rendering.show(bare, KNOWN).title == "an opening"
    assert "an opening at a company" in rendering.email_about(bare, KNOWN, reader()).text
