"""Kafka over TLS with a user a service and ACLs from the catalogue: all that is needed goes, nothing else does."""

import asyncio
import shutil
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from shared.messaging.dead_letters.letters import LetterFilter
from shared.messaging.dead_letters.replaying import Resolver
from shared.messaging.kafka.closing import close_producer
from shared.messaging.kafka.settings import consumer_options, producer_options, relay_id
from shared.messaging.topics import cluster
from shared.messaging.topics.acls import OPERATOR, all_acls
from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.testing.database import create, drop
from shared.testing.processes import environment, service
from shared.testing.wait import until
from tests.integration.one_opening import a_path, call, member_with_a_contact, post
from tests.integration.secured import Authority, SecuredKafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

SERVICES = ("postings", "profiles", "matching", "introductions", "notifications")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secured")
    broker = SecuredKafka(folder / "broker", Authority(folder / "certificates"), [*SERVICES, OPERATOR])
    await broker.start()
    try:
        await broker.allow(all_acls())
        with pytest.MonkeyPatch.context() as patch:
            for name, value in broker.client(OPERATOR).items():
                patch.setenv(name, value)
            assert await cluster.ensure(broker.secure) == []
        yield broker
    finally:
        await broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def as_user(secured, monkeypatch):
    """Become a user of the broker's; further variables replace the right ones."""

    def become(user, **more):
        for name, value in secured.client(user, **more).items():
            monkeypatch.setenv(name, value)

    return become


async def write(broker, topic, *, transactional_id=None, bootstrap=None):
    options = producer_options(bootstrap or broker.secure, client_id="try", transactional_id=transactional_id)
    producer = AIOKafkaProducer(**options)
    try:
        async with asyncio.timeout(10):
            await producer.start()
            await producer.send_and_wait(topic, b"{}", b"nobody")
    finally:
        await close_producer(producer)


async def read(broker, topic, group=None):
    async with asyncio.timeout(10):
        consumer = AIOKafkaConsumer(**consumer_options(broker.secure, client_id="try", group=group))
        await consumer.start()
        try:
            await consumer._client._wait_on_metadata(topic)  # an assigned one that is refused is only logged
            place = TopicPartition(topic, 0)
            consumer.assign([place])
            if group:
                await consumer.committed(place)
            return await consumer.end_offsets([place])
        finally:
            await consumer.stop()


async def test_an_opening_goes_all_the_way_with_every_service_as_its_own_user(secured, postgres):
    database = await create(postgres)
    try:
        async with AsyncExitStack() as stack:

            async def started(name, **urls):
                dsn = None if name == "matching" else database.dsn(name)
                env = environment(secured.secure, dsn, **urls) | secured.client(name)
                return (await stack.enter_async_context(service(name, env))).url

            profiles = await started("profiles")
            postings = await started("postings", WARMPATH_PROFILES_URL=profiles)
            matching = await started("matching", WARMPATH_PROFILES_URL=profiles)
            await started("notifications", WARMPATH_PROFILES_URL=profiles)
            await started("introductions", WARMPATH_PROFILES_URL=profiles)
            pool = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
            token = await member_with_a_contact(profiles)
            await until(lambda: a_path(matching, token))
            made = await call(postings, "POST", "/internal/v1/organisations", json={"name": "Anybody"})
            await post(postings, made["api_key"], 1)
            await until(lambda: pool.fetchval("SELECT count(*) = 1 FROM notifications.items WHERE live"))
            for url, topic in ((postings, "postings.v1"), (postings, "clock.v1"), (profiles, "people.v1")):
                found = await call(url, "POST", f"/internal/v1/reconcile?topic={topic}")
                assert found["keys"] == found["rows"] > 0, "an owner may compare its topic with its tables"
    finally:
        await drop(database)


@pytest.mark.parametrize("topic", [each.name for each in STATE_TOPICS])
async def test_nobody_writes_anothers_topic(secured, as_user, topic):
    (owner,) = (each.owner for each in STATE_TOPICS if each.name == topic)
    for user in {*SERVICES, OPERATOR} - {owner}:
        as_user(user)
        with pytest.raises(TopicAuthorizationFailedError):
            await write(secured, topic)


async def test_nobody_fences_anothers_relay(secured, as_user):
    as_user("profiles")
    with pytest.raises(TransactionalIdAuthorizationFailed):
        await write(secured, "people.v1", transactional_id=relay_id("postings"))


async def test_the_operator_and_their_own_group_replay_dead_letters_and_another_group_does_not(secured, as_user):
    async def unnoted(_step, _letters):
        pass

    as_user("notifications")
    with pytest.raises(TransactionalIdAuthorizationFailed):
        async with Resolver(secured.secure, "postings", unnoted):
            pass
    for who in ("postings", OPERATOR):
        as_user("postings")
        await write(secured, "postings.dlq")
        as_user(who)
        async with Resolver(secured.secure, "postings", unnoted) as resolver:
            assert len((await resolver.resolve(LetterFilter(), "replayed", "ops")).ready) == 1
            assert (await resolver.resolve(LetterFilter(), "replayed", "ops")).ready == []


async def test_nobody_reads_what_is_not_for_them_nor_moves_anothers_positions(secured, as_user):
    as_user("profiles")
    with pytest.raises(TopicAuthorizationFailedError):
        await read(secured, "suggestions.v1")
    as_user("notifications")
    await read(secured, "suggestions.v1", group="notifications")
    with pytest.raises(GroupAuthorizationFailedError):
        await read(secured, "suggestions.v1", group="postings")


async def test_a_wrong_password_another_authority_and_no_tls_are_turned_away(
    secured, as_user, monkeypatch, tmp_path, caplog
):
    as_user("profiles", KAFKA_SASL_PASSWORD="guessed")
    with pytest.raises(KafkaConnectionError):
        await write(secured, "people.v1")
    assert "invalid credentials" in caplog.text
    as_user("profiles", KAFKA_SSL_CAFILE=str(Authority(tmp_path / "other").file))
    with pytest.raises(KafkaConnectionError):
        await write(secured, "people.v1")
    for name in secured.client("profiles"):
        monkeypatch.delenv(name)
    with pytest.raises(KafkaConnectionError):
        await write(secured, "people.v1")


async def test_a_clients_certificate_lets_it_in_where_one_is_wanted(secured, monkeypatch):
    certificate, key = secured._authority.certify("somebody.example")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("KAFKA_SSL_CAFILE", str(secured._authority.file))
    with pytest.raises(KafkaConnectionError):
        await write(secured, "people.v1", bootstrap=secured.mutual)
    monkeypatch.setenv("KAFKA_SSL_CERTFILE", str(certificate))
    monkeypatch.setenv("KAFKA_SSL_KEYFILE", str(key))
    with pytest.raises(ClusterAuthorizationFailedError):  # let in; as one who may write nothing at all
        await write(secured, "people.v1", bootstrap=secured.mutual)
