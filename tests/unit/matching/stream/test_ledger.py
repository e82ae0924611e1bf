"""The ledger: only what differs from the topic is written, and what was withdrawn long ago is forgotten."""

from datetime import UTC, datetime

from services.matching.rules.suggestions import Introducer, Suggestion
from services.matching.stream.ledger import FORGOTTEN_AFTER_MS, Held, Ledger, Pending
from services.matching.stream.suggestion_record import RecordBuilder
from shared.events.suggestions import Opening
from shared.messaging.topics.catalogue import DAY_MS
from tests.unit.matching.stream.reference_record import record_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEAD = Opening(title="Developer", company="Initech", posted_at=NOW)
FOUND = Suggestion("s", "o", 1.0, HEAD, (Introducer("i", "i", 0.5, "warm", "app", ()),))
PENDING = Pending("s", "o", 3, "network")


def test_a_record_is_written_only_when_what_a_person_reads_differs():
    ledger, content = Ledger(), RecordBuilder().content("k", FOUND)
    first = ledger.draft("k", content, PENDING, NOW)
    assert first.partition == 3
    assert ledger.draft("k", content, PENDING, NOW) is not None, "nothing is held before it was published"
    ledger.published(first)
    assert ledger.draft("k", content, PENDING, NOW) is None
    better = RecordBuilder().content("k", FOUND._replace(fit=0.9))
    assert ledger.draft("k", better, PENDING, NOW) is not None
    gone = ledger.draft("k", None, PENDING, NOW)
    assert gone.value is None
    assert int(dict(gone.headers)["ce_version"]) > int(dict(first.headers)["ce_version"])
    ledger.published(gone)
    assert ledger.draft("k", None, PENDING, NOW) is None
    assert Ledger().draft("k", None, PENDING, NOW) is None


def test_an_unreadable_record_is_replaced_whatever_there_is_to_say():
    ledger = Ledger()
    ledger.record_unreadable(3, "k")
    assert ledger.ever_published("k")
    assert ledger.draft("k", RecordBuilder().content("k", FOUND), PENDING, NOW) is not None
    gone = ledger.draft("k", None, PENDING, NOW)
    assert gone is not None
    assert gone.value is None
    ledger.published(gone)
    assert ledger.draft("k", None, PENDING, NOW) is None


LATER = 1_790_000_000_000
LONG_AGO = LATER - FORGOTTEN_AFTER_MS - 1


def withdrawn(versions: dict[str, int]) -> Ledger:
    ledger = Ledger()
    for key, version in versions.items():
        ledger.record_read(3, key, version, None)
    return ledger


def test_what_was_withdrawn_long_ago_is_forgotten():
    ledger = withdrawn({"long ago": LONG_AGO, "back again": LONG_AGO, "just not": LONG_AGO + 1})
    value = record_of(FOUND, LONG_AGO + 5)
    ledger.record_read(3, "back again", LONG_AGO + 5, value)
    assert ledger.counts() == (1, 2)
    ledger.record_read(3, "now", LATER, None)
    assert set(ledger.held) == {"back again", "just not", "now"}
    assert ledger.counts() == (1, 2)
    ledger.record_read(3, "back again", LATER + 1, None)
    assert set(ledger.held) == {"back again", "now"}, "and what was withdrawn twice, by the second time"
    assert ledger.draft("long ago", None, PENDING, NOW) is None


def test_what_was_withdrawn_again_or_cannot_be_read_is_not_forgotten_with_it():
    ledger = withdrawn({"again": LONG_AGO, "spoilt": LONG_AGO})
    ledger.record_unreadable(3, "spoilt")
    for key, version in (("again", LATER - 1), ("now", LATER)):
        ledger.record_read(3, key, version, None)
    assert set(ledger.held) == {"again", "spoilt", "now"}


def test_what_was_withdrawn_long_ago_does_not_come_back_with_a_snapshot():
    ledger = Ledger()
    value = record_of(FOUND, LONG_AGO)
    kept = withdrawn({"long ago": LONG_AGO}).held | withdrawn({"yesterday": LATER - DAY_MS, "now": LATER}).held
    kept["live"] = Held(3, LONG_AGO, value.to_json())
    ledger.restore(kept)
    assert set(ledger.held) == {"yesterday", "now", "live"}
    assert ledger.counts() == (1, 2)
    ledger.record_read(3, "live", LATER + 1, None)
    assert ledger.changed_since_snapshot() == {"live": ("s", "o")}
    ledger.record_read(3, "much later", LATER + 2 * FORGOTTEN_AFTER_MS, None)
    assert set(ledger.held) == {"much later"}


def test_a_key_that_was_forgotten_since_a_start_is_not_asked_about():
    ledger = Ledger()
    ledger.restore({})
    ledger.record_read(3, "brief", LONG_AGO, None)
    ledger.record_read(3, "now", LATER, None)
    assert ledger.changed_since_snapshot() == {}
