"""`warmpath dlq` against a broker."""

from uuid import uuid4

import pytest_asyncio
from aiokafka import AIOKafkaProducer

from shared.messaging.catalogue import dead_letters, retries
from shared.testing.reading import committed
from shared.testing.wait import until

GROUP = "postings"


@pytest_asyncio.fixture(loop_scope="session")
async def reason(topics):
    """Two letters of the group that bear this reason; a third is not whole."""
    reason = f"because of {uuid4().hex[:8]}"
    base = [("dlq_topic", b"people.v1"), ("dlq_error", b"Permanent"), ("dlq_reason", reason.encode())]
    async with AIOKafkaProducer(bootstrap_servers=topics.bootstrap) as producer:
        for key, value, more in (
            (b"a", b'{"x": 1}', []),
            (b"b", b"\xff", []),
            (b"c", b"{", [("dlq_truncated", b"900")]),
        ):
            await producer.send_and_wait(dead_letters(GROUP).name, value, key, 0, headers=[*base, *more])
    return reason


async def test_letters_are_listed_shown_replayed_and_dropped(topics, warmpath, lines, reason):
    listed = lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json"))
    kind = {"group": GROUP, "topic": "people.v1", "error": "Permanent", "reason": reason, "letters": 3}
    assert kind.items() <= listed[0].items()
    assert [each["key"] for each in listed[1:]] == ["c", "b", "a"]
    first = listed[3]["id"]
    shown = lines(await warmpath("dlq", "show", GROUP, first, "--json"))[0]
    assert shown["value"] == {"x": 1}
    assert lines(await warmpath("dlq", "show", GROUP, listed[2]["id"], "--json"))[0]["value"] == "hex: ff"

    before = len(await committed(topics.bootstrap, retries(GROUP).name, 3))
    dry = await warmpath("dlq", "replay", GROUP, "--reason", reason)
    assert "2 letters would be replayed" in dry.stdout
    assert "cannot be replayed" in dry.stdout
    assert len(await committed(topics.bootstrap, retries(GROUP).name, 3)) == before

    assert "1 letters replayed" in (await warmpath("dlq", "replay", GROUP, first, "--yes")).stdout

    async def one_more() -> bool:
        """Kafka answers a commit before it has written the markers that show it to readers."""
        return len(await committed(topics.bootstrap, retries(GROUP).name, 3)) == before + 1

    await until(one_more)
    assert "left out: replayed by" in (await warmpath("dlq", "replay", GROUP, first, "--yes")).stdout
    assert "2 letters dropped" in (await warmpath("dlq", "drop", GROUP, "--reason", reason, "--yes")).stdout
    assert lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json")) == []
    resolved = lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json", "--resolved"))
    assert [each["resolved"]["outcome"] for each in resolved[1:]] == ["dropped", "dropped", "replayed"]
    assert "replayed by" in (await warmpath("dlq", "list", "--all", "--reason", reason, "--resolved")).stdout


async def test_nothing_is_resolved_without_saying_which(warmpath):
    assert (await warmpath("dlq", "replay", GROUP, "--yes")).exit_code == 2
    assert (await warmpath("dlq", "drop", GROUP, "--all", "--reason", "x")).exit_code == 2
    assert (await warmpath("dlq", "list")).exit_code == 2
    assert "there are: postings, notifications" in (await warmpath("dlq", "list", "matching")).stderr
    assert (await warmpath("dlq", "show", GROUP, "0:99999999")).exit_code == 1
