"""A mail server that hangs, is busy or refuses, under a stream of suggestions: the inboxes do not wait for it.

Once it is well again every e-mail that is due reaches it, each once; what it refused for good is not tried again.
"""

import asyncio
from collections import Counter

import pytest

from shared.testing.wait import until
from tests.fault.mail import Post, address, post_office
from tests.fault.test_half_broken import resident_mb

SEEKERS, PACE_S = 300, 0.01
WARM = 20
"""Seekers whose mail goes out before anything is wrong."""

REFUSED = {f"s{number}" for number in range(WARM, SEEKERS, 25)}
INBOX_S = 2.0
"""A suggestion is in its inbox within this, on a busy machine; each try with a server that hangs takes half of it."""

GROWN_MB = 40


async def stream(post: Post, numbers: range) -> None:
    """Suggestions one after another, and the wait until the last is in its inbox."""
    for number in numbers:
        await post.suggest(number)
        await asyncio.sleep(PACE_S)
    await until(lambda: _inboxes_are(post, numbers.stop), timeout=30)


async def _inboxes_are(post: Post, count: int) -> bool:
    return bool(
        await post.database.fetchval("SELECT count(*) FROM notifications.items WHERE kind = 'suggestion' AND live")
        == count
    )


async def _states_are(post: Post, **wanted: int) -> bool:
    states = await post.states()
    assert states == wanted, states
    return True


async def slowest(post: Post) -> float:
    """Seconds from a suggestion's record to its place in the inbox, of the one that took longest."""
    query = "SELECT EXTRACT(EPOCH FROM max(created_at - suggested_at))::float8 FROM notifications.items"
    return float(await post.database.fetchval(query))


async def is_ready(post: Post) -> bool:
    return (await post.client.get("/ready")).is_success


@pytest.mark.parametrize("mood", ["hangs", pytest.param("busy", marks=pytest.mark.long)])
async def test_mail_that_fails_holds_nothing_up_and_is_sent_once_when_it_can_be(clean_kafka, database, tmp_path, mood):
    async with post_office(clean_kafka.bootstrap, database, tmp_path, patience_s=1) as post:
        await stream(post, range(WARM))
        await until(lambda: _states_are(post, sent=WARM), timeout=20)
        before = resident_mb(post.process.pid)

        post.mail.mood, post.mail.unknown = mood, {address(member) for member in REFUSED}
        await stream(post, range(WARM, SEEKERS))
        assert await slowest(post) < INBOX_S
        await until(lambda: post.emails("later"), timeout=20)
        assert await is_ready(post), "the inbox works, and that is what callers need"
        assert resident_mb(post.process.pid) - before < GROWN_MB
        assert post.mail.taken.total() == WARM

        post.mail.mood = "well"
        await until(lambda: _states_are(post, sent=SEEKERS - len(REFUSED), failed=len(REFUSED)), timeout=90, every=0.2)
        members = {f"s{number}" for number in range(SEEKERS)}
        assert post.mail.taken == Counter(address(member) for member in members - REFUSED)
        assert len(post.mail.ids) == SEEKERS - len(REFUSED)
        assert post.mail.refused == Counter(address(member) for member in REFUSED), "none is asked of twice"
        assert await post.emails("sent") == SEEKERS - len(REFUSED)
        assert await post.emails("refused") == len(REFUSED)
        assert await post.emails("in_doubt", "failed", "cancelled") == 0


@pytest.mark.long
async def test_a_restart_while_the_mail_server_hangs_loses_no_e_mail(clean_kafka, database, tmp_path):
    async with post_office(clean_kafka.bootstrap, database, tmp_path, patience_s=9) as post:
        post.mail.mood = "hangs"
        await stream(post, range(WARM))
        await until(lambda: _is_trying(post), timeout=20)
        await post.process.restart()
        post.mail.mood = "well"
        await until(lambda: _states_are(post, sent=WARM), timeout=60, every=0.2)
        assert post.mail.taken == Counter(address(f"s{number}") for number in range(WARM))


async def _is_trying(post: Post) -> bool:
    return "sending" in await post.states()
