"""What an opening may say, and that whatever is accepted gives a record of postings.v1 that reads back equal."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.postings import domain
from services.postings.domain import (
    By,
    Draft,
    Organisation,
    Posting,
    RefusedError,
    TooBigError,
    compose,
    patched,
    step_of,
)
from shared.events.base import MAX_BODY_BYTES
from shared.events.postings import PostingV1
from tests.tiers import examples

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
LEAST = {"company": {"name": "Initech"}, "title": "Engineer", "workplace": "remote"}


OURS = Organisation("o", vouched=True)


def made(
    body: dict[str, Any], now: datetime = NOW, before: Posting | None = None, version: int = 7, by: By = "hand"
) -> Posting:
    draft = Draft.model_validate(LEAST | body)
    return compose(draft, OURS, posting_id="p", version=version, now=now, by=by, before=before)


def refused_at(body: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Draft.model_validate(LEAST | body)
    return ".".join(str(part) for part in caught.value.errors()[0]["loc"])


def test_the_least_an_opening_needs():
    record = made({}).record
    assert record.status == "open"
    assert record.posted_at == NOW
    assert record.valid_through is None


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "\u200b\u2028"}),
        ("title", {"title": "Engineer\x07s"}),
        ("title", {"title": "Engineer\x85s"}),
        ("title", {"title": "half \ud83d"}),
        ("title", {"title": "x" * 301}),
        ("title", {"title": None}),
        ("company.name", {"company": {"name": ""}}),
        ("company.domain", {"company": {"name": "A", "domain": "localhost"}}),
        ("company.domain", {"company": {"name": "A", "domain": "jobs@acme.example"}}),
        ("company.domain", {"company": {"name": "A", "domain": "10.0.0.1"}}),
        ("company.domain", {"company": {"name": "A", "domain": "acme.example evil"}}),
        ("skills.1", {"skills": ["SQL", ""]}),
        ("skills", {"skills": [f"s{number}" for number in range(101)]}),
        ("locations", {"locations": "Berlin"}),
        ("workplace", {"workplace": "moon"}),
        ("seniority", {"seniority": "wizard"}),
        ("salary.currency", {"salary": {"min": 1, "currency": "EURO"}}),
        ("salary.currency", {"salary": {"min": 1}}),
        ("salary.min", {"salary": {"min": -1, "currency": "EUR"}}),
        ("salary.min", {"salary": {"min": float("inf"), "currency": "EUR"}}),
        ("salary.min", {"salary": {"min": 10**400, "currency": "EUR"}}),
        ("salary.max", {"salary": {"min": 2, "max": 1, "currency": "EUR"}}),
        ("salary.period", {"salary": {"min": 2, "currency": "EUR", "period": "shift"}}),
        ("description", {"description": "x" * 50_001}),
        ("description", {"description": "\x00"}),
        ("url", {"url": "javascript:alert(1)"}),
        ("url", {"url": "ftp://acme.example/1"}),
        ("url", {"url": "https://acme.example@evil.example/"}),
        ("url", {"url": "https://acme.example/" + "x" * 2_000}),
        ("posted_at", {"posted_at": "yesterday"}),
        ("posted_at", {"posted_at": "9999-12-31T23:59:59-10:00"}),
        ("valid_through", {"valid_through": "2026-02-30"}),
        ("referral_bonus", {"referral_bonus": ""}),
        ("hiring_contact", {"hiring_contact": " "}),
        ("external_id", {"external_id": "x" * 201}),
        ("status", {"status": "paused"}),
        ("referal_bonus", {"referal_bonus": "500"}),
    ],
)
def test_a_bad_field_is_refused_by_name(field: str, body: dict[str, Any]):
    assert refused_at(body) == field


@pytest.mark.parametrize(
    ("given_domain", "kept"),
    [
        ("acme.example", "acme.example"),
        ("https://www.Acme.Example:8443/jobs?x=1", "acme.example"),
        ("WWW.acme.example.", "acme.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("例え.example", "xn--r8jz45g.example"),
    ],
)
def test_the_companys_domain_is_brought_to_one_form(given_domain: str, kept: str):
    assert made({"company": {"name": "A", "domain": given_domain}}).record.company.domain == kept


def test_names_in_any_script_and_prose_with_lines_are_fine():
    record = made({"title": "数据工程师, Δοκιμή 👩‍💻", "description": "One\n\tTwo\r\nThree"}).record
    assert record.title == "数据工程师, Δοκιμή 👩‍💻"
    assert record.description == "One\n\tTwo\r\nThree"


def test_duplicates_collapse_to_the_first_in_order():
    record = made({"skills": ["SQL", " Python", "sql", "Python", "Go"], "locations": ["Berlin", "BERLIN"]}).record
    assert record.skills == ("SQL", "Python", "Go")
    assert record.locations == ("Berlin",)


def test_a_currency_may_be_written_small():
    salary = made({"salary": {"min": 1, "currency": "eur"}}).record.salary
    assert salary is not None
    assert salary.currency == "EUR"


def test_zones_are_respected():
    record = made({"posted_at": "2026-03-10T10:00:00-05:00", "valid_through": "2026-03-31T20:00:00-08:00"}).record
    assert record.posted_at == datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
    assert record.valid_through == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("posted_at", {"posted_at": (NOW + domain.CLOCK_SKEW + timedelta(seconds=1)).isoformat()}),
        ("posted_at", {"posted_at": "1969-12-31T23:59:59Z"}),
        ("valid_through", {"valid_through": "2026-03-09"}),
    ],
)
def test_a_time_that_does_not_go_with_now_is_refused(field: str, body: dict[str, Any]):
    with pytest.raises(RefusedError) as caught:
        made(body)
    assert caught.value.field == field


def test_today_is_the_last_day_allowed_and_a_small_skew_is_forgiven():
    posted = NOW + domain.CLOCK_SKEW
    record = made({"valid_through": "2026-03-10", "posted_at": posted.isoformat()}).record
    assert record.valid_through == NOW.date()
    assert record.posted_at == posted


def test_a_closed_opening_may_have_had_its_last_day():
    assert made({"status": "closed", "valid_through": "2026-03-01"}).record.status == "closed"


def test_what_an_answer_adds_may_be_sent_back():
    ours = {"posting_id": "theirs", "version": 1, "created_at": "x", "updated_at": "y"}
    assert made(ours).record.posting_id == "p"


def test_too_big_for_the_topic_is_refused_even_where_each_field_is_allowed():
    body = {"description": "𝄞" * 50_000, "skills": [f"{n}" + "𝄞" * 250 for n in range(100)]}
    with pytest.raises(TooBigError, match=r"bytes as a record"):
        made(body)


def test_a_replacement_keeps_id_age_and_place_in_time():
    first = made({"external_id": "REQ-1"})
    later = NOW + timedelta(days=2)
    second = made({"title": "Senior engineer"}, now=later, before=first)
    assert second.external_id == "REQ-1"
    assert second.record.posted_at == NOW
    assert (second.created_at, second.updated_at) == (NOW, later)
    assert not second.has_same_content(first)


def test_the_same_content_says_the_same_whatever_the_version():
    first = made({})
    again = made({}, before=first, version=8)
    assert again.record.version != first.record.version
    assert again.has_same_content(first)


def test_another_external_id_is_another_content():
    assert not made({"external_id": "b"}).has_same_content(made({"external_id": "a"}))


def test_closing_and_forgetting_change_nothing_else():
    posting = made({"hiring_contact": "person-1", "salary": {"min": 1, "currency": "EUR"}})
    changed = posting.closed("hand", 8, NOW).without_contact(9, NOW).record
    assert changed == posting.record.model_copy(update={"status": "closed", "version": 9, "hiring_contact": None})


def test_a_count_is_rounded_down_to_a_step():
    steps = [0, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
    for count in range(11_000):
        assert step_of(count) == max(step for step in steps if step <= count)
    assert [step_of(count) for count in (999_999, 1_000_000, 2_500_001)] == [500_000, 1_000_000, 2_500_000]


def test_the_day_is_utc():
    assert domain.today(datetime.fromisoformat("2026-03-10T23:30:00-05:00")) == date(2026, 3, 11)
    assert domain.seconds_until_midnight(datetime.fromisoformat("2026-03-10T23:30:00-05:00")) == 19.5 * 3600


words = st.sampled_from(["Initech", "C++ & Co", "数据"]) | st.text(min_size=1, max_size=20)
days = st.dates(min_value=date(2026, 1, 1))
moments = st.datetimes(max_value=datetime(2027, 1, 1), timezones=st.sampled_from([UTC]) | st.none())  # noqa: DTZ001 - the strategy adds zones
bodies = st.fixed_dictionaries(
    {
        "company": st.fixed_dictionaries(
            {"name": words},
            optional={"domain": st.sampled_from(["acme.example", "https://www.ä.example/x"]) | st.none()},
        ),
        "title": words,
        "workplace": st.sampled_from(["onsite", "hybrid", "remote"]),
    },
    optional={
        "status": st.sampled_from(["open", "closed"]),
        "external_id": words,
        "skills": st.lists(words, max_size=6),
        "locations": st.lists(words, max_size=6),
        "seniority": st.sampled_from(["intern", "lead", None]),
        "employment_type": words,
        "salary": st.fixed_dictionaries(
            {"currency": st.sampled_from(["EUR", "usd", "JPY"])},
            optional={
                "min": st.floats(0, 100) | st.integers() | st.none(),
                "max": st.floats(min_value=90) | st.integers() | st.none(),
                "period": st.sampled_from(["hour", "year"]),
            },
        )
        | st.none(),
        "description": st.text(max_size=200),
        "url": st.sampled_from(["https://acme.example/ä b", "http://x.example:1/?q=%00"]),
        "posted_at": moments.map(str) | st.integers(),
        "valid_through": days.map(str) | st.datetimes(timezones=st.timezones()).map(str) | st.none(),
        "referral_bonus": words,
        "hiring_contact": words,
    },
)


@examples(150, HealthCheck.filter_too_much)
@given(bodies)
def test_whatever_is_accepted_round_trips(body: dict[str, Any]):
    try:
        draft = Draft.model_validate(body)
        posting = compose(draft, OURS, posting_id="p", version=7, now=NOW, by="hand")
    except (ValidationError, RefusedError, TooBigError):
        assume(False)
        return
    sent = posting.record.to_json()
    assert len(sent) < MAX_BODY_BYTES
    assert PostingV1.model_validate_json(sent) == posting.record
    stored = posting.record.model_dump(mode="json", exclude_none=True)
    assert PostingV1.model_validate(stored) == posting.record
    assert "\x00" not in str(stored)
    assert not any("\ud800" <= character <= "\udfff" for character in str(stored))


@pytest.mark.parametrize(("closed_by", "status"), [("hand", "closed"), ("feed", "open"), ("expiry", "open")])
def test_a_row_that_does_not_speak_of_its_status_opens_what_no_hand_closed(closed_by, status):
    closed = made({}).closed(closed_by, 8, NOW)
    again = made({"title": "Architect"}, before=closed, by="feed")
    assert again.record.status == status
    assert again.closed_by == ("hand" if status == "closed" else None)
    assert made({"status": "open"}, before=closed, by="feed").record.status == "open"


def test_who_closed_an_opening_is_noted_once():
    closed = made({"status": "closed"}, before=made({}), by="feed")
    assert closed.closed_by == "feed"
    assert made({"status": "closed", "title": "Architect"}, before=closed, by="hand").closed_by == "feed"
    assert made({"status": "open"}, before=closed).closed_by is None


def test_a_patch_changes_what_it_names_and_null_removes():
    before = made({"external_id": "REQ-1", "salary": {"min": 1, "max": 5, "currency": "EUR"}, "skills": ["SQL"]})
    changes = {"salary": {"max": 6, "min": None}, "skills": None, "title": "Architect", "version": 3}
    after = made(patched(before, changes).model_dump(exclude_unset=True), before=before)
    assert after.record.salary.model_dump() == {"min": None, "max": 6, "currency": "EUR", "period": "year"}
    assert (after.record.title, after.record.skills, after.external_id) == ("Architect", (), "REQ-1")
    assert (after.record.version, after.record.posted_at) == (7, before.record.posted_at)
    with pytest.raises(ValidationError):
        patched(before, {"company": None})
    with pytest.raises(ValidationError):
        patched(before, {"titel": "Architect"})


@pytest.mark.parametrize("code", ["ABC", "HRK", "XAU", "XXX"])
def test_a_currency_must_be_one(code):
    assert refused_at({"salary": {"currency": code}}) == "salary.currency"


def test_pay_has_a_ceiling():
    assert refused_at({"salary": {"currency": "EUR", "max": 1e300}}) == "salary.max"
