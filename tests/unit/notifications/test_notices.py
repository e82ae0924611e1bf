"""Who is told what of an introduction, and when: a table over its state, and that nothing of it depends on more."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.process import ROOT
from services.notifications.domain import quiet_until
from services.notifications.introductions_client import Message, Person
from services.notifications.kinds import KINDS, NOTICES
from services.notifications.notices import HOW_DID_IT_GO_AFTER, REMINDED_AFTER, notices
from services.notifications.rendering import safe_path
from services.notifications.telling import OLD_NEWS
from services.notifications.timers import KEEP_VERSIONS
from services.notifications.wording import sentences
from shared.events.introductions import IntroductionV1, Legs, Step

DAY_1 = datetime(2026, 5, 1, 9, tzinfo=UTC)


def introduction(*statuses, origin="ask", introducer="app", target="app", insider="ines", sent_at=None):
    """An introduction after these steps, a day each; `closed/talked` names an outcome."""
    steps = []
    for day, status in enumerate(statuses):
        name, _, outcome = status.partition("/")
        steps.append(Step(status=name, at=DAY_1 + timedelta(days=day), outcome=outcome or None))
    return IntroductionV1(
        introduction_id="i", version=len(steps), seeker_id="amara", introducer_id="mei", insider_id=insider,
        origin=origin, legs=Legs(introducer=introducer, target=target), sent_at=sent_at, history=tuple(steps),
    )  # fmt: skip


def told(*statuses, **more):
    """(kind, to whom) of all that is planned."""
    return {(notice.kind, notice.member_id) for notice in notices(introduction(*statuses, **more))}


ASKED = ("requested", "asked")
ACCEPTED = (*ASKED, "accepted")
INTRODUCED = (*ACCEPTED, "introduced")
QUESTION = ("outcome_question", "amara")


@pytest.mark.parametrize(
    ("statuses", "more", "expected"),
    [
        (("requested",), {}, set()),
        (("requested",), {"origin": "offer"}, {("offer", "amara")}),
        (ASKED, {}, {("introduction_asked", "mei"), ("reminder", "mei")}),
        (ASKED, {"introducer": "hand"}, {("reminder", "amara")}),
        (ACCEPTED, {}, {("agreed", "amara"), ("target_asked", "ines"), ("reminder", "ines")}),
        (ACCEPTED, {"target": "hand"}, {("agreed", "amara"), ("reminder", "mei")}),
        (ACCEPTED, {"target": "hand", "introducer": "hand"}, {("agreed", "amara")}),
        (
            ("requested", "accepted"),
            {"origin": "offer"},
            {("agreed", "mei"), ("target_asked", "ines"), ("reminder", "ines")},
        ),
        (INTRODUCED, {}, {("introduced", one) for one in ("amara", "mei", "ines")} | {QUESTION}),
        (INTRODUCED, {"target": "hand"}, {("introduced", "amara"), ("introduced", "mei"), QUESTION}),
        (INTRODUCED, {"insider": "mei", "target": None}, {("introduced", "amara"), ("introduced", "mei"), QUESTION}),
        ((*INTRODUCED, "closed/talked"), {}, {("outcome", "mei"), ("outcome", "ines")}),
        ((*INTRODUCED, "closed/unknown"), {}, {("outcome", "mei"), ("outcome", "ines")}),
        ((*INTRODUCED, "closed/erased"), {}, {("ended", "amara"), ("ended", "mei"), ("ended", "ines")}),
        (("requested", "closed/no_room"), {}, {("ended", "amara")}),
        ((*ASKED, "expired"), {}, {("ended", "amara"), ("ended", "mei")}),
        ((*ASKED, "declined"), {}, {("ended", "amara")}),
        ((*ASKED, "closed/withdrawn"), {}, {("ended", "mei")}),
        ((*ASKED, "closed/opening_closed"), {}, {("ended", "amara"), ("ended", "mei")}),
        ((*ACCEPTED, "declined"), {}, {("ended", "amara"), ("ended", "mei"), ("ended", "ines")}),
        ((*ACCEPTED, "declined"), {"target": "hand"}, {("ended", "amara"), ("ended", "mei")}),
        (("requested", "declined"), {"origin": "offer"}, {("ended", "mei")}),
        (("requested", "closed/no_answer"), {"origin": "offer"}, {("ended", "mei")}),
        (("requested", "closed/withdrawn"), {"origin": "offer"}, set()),
        ((), {}, set()),
    ],
)
def test_who_is_told_what(statuses, more, expected):
    assert told(*statuses, **more) == expected


def test_the_seeker_is_told_the_same_of_a_refusal_an_expiry_and_an_end_without_room():
    ends = [
        (*ASKED, "declined"),
        (*ASKED, "expired"),
        (*ASKED, "closed/no_room"),
        (*ASKED, "closed/no_longer_possible"),
    ]
    found = [[each for each in notices(introduction(*end)) if each.member_id == "amara"] for end in ends]
    assert found == [found[0]] * len(ends), "the same kind, under the same id, at the same time"


def test_reminders_and_questions_come_when_the_contract_says():
    made = introduction(*ASKED)
    at = made.history[-1].at
    assert {each.kind: each.due_at - at for each in notices(made)} == {
        "introduction_asked": timedelta(0), "reminder": REMINDED_AFTER,
    }  # fmt: skip
    asked = [each for each in notices(introduction(*INTRODUCED)) if each.kind == "outcome_question"]
    assert [each.due_at - DAY_1 - timedelta(days=3) for each in asked] == [*HOW_DID_IT_GO_AFTER]
    assert len({each.item_id for each in asked}) == 2


def test_by_hand_the_writer_is_reminded_of_writing_and_anew_once_it_was_sent():
    [before] = notices(introduction(*ASKED, introducer="hand"))
    sent_at = DAY_1 + timedelta(days=3)
    [after] = notices(introduction(*ASKED, introducer="hand", sent_at=sent_at))
    assert (before.due_at, after.due_at) == (DAY_1 + timedelta(days=1) + REMINDED_AFTER, sent_at + REMINDED_AFTER)
    assert before.item_id != after.item_id


STATUSES = st.lists(
    st.sampled_from(
        ["requested", "asked", "accepted", "introduced", "declined", "expired", "closed/talked", "closed/erased"]
    ),
    max_size=6,
)
LEGS = st.sampled_from(["app", "hand"])


@given(STATUSES, st.sampled_from(["ask", "offer"]), LEGS, LEGS, st.sampled_from(["ines", "mei", None]))
def test_nobody_is_told_the_same_twice_and_nobody_by_hand_anything(statuses, origin, introducer, target, insider):
    found = notices(introduction(*statuses, origin=origin, introducer=introducer, target=target, insider=insider))
    assert len({each.item_id for each in found}) == len(found)
    for each in found:
        assert each.kind in KINDS
        assert introducer == "app" or each.member_id != "mei"
        assert target == "app" or each.member_id != "ines"
    again = notices(introduction(*statuses, origin=origin, introducer=introducer, target=target, insider=insider))
    assert found == again


@pytest.mark.parametrize("kind", [kind.name for kind in NOTICES])
@given(words=st.text(max_size=400), role=st.sampled_from(["seeker", "introducer", "target"]))
def test_sentences_are_lines_whatever_people_wrote(kind, words, role):
    person = Person(id="p", name=words)
    message = Message(
        role=role, title=words, company=words, introducer=person, seeker=person, target=person, why=[words],
        sentence=words or None, outcome="hired", people=[person],
    )  # fmt: skip
    for each in (message, Message(role=role)):
        for line in sentences(kind, each):
            assert line == line.strip()
            assert len(line.splitlines()) == 1


@pytest.mark.parametrize(("direct", "says"), [
    (True, "Mei Tan works at Initech and offers to talk to you."),
    (False, "Mei Tan knows somebody at Initech and offers to introduce you."),
    (None, "Mei Tan knows somebody at Initech and offers to introduce you."),
])  # fmt: skip
def test_an_offer_says_whether_the_helper_works_there(direct, says):
    mei = Person(id="mei", name="Mei Tan")
    message = Message(role="seeker", introducer=mei, title="Engineer", company="Initech", direct=direct)
    assert sentences("offer", message)[0] == says


def test_no_sentence_names_the_target_before_the_seeker_may_know_them():
    """What introductions leaves out is nowhere else to be had."""
    message = Message(role="seeker", introducer=Person(id="mei", name="Mei Tan"), title="Engineer", company="Initech")
    for kind in ("agreed", "ended", "reminder"):
        assert "Ines" not in " ".join(sentences(kind, message))


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "until"),
    [
        (None, "UTC", "2026-05-01T23:00Z", None),
        (("22:00", "07:00"), "UTC", "2026-05-01T21:59Z", None),
        (("22:00", "07:00"), "UTC", "2026-05-01T22:00Z", "2026-05-02T07:00Z"),
        (("22:00", "07:00"), "UTC", "2026-05-02T06:59Z", "2026-05-02T07:00Z"),
        (("22:00", "07:00"), "UTC", "2026-05-02T07:00Z", None),
        (("22:00", "07:00"), "Asia/Tokyo", "2026-05-01T13:00Z", "2026-05-01T22:00Z"),
        (("12:00", "14:00"), "UTC", "2026-05-01T13:00Z", "2026-05-01T14:00Z"),
        (("22:00", "07:00"), "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T05:00Z"),  # an hour is left out
        (("22:00", "07:00"), "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T06:00Z"),  # an hour comes twice
    ],
)
def test_quiet_hours_are_those_of_the_members_clock(quiet, zone, now, until):
    hours = quiet and tuple(map(time.fromisoformat, quiet))
    ends = quiet_until(hours, zone, datetime.fromisoformat(now))
    assert ends == (until and datetime.fromisoformat(until))


TIMES = st.times().map(lambda at: at.replace(microsecond=0, fold=0))


@given(st.tuples(TIMES, TIMES), st.integers(0, 366 * 24 * 60).map(lambda minutes: DAY_1 + timedelta(minutes=minutes)))
def test_quiet_hours_end_later_and_within_a_day(quiet, now):
    ends = quiet_until(quiet, "America/New_York", now)
    if ends is not None:
        assert timedelta(0) < ends - now <= timedelta(hours=25)
        assert ends.astimezone(ZoneInfo("America/New_York")).time() == quiet[1] or ends.utcoffset() != now.utcoffset()


@pytest.mark.parametrize(
    ("link", "path"),
    [("https://warmpath.example/answer/abc-_.~1", "/answer/abc-_.~1"), ("/answer/x", "/answer/x"), ("/a?x=1", "/a"),
     ("//evil.example", None), ("https://evil.example", None), ("/a b", None), ("", None), (None, None), ("x", None),
     ("https://evil.example//evil.example", None)],
)  # fmt: skip
def test_a_link_leads_nowhere_but_to_the_console(link, path):
    assert safe_path(link) == path


def test_pages_listen_for_every_kind():
    script = Path(ROOT, "services/console/static/console.js").read_text()
    [names] = re.findall(r"const NOTICES = \[(.*?)\]", script, re.DOTALL)
    assert re.findall(r'"(\w+)"', names) == [kind.name for kind in NOTICES]


def test_what_was_told_is_remembered_until_it_is_too_old_to_be_told():
    """A row that says so is deleted after KEEP_VERSIONS: news that could still be told would be told a second time."""
    assert OLD_NEWS <= KEEP_VERSIONS
