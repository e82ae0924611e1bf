"""How often an e-mail to sign in with may be asked for, by one source and for one address."""

import asyncio

import pytest

from services.profiles import timers
from shared.web.rate_limits import Limit
from tests.component.profiles.test_sign_in import BROWSER, EMAIL, begun


async def test_one_address_may_be_asked_for_five_times_and_the_answer_says_when_again(service):
    for _ in range(5):
        assert (await service.ask(EMAIL)).status_code == 202
    answer = await service.ask(EMAIL)
    assert answer.status_code == 429
    assert 170 <= int(answer.headers["retry-after"]) <= 180  # a fifth of a quarter of an hour
    assert (await service.ask("other@example.org")).status_code == 202
    await service.pool.execute("UPDATE limits SET free_at = free_at - interval '3 minutes'")
    assert (await service.ask(EMAIL)).status_code == 202
    assert (await service.ask(EMAIL)).status_code == 429


@pytest.mark.usefixtures("dana")
async def test_the_limit_is_the_same_with_and_without_an_account(service):
    async def course(email):
        answers = [await service.ask(email, source=f"source of {email}") for _ in range(7)]
        return [answer.status_code for answer in answers], len(await service.letters())

    assert await course(EMAIL) == await course("nobody@example.org") == ([202] * 5 + [429] * 2, 5)


async def test_what_others_asked_for_an_address_is_told_to_nobody(service):
    """Else a stranger could see that somebody has just signed in by an address."""
    for number in range(6):
        for _ in range(5):
            assert (await service.ask(EMAIL, source=f"192.0.2.{number}")).status_code == 202
    assert len(await service.letters()) == 10, "no more than ten e-mails an hour"
    assert (await service.ask(EMAIL, source="192.0.2.99")).status_code == 202
    assert await service.letters() == []


async def test_two_who_ask_without_end_do_not_keep_the_owner_from_their_e_mail(service):
    for _ in range(6):
        await service.pool.execute("UPDATE limits SET free_at = free_at - interval '10 minutes'")
        for number in (1, 2) * 5:
            await service.ask(EMAIL, source=f"192.0.2.{number}")
        assert len(await service.letters()) <= 10
    _, letter = await begun(service, source="198.51.100.7")
    assert (await service.finish(link=letter.link, browser=BROWSER)).status_code == 200


async def test_one_source_may_ask_thirty_times(service):
    answers = [await service.ask(f"p{number}@example.org") for number in range(31)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429]
    assert (await service.ask("p31@example.org", source="192.0.2.2")).status_code == 202


async def test_a_limit_holds_for_those_who_ask_at_once(service):
    answers = await asyncio.gather(*(service.ask(EMAIL) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 7


async def test_limits_that_are_free_again_are_forgotten(service):
    await service.ask(EMAIL)
    await timers.delete_expired(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM limits") == 4
    await service.pool.execute("UPDATE limits SET free_at = free_at - interval '1 hour'")
    await timers.delete_expired(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM limits") == 0


async def test_a_limit_keeps_apart_what_it_is_of(service):
    limit, key = Limit("test", 1, timers.ERASED_KEPT), b"k"
    async with service.pool.acquire() as conn:
        assert [await limit.use(conn, key, *of) for of in (("a", "bc"), ("ab", "c"), ("a", "bc"))] == [
            True,
            True,
            False,
        ]
