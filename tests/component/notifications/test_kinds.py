"""Kinds of items: what was stored before there were several stays what it was, and every kind is known everywhere."""

import shutil
from datetime import UTC, datetime

from services.notifications import preferences, rendering, store
from services.notifications.kinds import KINDS, SENTENCES, SUMMARY, kind_of
from services.notifications.listing import Filter, list_items
from services.notifications.preferences import Preferences
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool

from .conftest import suggestion

ITEM = """
INSERT INTO items (suggestion_id, member_id, posting_id, version, live, status, content, rank, posted_at)
VALUES ($1, 'ada', 'p1', 7, $2, 'read', $3, 16, '2026-05-04')
"""
PREFERENCES = (
    "INSERT INTO preferences VALUES ('ada', true, false, true, 'Asia/Tokyo'), ('bob', true, true, false, 'UTC')"
)


async def test_what_was_stored_before_there_were_kinds_is_kept(database, tmp_path):
    older = tmp_path / "notifications" / "migrations"
    older.mkdir(parents=True)
    for file in store.MIGRATIONS.glob("000[1-6]_*.sql"):
        shutil.copy(file, older)
    pool = await open_pool(database.dsn("notifications"), schema="notifications")
    made = suggestion("ada", posted_at=datetime(2026, 5, 4, tzinfo=UTC))
    try:
        await migrate(pool, older)
        await pool.execute(ITEM, made.suggestion_id, True, made.model_dump(mode="json"))
        await pool.execute(ITEM, "withdrawn", False, None)
        await pool.execute(PREFERENCES)
        await migrate(pool, store.MIGRATIONS)
        await pool.execute(ITEM, "by the version before", True, made.model_dump(mode="json"))
        items = await list_items(pool, "ada", "best", Filter(), after=None, limit=9)
        chosen = [await preferences.find(pool, member) for member in ("ada", "bob", "eve")]
    finally:
        await pool.close()
    assert [(item.content, item.kind.name) for item in items] == [(made, "suggestion")] * 2
    assert chosen == [
        Preferences(True, frozenset({"suggestion"}), "Asia/Tokyo"),
        Preferences(True, frozenset({SUMMARY}), "UTC"),
        Preferences(),
    ]


def test_every_kind_is_a_kind_of_message_with_a_sentence_and_templates():
    assert SENTENCES.keys() == {*KINDS, SUMMARY}
    assert len(set(SENTENCES.values())) == len(SENTENCES), "a subject line says which kind it is"
    for template in {SUMMARY, *(kind.template for kind in KINDS.values())}:
        for form in ("txt", "html"):
            assert rendering._TEMPLATES.get_template(f"{template}.{form}.jinja")
    made = suggestion("ada")
    assert kind_of(made) is KINDS["suggestion"]
    assert all(name == kind.name for name, kind in KINDS.items())
