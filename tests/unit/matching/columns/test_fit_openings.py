"""What is kept of openings and seekers besides the search: numbers, versions, records, days, lists."""

from datetime import timedelta
from typing import Any

import pytest

from services.matching.engine.columns import openings as columns
from services.matching.engine.columns.fit_rules import rules
from services.matching.rules import fit as plain
from shared.events.postings import PostingV1
from tests.unit.matching.columns.fit_worlds import TODAY, World, opening_of

OFFER: dict[str, Any] = {
    "company": {"name": "Initech"},
    "title": "Developer",
    "skills": ["skill 1", "skill 2"],
    "workplace": "remote",
    "posted_at": "2026-01-05T10:00:00Z",
    "vouched": True,
    "hiring_contact": "h",
}


def test_an_opening_is_read_back_from_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "DECODED", 2)
    world = World()
    for n in range(5):
        world.put_opening(f"o{n}", {**OFFER, "title": f"Title {n}"})
    kept = world.fit.openings
    for n in range(5):
        assert kept.opening(kept.find(f"o{n}")) == world.openings[f"o{n}"]
        assert kept.head(kept.find(f"o{n}")).title == f"Title {n}"
        assert len(kept._decoded) <= 2


def test_a_changed_opening_is_not_what_it_was() -> None:
    world = World()
    world.put_opening("o", OFFER)
    world.put_opening("o", {**OFFER, "title": "Tester"}, 2)
    assert world.fit.openings.head(0).title == "Tester"


def test_versions_outlive_tombstones_and_numbers() -> None:
    world = World()
    kept = world.fit.openings
    assert kept.version("o") is None
    world.put_opening("o", OFFER, 3)
    assert kept.version("o") == 3
    world.put_opening("o", None, 5)
    assert (kept.version("o"), kept.find("o"), kept.held(0)) == (5, 0, False)
    with pytest.raises(LookupError):
        kept.opening(0)
    kept.release(0)
    assert (kept.version("o"), kept.find("o")) == (5, -1)
    again = world.restored().fit.openings
    assert (again.version("o"), again.find("o")) == (5, -1)
    assert kept.upsert("never", None, None, 7) == -1
    assert kept.version("never") == 7


def test_a_number_is_given_again_only_after_its_release() -> None:
    world = World()
    kept = world.fit.openings
    world.put_opening("a", OFFER)
    with pytest.raises(ValueError, match="tombstone"):
        kept.release(0)
    world.put_opening("a", None, 2)
    world.put_opening("b", OFFER)
    assert kept.find("b") == 1
    kept.release(0)
    with pytest.raises(ValueError, match="tombstone"):
        kept.release(0)
    again = world.restored()
    for each in (world, again):
        each.put_opening("c", OFFER)
        assert (each.fit.openings.find("c"), each.fit.openings.id(0)) == (0, "c")
        each.put_opening("a", OFFER, 9)
        assert (each.fit.openings.find("a"), each.fit.openings.version("a")) == (2, 9)


def test_a_tombstone_comes_alive_under_its_number() -> None:
    world = World()
    world.put_opening("a", OFFER)
    world.put_opening("a", None, 2)
    world.put_opening("a", OFFER, 3)
    assert (world.fit.openings.find("a"), world.fit.openings.held(0)) == (0, True)


def test_an_opening_goes_with_its_record() -> None:
    opening, record = opening_of("o", OFFER)
    kept = World().fit.openings
    with pytest.raises(ValueError, match="record"):
        kept.upsert("o", opening, None, 1)
    with pytest.raises(ValueError, match="record"):
        kept.upsert("o", None, record, 1)


def test_lists_by_company_and_hiring_contact_hold_all_but_tombstones() -> None:
    world = World()
    world.put_opening("a", OFFER)
    world.put_opening("b", {**OFFER, "status": "closed"})
    world.put_opening("c", OFFER)
    world.put_opening("c", {**OFFER, "company": {"name": "Globex"}, "hiring_contact": "g"}, 2)
    world.put_opening("d", OFFER)
    world.put_opening("d", None, 2)
    for each in (world, world.restored()):
        kept, words = each.fit.openings, each.words
        assert sorted(kept.by_company.of(words.companies.find("initech"))) == [0, 1]
        assert sorted(kept.by_company.of(words.companies.find("globex"))) == [2]
        assert sorted(kept.by_hiring.of(words.people.find("h"))) == [0, 1]
        assert sorted(kept.by_hiring.of(words.people.find("g"))) == [2]
        assert sorted(map(words.skills.text, kept.skills(0))) == ["skill 1", "skill 2"]
        assert len(kept.skills(3)) == 0


def test_each_opening_expires_once_on_the_day_after_its_last() -> None:
    world = World()
    for key, days in (("past", -1), ("today", 0), ("tomorrow", 1), ("later", 5)):
        world.put_opening(key, {**OFFER, "valid_through": (TODAY + timedelta(days=days)).isoformat()})
    world.put_opening("closed", {**OFFER, "status": "closed", "valid_through": TODAY.isoformat()})
    world.put_opening("always", OFFER)
    assert world.restored().set_day(TODAY) == []
    assert world.set_day(TODAY) == []
    assert world.set_day(TODAY + timedelta(days=2)) == ["today", "tomorrow"]
    assert world.set_day(TODAY + timedelta(days=2)) == []
    assert world.set_day(TODAY - timedelta(days=2)) == []
    assert world.set_day(TODAY + timedelta(days=6)) == ["later"]


def test_the_first_day_finds_what_has_long_expired() -> None:
    world = World(None)
    world.put_opening("past", {**OFFER, "valid_through": "2020-01-01"})
    assert world.set_day(TODAY) == ["past"]


def test_a_row_is_given_to_the_next_seeker() -> None:
    world = World()
    seeker = {"member": True, "skills": ["skill 1"], "seeking": {}}
    world.put_person("a", seeker)
    seekers, people = world.fit.seekers, world.words.people
    assert seekers.row(people.find("a")) == 1
    world.put_person("a", {"member": True})
    assert seekers.row(people.find("a")) == 0
    again = world.restored()
    for each in (world, again):
        each.put_person("b", seeker)
        assert each.fit.seekers.row(people.find("b")) == 1
        assert len(each.fit.seekers) == 2


def test_upsert_says_whether_there_was_or_is_a_seeker() -> None:
    world = World()
    person = world.words.people.index("a")
    assert world.fit.seekers.upsert(person, None) is False
    world.put_person("a", {"member": True, "skills": ["skill 1"], "seeking": {}})
    assert world.fit.seekers.upsert(person, None) is True
    assert world.fit.seekers.upsert(person, None) is False


def test_records_are_postings() -> None:
    world = World()
    world.put_opening("o", OFFER)
    record = world.fit.openings._records[0]
    assert record is not None
    assert PostingV1.model_validate_json(record).posting_id == "o"


def test_rules_that_no_index_can_search_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rules.__wrapped__()
    monkeypatch.setattr(plain, "FITS_FROM", 0.30)
    with pytest.raises(ValueError, match="search them all"):
        rules.__wrapped__()
