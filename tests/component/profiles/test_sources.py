"""What each source says of a contact, in the tables: kept apart, and kept from before there was more than one."""

import shutil
from datetime import date

from services.profiles import store
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool

MEMBER = """
INSERT INTO members (member_id, name, email, email_verified, profile_verified, time_zone, employments, skills,
    introduces, listed, imported)
VALUES ('m', 'Dana', 'dana@example.org', true, false, 'UTC', '[]', '[]', false, 700, 'x')
"""
CONTACT = """
INSERT INTO contacts (contact_id, owner_id, name, name_key, folded, email, profile_url, company, position, connected_on,
    source, listed, seen, closeness, blocked, tie_version)
VALUES ('c', 'm', 'Ana', 'ana', 'ana', 'ana@example.org', 'https://www.linkedin.com/in/ana', 'Initech', 'Engineer',
    '2024-01-01', 'linkedin', true, '2026-03-10', 4, false, 7)
"""


async def test_contacts_from_before_there_were_sources_keep_all_they_have(database, tmp_path):
    older = tmp_path / "profiles" / "migrations"
    older.mkdir(parents=True)
    for file in sorted(store.MIGRATIONS.glob("000[1234]_*.sql")):
        shutil.copy(file, older)
    pool = await open_pool(database.dsn("profiles"), schema="profiles")
    try:
        await migrate(pool, older)
        await pool.execute(MEMBER)
        await pool.execute(CONTACT)
        await migrate(pool, store.MIGRATIONS)
        async with pool.acquire() as conn, conn.transaction():
            (contact,) = await store.contacts(conn, "lock_contacts", "m")
            owner = await store.find_member(conn, "m")
    finally:
        await pool.close()
    assert owner is not None
    assert owner.listed == {"linkedin": 700}
    assert contact == contact.with_sources(contact.sources), "what is shown is what the source told"
    assert (contact.closeness, contact.tie.version, contact.email) == (4, 7, "ana@example.org")
    (facts,) = contact.sources
    assert (facts.source, facts.listed, facts.seen, facts.connected) == ("linkedin", True, date(2026, 1, 1), True)
    assert (facts.company, facts.connected_on, facts.address) == ("Initech", date(2024, 1, 1), False)
