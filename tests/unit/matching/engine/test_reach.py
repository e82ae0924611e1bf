"""Reach between an event and the update that follows: that of the version the engine holds."""

from services.matching.engine.engine import Engine
from tests.records import closeness, event, events_of, job, opening, person, tie
from tests.unit.matching.engine.histories import TODAY, VOCABULARY


def test_an_opening_that_was_ingested_and_not_yet_matched_is_counted_anew():
    engine = Engine(VOCABULARY, today=TODAY)
    seeker = person("m0", skills=["python"], seeking={"titles": ["Developer"], "skills": ["python"]})
    insider = person("c0", job("Globex", title="Developer"), member=False)
    engine.apply_all(events_of(seeker, insider, tie("m0", "c0", closeness(4))))
    engine.ingest(events_of(opening("o0", "Globex", skills=["python"], workplace="onsite")))
    assert engine.version("postings.v1", "o0") == 1
    assert engine.reach("o0") == 1
    engine.update()
    assert engine.reach("o0") == 1
    engine.ingest([event("ties.v1", "m0:c0", None, 2)])
    assert engine.reach("o0") == 0
