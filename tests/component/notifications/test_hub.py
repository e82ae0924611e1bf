"""The connection that listens for the live streams, and what is left of that when it is given back."""

from services.notifications.live_stream import Hub
from shared.storage.pool import open_pool
from shared.testing.wait import until


async def test_the_hub_leaves_no_listener_in_the_session_it_gives_back(database):
    pool = await open_pool(database.dsn("notifications"), schema="notifications", max_size=1)
    try:
        hub = Hub(pool, per_member=1)
        await hub.start()
        await until(lambda: heard(hub))
        await hub.stop()
        assert await pool.fetchval("SELECT ARRAY(SELECT pg_listening_channels())") == []
    finally:
        await pool.close()


async def heard(hub):
    return await hub.check() is None
