"""Reach between an event and the update that follows: that of the version the engine holds."""

from services.matching.engine.engine import Engine
from tests.unit.matching.engine.histories import TODAY, VOCABULARY, event


def test_an_opening_that_was_ingested_and_not_yet_matched_is_counted_anew():
    engine = Engine(VOCABULARY, today=TODAY)
    seeking = {"titles": ["Developer"], "skills": ["python"]}
    seeker = {"person_id": "m0", "member": True, "skills": ["python"], "seeking": seeking}
    contact = {"person_id": "c0", "member": False, "employments": [{"company": "Globex", "title": "Developer"}]}
    tie = {"person_id": "m0", "contact_id": "c0", "evidence": [{"kind": "closeness", "value": 4}]}
    engine.apply_all(
        [event("people.v1", "m0", seeker, 1), event("people.v1", "c0", contact, 1), event("ties.v1", "m0:c0", tie, 1)]
    )
    opening = {
        "posting_id": "o0", "company": {"name": "Globex"}, "title": "Developer", "skills": ["python"],
        "workplace": "onsite", "posted_at": "2026-01-05T10:00:00Z", "vouched": True,
    }  # fmt: skip
    engine.ingest([event("postings.v1", "o0", opening, 1)])
    assert engine.version("postings.v1", "o0") == 1
    assert engine.reach("o0") == 1
    engine.update()
    assert engine.reach("o0") == 1
    engine.ingest([event("ties.v1", "m0:c0", None, 2)])
    assert engine.reach("o0") == 0
