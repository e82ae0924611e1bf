"""The whole service with PostgreSQL and Kafka: what it accepts is on its topics, and it hears of erased people."""

from typing import Any

from aiokafka import AIOKafkaProducer

from shared.events.envelope import seal
from shared.events.people import PersonV1
from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.testing import wait
from shared.testing.reading import committed, version_and_value

PARTITIONS = {topic.name: topic.partitions for topic in STATE_TOPICS}
OPENING = {"company": {"name": "Initech"}, "title": "Engineer", "workplace": "remote"}


async def read(bootstrap: str, topic: str, key: str) -> list[tuple[int, Any]]:
    """(version, value) of this key's committed records, oldest first."""
    records = await committed(bootstrap, topic, PARTITIONS[topic])
    return [version_and_value(record) for record in records if record.key == key.encode()]


async def test_every_change_reaches_its_topic(running, clean_kafka):
    key = await running.organisation()
    create = await running.call("POST", "/v1/postings", key, json=OPENING)
    posting_id = create.json()["posting_id"]
    path = f"/v1/postings/{posting_id}"

    async def published(count: int) -> Any:
        async def there() -> list[tuple[int, Any]]:
            records = await read(clean_kafka.bootstrap, "postings.v1", posting_id)
            assert len(records) == count
            return records

        return (await wait.until(there))[-1]

    version, value = await published(1)
    assert (version, value["title"]) == (create.json()["version"], "Engineer")
    replace = await running.call("PUT", path, key, json=OPENING | {"title": "Architect"})
    version, value = await published(2)
    assert (version, value["title"]) == (replace.json()["version"], "Architect")
    close = await running.call("POST", f"{path}/close", key)
    version, value = await published(3)
    assert (version, value["status"]) == (close.json()["version"], "closed")
    assert (await running.call("DELETE", path, key)).status_code == 204
    tombstone, value = await published(4)
    assert value is None
    assert tombstone > version


async def test_at_the_start_it_writes_the_day_and_hears_of_the_erased(running, clean_kafka):
    async def day() -> list[str]:
        return [value["day"] for _, value in await read(clean_kafka.bootstrap, "clock.v1", "day")]

    assert await wait.until(day) == ["2026-03-10"]
    for path, state in (("/ready", "ready"), ("/live", "live")):
        answer = await running.call("GET", path)
        assert (answer.status_code, answer.json()["status"]) == (200, state)

    key = await running.organisation()
    producer = AIOKafkaProducer(bootstrap_servers=clean_kafka.bootstrap)
    await producer.start()
    try:
        organisation = running.keys[0]["organisation_id"]
        person = PersonV1(person_id="person-1", version=8, member=True, hiring_contact_for=(organisation,))
        headers = seal("people.v1", "person-1", 8, "profiles")
        await producer.send_and_wait("people.v1", value=person.to_json(), key=b"person-1", headers=headers)

        async def accepted() -> dict[str, Any]:
            answer = await running.call("POST", "/v1/postings", key, json=OPENING | {"hiring_contact": "person-1"})
            assert answer.status_code == 201, answer.text
            return dict(answer.json())

        receipt = await wait.until(accepted)
        headers = seal("people.v1", "person-1", 9, "profiles")
        await producer.send_and_wait("people.v1", value=None, key=b"person-1", headers=headers)
    finally:
        await producer.stop()

    async def forgotten() -> bool:
        records = await read(clean_kafka.bootstrap, "postings.v1", receipt["posting_id"])
        assert records
        version, value = records[-1]
        return version > receipt["version"] and "hiring_contact" not in value

    await wait.until(forgotten)
    view = (await running.call("GET", f"/v1/postings/{receipt['posting_id']}", key)).json()
    assert view["hiring_contact"] is None
