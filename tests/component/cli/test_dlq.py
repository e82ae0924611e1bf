"""`warmpath dlq` against a broker."""

from uuid import uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from infra.local.ports import free_port
from shared.messaging.topics.catalogue import dead_letters, retries
from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.testing.reading import committed
from shared.testing.wait import until

GROUP = "postings"


@pytest_asyncio.fixture(loop_scope="session")
async def audit(topics, database):
    """What stands in the audit of the group's service, oldest first; `.env` is what the command needs to find it."""
    async with service(GROUP, environment(topics.bootstrap, database.dsn(GROUP))) as process:

        async def audit():
            headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
            async with httpx2.AsyncClient(base_url=process.url, headers=headers) as http:
                answer = await http.get("/internal/v1/audit", params={"limit": 200})
            return [(row["actor"], row["action"], row["subject"]) for row in reversed(answer.json()["items"])]

        audit.env = {"WARMPATH_OPERATOR_TOKEN": OPERATOR_TOKEN, "WARMPATH_POSTINGS_URL": process.url}
        yield audit


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


async def test_letters_are_listed_shown_replayed_and_dropped(topics, warmpath, lines, reason, audit):
    listed = lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json"))
    kind = {"group": GROUP, "topic": "people.v1", "error": "Permanent", "reason": reason, "letters": 3}
    assert kind.items() <= listed[0].items()
    assert [each["key"] for each in listed[1:]] == ["c", "b", "a"]
    by_time = ("dlq", "drop", GROUP, "--reason", reason)
    assert "0 letters would be dropped" in (await warmpath(*by_time, "--until", "1h")).stdout
    assert "3 letters would be dropped" in (await warmpath(*by_time, "--since", "1h")).stdout
    first = listed[3]["id"]
    shown = lines(await warmpath("dlq", "show", GROUP, first, "--json"))[0]
    assert shown["value"] == {"x": 1}
    assert lines(await warmpath("dlq", "show", GROUP, listed[2]["id"], "--json"))[0]["value"] == "hex: ff"

    before = len(await committed(topics.bootstrap, retries(GROUP).name, 3))
    dry = await warmpath("dlq", "replay", GROUP, "--reason", reason)
    assert "2 letters would be replayed" in dry.stdout
    assert f"  warmpath dlq replay {GROUP} --reason '{reason}' --yes\n" in dry.stdout
    assert "cannot be replayed" in dry.stdout
    assert len(await committed(topics.bootstrap, retries(GROUP).name, 3)) == before

    assert await audit() == [], "a dry run is not noted"
    assert "1 letters replayed" in (await warmpath("dlq", "replay", GROUP, first, "--yes", env=audit.env)).stdout

    async def one_more() -> bool:
        """Kafka answers a commit before it has written the markers that show it to readers."""
        return len(await committed(topics.bootstrap, retries(GROUP).name, 3)) == before + 1

    await until(one_more)
    again = await warmpath("dlq", "replay", GROUP, first, "--yes", env=audit.env)
    assert "skipped: replayed by" in again.stdout
    assert f"  warmpath dlq replay {GROUP} {first} --again\n" in again.stdout
    none = await warmpath("dlq", "replay", GROUP, "0:99999999")
    assert (
        f"0 letters would be replayed. No open letter matches. All that there are:\n  warmpath dlq list {GROUP}"
        in none.stdout
    )
    dropped = await warmpath("dlq", "drop", GROUP, "--reason", reason, "--yes", env=audit.env)
    assert "2 letters dropped" in dropped.stdout
    assert lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json")) == []
    resolved = lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json", "--resolved"))
    assert [each["resolved"]["outcome"] for each in resolved[1:]] == ["dropped", "dropped", "replayed"]
    assert "replayed by" in (await warmpath("dlq", "list", "--all", "--reason", reason, "--resolved")).stdout
    rest = [each["id"] for each in reversed(listed[1:3])]
    done = [("replaying", first), ("replayed", first)]
    done += [(step, letter) for step in ("dropping", "dropped") for letter in rest]
    assert await audit() == [("operator", f"letter.{step}", f"{GROUP}.dlq {letter}") for step, letter in done]


async def test_the_audit_of_a_letter_cannot_be_changed(database, warmpath, reason, audit):
    await warmpath("dlq", "drop", GROUP, "--reason", reason, "--yes", env=audit.env)
    noted = await audit()
    assert len(noted) == 6
    connection = await asyncpg.connect(database.dsn(GROUP))
    try:
        for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
                await connection.execute(statement)
    finally:
        await connection.close()
    assert await audit() == noted


async def test_without_the_groups_service_nothing_is_replayed(warmpath, lines, reason):
    env = {"WARMPATH_POSTINGS_URL": f"http://127.0.0.1:{free_port()}"}
    said = await warmpath("dlq", "replay", GROUP, "--reason", reason, "--yes", env=env)
    assert said.exit_code == 1
    assert "2 letters were not touched" in said.stderr
    left = lines(await warmpath("dlq", "list", GROUP, "--reason", reason, "--json"))
    assert left[0]["letters"] == 3


async def test_letters_must_be_named_explicitly(warmpath):
    unnamed = await warmpath("dlq", "replay", "--yes")
    assert unnamed.exit_code == 2
    assert "for example: warmpath dlq replay postings" in unnamed.stderr
    said = await warmpath("dlq", "replay", GROUP, "--yes")
    assert said.exit_code == 2
    assert f"warmpath dlq replay {GROUP} --all" in said.stderr
    assert (await warmpath("dlq", "drop", GROUP, "--all", "--reason", "x")).exit_code == 2
    assert (await warmpath("dlq", "list")).exit_code == 2
    assert "groups with dead letters: postings, " in (await warmpath("dlq", "list", "matching")).stderr
    assert (await warmpath("dlq", "show", GROUP, "0:99999999")).exit_code == 1
