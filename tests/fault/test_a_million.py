"""A million unread items of one member: a page costs the same wherever it begins, and so does what changes one item."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from services.notifications import domain
from services.notifications.store import SQL
from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.web.pagination import encode_cursor

pytestmark = pytest.mark.long

MILLION, PAGE = 1_000_000, 200
BLOCKS = 1_000
"""So many of 8 KiB a statement may touch: a page's rows, each at a place of its own, and the way to them. A fiftieth of
the table."""

FILL = """
INSERT INTO notifications.items (suggestion_id, member_id, posting_id, version, live, content, rank, posted_at,
    suggested_at, created_at)
SELECT 's' || n, 'ada', 'p' || n, 1, true,
    jsonb_build_object('suggestion_id', 's' || n, 'seeker_id', 'ada', 'posting_id', 'p' || n, 'version', 1, 'fit', 50,
        'paths', '[{"introducer_id": "d", "insider_id": "d", "score": 0.5, "label": "warm", "ask": "app"}]'::jsonb),
    n / 1000, now() - n % 1000 * interval '1 s', now(), now() - interval '1 year' + n * interval '1 s'
FROM generate_series(1, $1::int) AS n
"""
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEPTHS = {"the beginning": None, "the middle": f"s{MILLION // 2}", "almost the end": "s500"}


class Full:
    """The notification service as a process of its own, and the database with the full inbox."""

    def __init__(self, http: httpx2.AsyncClient, admin: asyncpg.Pool) -> None:
        self.http, self.admin = http, admin

    async def blocks(self, name: str, *args: object, mode: str) -> int:
        """How many blocks of the database a statement of the service's touches; it leaves nothing changed."""
        async with self.admin.acquire() as conn:
            undone = conn.transaction()
            await undone.start()
            await conn.execute(f"SET LOCAL search_path TO notifications; SET LOCAL plan_cache_mode = {mode}")
            explained = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + SQL[name]
            plan = json.loads(await conn.fetchval(explained, *args))[0]["Plan"]
            await undone.rollback()
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    async def page(self, sort: str, after: str | None, unread: str) -> list[int]:
        """The numbers of a page's items, as a client gets them."""
        cursor = {"cursor": encode_cursor(sort, after)} if after else {}
        params = {"member": "ada", "sort": sort, "limit": PAGE, "unread": unread} | cursor
        answer = await self.http.get("/v1/inbox", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["next"] is not None
        return [int(item["id"][1:]) for item in answer.json()["items"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def full(module_database, _catalogue) -> AsyncIterator[Full]:
    env = environment(
        _catalogue.bootstrap, module_database.dsn("notifications"), WARMPATH_PROFILES_URL="http://127.0.0.1:9"
    )
    auth = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(service("notifications", env))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=process.url, headers=auth, trust_env=False))
        admin = await stack.enter_async_context(asyncpg.create_pool(module_database.admin_dsn, min_size=1, max_size=2))
        await admin.execute(FILL, MILLION)
        await admin.execute("ANALYZE notifications.items")
        yield Full(http, admin)


@pytest.mark.parametrize("sort", ["best", "newest"])
@pytest.mark.parametrize("depth", DEPTHS)
async def test_a_page_costs_the_same_wherever_it_begins(full, sort, depth):
    after = DEPTHS[depth]
    for unread in (True, False):
        for mode in ("force_custom_plan", "force_generic_plan"):
            assert (
                await full.blocks(f"list_{sort}", "ada", unread, after, PAGE + 1, False, None, None, mode=mode) < BLOCKS
            )
        numbers = await full.page(sort, after, str(unread))
        if sort == "newest":
            first = int(after[1:]) - 1 if after else MILLION
            assert numbers == list(range(first, first - PAGE, -1))
        else:
            wanted = sorted(_around(after), key=lambda n: (-(n // 1000), n % 1000))
            begin = wanted.index(int(after[1:])) + 1 if after else 0
            assert numbers == wanted[begin : begin + PAGE]


def _around(after: str | None) -> range:
    """Numbers among which the page is that follows in the order of the best."""
    thousand = (int(after[1:]) if after else MILLION) // 1000
    return range(max(1, (thousand - 1) * 1000), min(MILLION, thousand * 1000 + 999) + 1)


async def test_one_more_suggestion_and_one_that_is_read_cost_no_more(full):
    row = await full.admin.fetchval("SELECT to_jsonb(i) FROM notifications.items AS i WHERE suggestion_id = 's7'")
    new = json.dumps([json.loads(row) | {"suggestion_id": "new"}, json.loads(row) | {"version": 2}])
    event = [["ada"], ["suggestion"], ["new"], [None], [True], [None]]
    written = [  # what `store` does with a batch, statement by statement
        ("lock_members", ["ada"]),
        ("members_of", ["s7"]),
        ("find_situations", ["new", "s7"], ["ada", "ada"], domain.BURST_WINDOW, domain.BURST),
        ("add_events", *event),
        ("upsert_items", new),
        ("withdraw_items", new),
        ("upsert_digests", ["ada"], [NOON], [NOON]),
        ("find_item", "s7", "ada"),
        ("read_item", "s7", "ada"),
    ]
    for mode in ("force_custom_plan", "force_generic_plan"):
        for name, *args in written:
            assert await full.blocks(name, *args, mode=mode) < BLOCKS, name
    for verb, path in (("GET", "/v1/inbox/s7"), ("POST", "/v1/inbox/s7/read"), ("GET", "/v1/inbox/s7/draft")):
        answer = await full.http.request(verb, path, params={"member": "ada"})
        assert answer.status_code in {200, 409}, answer.text
