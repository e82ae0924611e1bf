"""The output of subcommands."""

from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace

from rich.console import Console

from cli.paths import show_paths
from shared.messaging.inspection.records import describe
from shared.messaging.topics.catalogue import TIES

ID = "804eebc1-6721-420b-9c63-47a258382695"


def test_ids_are_not_wrapped_and_markup_is_escaped():
    path = {"introducer_id": ID, "insider_id": "[red]i", "direct": False, "score": 0.1875, "band": "strong"}
    path |= {"label": "warm", "ask": "app", "reasons": ["worked with you at [b]Initech"]}
    out = StringIO()
    show_paths(Console(file=out, width=60), [path])
    assert ID in out.getvalue()
    assert "→ [red]i" in out.getvalue().replace("\n", " ")
    assert "score 0.1875 (strong), warm, ask: app" in out.getvalue()
    assert "at [b]Initech" in out.getvalue()


def record(version: bytes):
    return SimpleNamespace(
        topic="ties.v1", partition=0, offset=3, timestamp=0, key=b"a:b", value=None, headers=[("ce_version", version)]
    )


def test_a_shown_records_version_is_a_number_as_warmpath_match_reads_it():
    now = datetime.now(UTC)
    assert describe(TIES, record(b"12"), now)["version"] == 12
    assert describe(TIES, record(b"\xff"), now)["version"] == "\ufffd"
