"""A million unread items of one member: every page costs what a page costs, wherever it begins, and so does a message."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.notifications.store import SQL
from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.web.pagination import encode_cursor

UNREAD, READ, LATE = 1_000_000, 100_000, 10
"""How many items Ada never read; how many Bob read, and how many older and worse ones he did not."""

PAGE = 200
BLOCKS = 3_000
"""So many of 8 KiB may a query touch: a page's rows and the way to them, not a hundredth of the table."""

FILL = """
INSERT INTO notifications.items (suggestion_id, member_id, posting_id, version, live, status, content, rank, posted_at,
    suggested_at, created_at)
SELECT $1 || n, $1, 'p' || n, 1, true, CASE WHEN n <= $3 THEN 'unread' ELSE 'read' END,
    jsonb_build_object('suggestion_id', $1 || n, 'seeker_id', $1, 'posting_id', 'p' || n, 'version', 1, 'fit', 50,
        'paths', '[{"introducer_id": "d", "insider_id": "d", "score": 0.5, "label": "warm", "ask": "app"}]'::jsonb),
    n / 1000, now() - interval '1 year' + n * interval '1 second', now(), now() - interval '1 year' + n * interval '1 s'
FROM generate_series(1, $2::int) AS n
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(postgres, _catalogue) -> AsyncIterator[asyncpg.Pool]:
    from shared.testing.database import create, drop  # noqa: PLC0415

    database = await create(postgres)
    env = environment(_catalogue.bootstrap, database.dsn("notifications"), WARMPATH_PROFILES_URL="http://127.0.0.1:9")
    async with service("notifications", env) as process:
        import time
        async with asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2) as pool:
            t=time.time()
            await pool.execute(FILL, "ada", UNREAD, UNREAD)
            print("fill", time.time()-t)
            t=time.time()
            await pool.execute(FILL, "bob", READ, LATE)
            await pool.execute("VACUUM ANALYZE notifications.items")
            print("vac", time.time()-t)
            async with httpx.AsyncClient(base_url=process.url, headers={"Authorization": f"Bearer {OPERATOR_TOKEN}"}) as http:
                global HTTP; HTTP = http
                yield pool
    await drop(database)

async def test_it(admin):
    import time
    print(await admin.fetchval("select pg_relation_size('notifications.items')/8192"))
    for name in ("list_best", "list_newest", "list_best_unread", "list_newest_unread"):
        for member in ("ada", "bob"):
            for after in (None, member+"500", member+"50000", member+"5"):
              for mode in ("force_custom_plan","force_generic_plan"):
                async with admin.acquire() as c, c.transaction():
                    await c.execute("SET LOCAL search_path TO notifications; SET LOCAL plan_cache_mode="+mode)
                    r = await c.fetchval("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+SQL[name].rstrip().rstrip(";"), member, after, 201)
                    p = json.loads(r)[0]
                    n = p["Plan"]["Shared Hit Blocks"]+p["Plan"]["Shared Read Blocks"]
                    print(name, member, after, mode[6:9], n, p["Execution Time"], p["Plan"]["Actual Rows"])
    for params in ({}, {"sort":"newest"}, {"unread":"true"},{"limit":200}):
        t=time.time(); r=await HTTP.get("/v1/inbox", params={"member":"ada",**params}); print(params, r.status_code, len(r.json()["items"]), time.time()-t)
    async with admin.acquire() as c:
        await c.execute("SET search_path TO notifications")
        for label, sql, args in [("wait","UPDATE items SET waiting = true WHERE member_id='ada'",()),("count","SELECT count(*) FROM items WHERE member_id='ada' AND waiting",()),("tell",SQL["tell_waiting"],("ada",7)),("message",SQL["message_items"],("ada",7,True,3)),("stats",SQL["stats"],()),("erase",SQL["erase_items"],("ada",))]:
            t=time.time(); await c.fetch(sql,*args); print(label, time.time()-t)
    raise SystemExit
