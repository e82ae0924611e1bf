"""The contracts: what they read, what they refuse, and that a change cannot break who is out there."""

import copy
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.events.compatibility import incompatibilities
from shared.events.envelope import seal, unseal
from shared.events.people import Employment, PersonV1
from shared.events.postings import PostingV1
from shared.events.suggestions import suggestion_id
from shared.events.ties import TieV1
from shared.messaging.topics.catalogue import PEOPLE, POSTINGS, STATE_TOPICS, SUGGESTIONS, TIES
from shared.messaging.topics.documents import FOLDER, files, json_schema

POSTING = {
    "posting_id": "p",
    "version": 1,
    "status": "open",
    "company": {"name": "Lumenforge"},
    "title": "Engineer",
    "workplace": "remote",
    "posted_at": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize("topic", STATE_TOPICS, ids=lambda t: t.name)
def test_a_contract_changes_only_in_ways_that_old_and_new_sides_both_survive(topic):
    committed = json.loads((FOLDER / "schemas" / f"{topic.name}.json").read_text())
    assert incompatibilities(committed, json_schema(topic)) == []


def test_committed_documents_are_those_of_the_catalogue():
    stale = [str(path) for path, text in files().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run `make docs` and commit what it writes"


def _drop_field(s):
    del s["properties"]["title"]


def _require(s):
    s["required"].append("skills")


def _new_required(s):
    s["properties"]["team"] = {"type": "string"}
    s["required"].append("team")


def _relax(s):
    s["required"].remove("title")


def _retype(s):
    s["properties"]["version"]["type"] = "string"


def _narrow_enum(s):
    s["$defs"]["Workplace"]["enum"].remove("hybrid")


def _widen_enum(s):
    s["$defs"]["Workplace"]["enum"].append("moon")


def _tighten(s):
    s["properties"]["title"]["maxLength"] = 10


def _drop_arm(s):
    s["properties"]["seniority"]["anyOf"].pop()


def _change_nested(s):
    s["$defs"]["Company"]["required"].append("domain")


@pytest.mark.parametrize(
    "change",
    [_drop_field, _require, _new_required, _relax, _retype, _narrow_enum, _widen_enum, _tighten, _drop_arm,
     _change_nested],
)  # fmt: skip
def test_an_incompatible_change_is_named(change):
    old = json_schema(POSTINGS)
    new = copy.deepcopy(old)
    change(new)
    assert len(incompatibilities(old, new)) >= 1


def test_a_new_optional_field_and_a_new_description_are_compatible():
    old = json_schema(POSTINGS)
    new = copy.deepcopy(old)
    new["properties"]["team"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    new["properties"]["title"]["description"] = "as advertised"
    assert incompatibilities(old, new) == []


def test_readers_ignore_fields_they_do_not_know():
    assert PostingV1.model_validate(POSTING | {"team": "blue"}).title == "Engineer"


@pytest.mark.parametrize("text", ["2020-03", "2020-03-01", "2020-03-01T23:59:00Z"])
def test_a_month_is_its_first_day(text):
    assert Employment(company="X", start=text).start == date(2020, 3, 1)


def test_a_moment_is_read_in_its_own_zone_and_kept_in_utc():
    assert PostingV1.model_validate(POSTING | {"posted_at": "2026-01-01T01:30:00+02:00"}).posted_at == datetime(
        2025, 12, 31, 23, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("workplace", "moon"), ("seniority", "wizard"), ("title", " "), ("company", {"name": ""}), ("version", -1),
     ("salary", {"min": 2, "max": 1, "currency": "EUR", "period": "year"}), ("posting_id", "a\nb")],
)  # fmt: skip
def test_what_lies_outside_the_lists_is_refused_where_it_enters(field, value):
    with pytest.raises(ValidationError):
        PostingV1.model_validate(POSTING | {field: value})


def test_evidence_of_every_kind_survives_a_round_trip():
    evidence = [
        {"kind": "connected", "source": "linkedin", "on": "2020-01-02", "of": 500},
        {"kind": "address", "source": "phone"},
        {"kind": "worked_together", "company": "X", "months": 26, "ended": "2021-05", "stated": True},
        {"kind": "messages", "sent": 3, "received": 4, "last": "2026-01-01"},
        {"kind": "introduced", "times": 1},
        {"kind": "closeness", "value": 5},
        {"kind": "blocked"},
    ]
    tie = TieV1.model_validate({"person_id": "a", "contact_id": "b", "version": 1, "evidence": evidence})
    assert TieV1.model_validate_json(tie.to_json()) == tie
    assert [e.kind for e in tie.evidence] == [e["kind"] for e in evidence]


def test_thin_events_have_no_field_for_a_name_or_an_address():
    for topic in (PEOPLE, TIES, SUGGESTIONS):
        fields = json.dumps(list(json_schema(topic)["properties"]))
        assert "name" not in fields
        assert "mail" not in fields


def test_seeking_is_discreet_unless_said_otherwise():
    person = PersonV1.model_validate({"person_id": "a", "version": 1, "member": True, "seeking": {}})
    assert person.seeking.discreet is True


def test_a_suggestion_id_is_the_same_for_the_same_pair_and_another_for_another():
    assert suggestion_id("s", "p") == suggestion_id("s", "p") != suggestion_id("p", "s")


@given(st.text(min_size=1).filter(lambda t: t.isprintable()), st.integers(0, 2**62))
def test_an_envelope_reads_back_as_it_was_sealed(key, version):
    envelope = unseal(seal("people.v1", key, version, "profiles", traceparent="00-a-b-01"))
    assert (envelope.subject, envelope.version, envelope.traceparent) == (key, version, "00-a-b-01")


@pytest.mark.parametrize(
    ("header", "said"), [(("ce_id", b"\xff"), "ce_id is not UTF-8"), (("ce_version", b"x"), "ce_version is malformed")]
)
def test_a_broken_header_is_named(header, said):
    headers = [*(h for h in seal("people.v1", "a", 1, "profiles") if h[0] != header[0]), header]
    with pytest.raises(ValueError, match=said):
        unseal(headers)


def test_a_missing_header_is_named():
    with pytest.raises(ValueError, match="ce_version is missing"):
        unseal([h for h in seal("people.v1", "a", 1, "profiles") if h[0] != "ce_version"])


def test_null_is_as_good_as_left_out():
    assert PostingV1(**POSTING, skills=None, salary=None) == PostingV1(**POSTING)  # type: ignore[arg-type]  # on purpose
    seeking = PersonV1.model_validate({"person_id": "p", "version": 1, "member": True, "seeking": {"discreet": None}})
    assert seeking.seeking is not None
    assert seeking.seeking.discreet
    with pytest.raises(ValidationError, match="Field required"):
        PostingV1.model_validate(POSTING | {"title": None})


def test_a_moment_may_be_a_month():
    assert PostingV1(**POSTING | {"posted_at": "2026-02"}).posted_at == datetime(2026, 2, 1, tzinfo=UTC)
