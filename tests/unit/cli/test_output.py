"""The output of subcommands."""

from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace

from rich.console import Console

from cli.paths import show_paths
from shared.messaging.inspection.records import describe
from shared.messaging.topics.catalogue import TIES

ID = "804eebc1-6721-420b-9c63-47a258382695"
LONG = "https://www.linkedin.com/in/dana-okafor-with-a-very-long-name-that-goes-on"


def printed(card: dict[str, object] | None) -> str:
    path = {"introducer_id": ID, "insider_id": "[red]i", "direct": False, "score": 0.1875, "band": "strong"}
    path |= {"label": "warm", "ask": "app", "reasons": ["worked with you at [b]Initech"]}
    out = StringIO()
    show_paths(Console(file=out, width=60, soft_wrap=True), [path], {ID: card} if card else {})
    return out.getvalue()


def test_paths_speak_of_names_and_links_are_not_wrapped_and_markup_is_escaped():
    card = {"name": "[b]Dana", "title": "Engineer", "company": "Initech", "connected_on": "2021-02-01"}
    shown = printed(card | {"profile_url": LONG})
    assert "1. [b]Dana, Engineer at Initech, connected since 2021-02-01 → somebody there\n" in shown
    assert f"   {LONG}\n" in shown
    assert "score 0.1875 (strong), warm, ask: app" in shown
    assert "at [b]Initech" in shown
    assert ID not in shown
    assert "[red]i" not in shown


def test_whoever_has_no_card_is_not_named():
    assert "1. somebody whose name is not shown to them → somebody there" in printed(None)


def record(version: bytes):
    return SimpleNamespace(
        topic="ties.v1", partition=0, offset=3, timestamp=0, key=b"a:b", value=None, headers=[("ce_version", version)]
    )


def test_a_shown_records_version_is_a_number_as_warmpath_match_reads_it():
    now = datetime.now(UTC)
    assert describe(TIES, record(b"12"), now)["version"] == 12
    assert describe(TIES, record(b"\xff"), now)["version"] == "\ufffd"
