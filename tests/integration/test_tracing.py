"""One opening followed by its trace id: through spans, logs, topics and the inbox's table, of services as they run."""

import asyncio
import json
import mailbox
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from infra.local.mail import mail_server
from infra.local.ports import free_port
from shared.messaging.inspection.records import describe
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS
from shared.observability import trace
from shared.services import SERVICES
from shared.testing.collector import Collector, Seen, collecting
from shared.testing.processes import environments, service
from shared.testing.reading import committed
from shared.testing.wait import until
from tests.integration.one_opening import (
    EMAIL,
    INSIDER,
    INSIDER_EMAIL,
    PROFILE,
    SEEKER,
    a_path,
    call,
    client,
    member_with_a_contact,
    post,
)

SAMPLED, UNSAMPLED, LATE = (trace.make(flags=flags) for flags in ("01", "00", "01"))
TRACE_ID, UNSAMPLED_ID, LATE_ID = (str(trace.id_of(each)) for each in (SAMPLED, UNSAMPLED, LATE))
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5

TABLES = {
    "inbox": "SELECT trace_id FROM notifications.items WHERE kind = 'suggestion' AND live",
    "live streams": "SELECT split_part(traceparent, '-', 2) FROM notifications.events",
    "e-mails": "SELECT split_part(traceparent, '-', 2) FROM notifications.deliveries",
    "audit": "SELECT trace_id FROM postings.audit WHERE action = 'posting.posted'",
}
"""Trace ids by where docs/operations.md says that a case is found."""


@dataclass
class Story:
    """What was left when all was over."""

    collector: Collector
    records: dict[str, list[Any]]
    items: dict[str, str]
    tables: dict[str, set[str]]
    logs: dict[str, list[dict[str, Any]]]
    streamed: str
    mails: int

    def one(self, service: str, name: str) -> Seen:
        """The only span of the followed trace under this name."""
        (found,) = (each for each in self.collector.of(TRACE_ID) if (each.service, each.name) == (service, name))
        return found


@asynccontextmanager
async def listening(url: str, token: str):
    """The live stream's lines so far."""
    lines: list[str] = []

    async def listen() -> None:
        async with client(url, token) as http, http.stream("GET", "/v1/inbox/stream") as answer:
            async for line in answer.aiter_lines():
                lines.append(line)  # noqa: PERF401 - seen as they come

    task = asyncio.create_task(listen())
    await until(lambda: "event: ready" in lines)
    yield lines
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def tell(bootstrap: str, database: Any, folder: Any, collector: Collector) -> Story:
    mail = free_port()
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    more |= {"WARMPATH_SMTP_HOST": "127.0.0.1", "WARMPATH_SMTP_PORT": str(mail)}
    env = environments(bootstrap, database, **more)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(mail_server(folder / "mail", mail))
        running = {name: service(name, env[name], wait=False) for name in SERVICES}
        processes = {name: await stack.enter_async_context(each) for name, each in running.items()}
        await asyncio.gather(*(each.until_ready() for each in processes.values()))
        postings, profiles = processes["postings"], processes["profiles"]
        matching, notifications = processes["matching"], processes["notifications"]
        pool = await stack.enter_async_context(asyncpg.create_pool(database.admin_dsn, min_size=1, max_size=2))
        token = await member_with_a_contact(profiles.url)

        await until(lambda: a_path(matching.url, token))
        async with client(profiles.url, token) as http:  # names in a query, and in a path that no route has
            assert (await http.get("/v1/contacts", params={"search": INSIDER[1]})).is_success
            assert (await http.get(f"/nowhere/{EMAIL}")).is_client_error
        made = await call(postings.url, "POST", "/internal/v1/organisations", json={"name": "Anybody"})

        async def items() -> dict[str, str]:
            rows = await pool.fetch(
                "SELECT trace_id, suggestion_id FROM notifications.items WHERE kind = 'suggestion' AND live"
            )
            return {row["trace_id"]: row["suggestion_id"] for row in rows}

        async def there(trace_id: str) -> bool:
            return trace_id in await items()

        async with listening(notifications.url, token) as lines:
            await post(postings.url, made["api_key"], 1, SAMPLED)
            await until(lambda: there(TRACE_ID))
            await post(postings.url, made["api_key"], 2, UNSAMPLED)
            await until(lambda: there(UNSAMPLED_ID))
            await matching.stop()
            await post(postings.url, made["api_key"], 3, LATE)
            await until(lambda: pool.fetchval("SELECT NOT EXISTS (SELECT FROM postings.outbox)"))
            await matching.start()
            await until(lambda: there(LATE_ID))
            sent = "SELECT count(*) = 3 FROM notifications.deliveries WHERE state = 'sent'"
            await until(lambda: pool.fetchval(sent))
            await until(lambda: sum(line == "event: suggestion" for line in lines) == 3)
            streamed = "\n".join(lines)
        for each in processes.values():
            await each.stop()
        tables = {name: {row[0] for row in await pool.fetch(query)} for name, query in TABLES.items()}
        logs = {
            name: [json.loads(line) for line in each.log.read_text().splitlines()] for name, each in processes.items()
        }
        records = {each.name: await committed(bootstrap, each.name, 12) for each in (POSTINGS, SUGGESTIONS)}
        return Story(collector, records, await items(), tables, logs, streamed, len(mailbox.Maildir(folder / "mail")))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(module_kafka, module_database, tmp_path_factory):
    await cluster.ensure(module_kafka.bootstrap)
    with collecting() as collector:
        yield await tell(module_kafka.bootstrap, module_database, tmp_path_factory.mktemp("story"), collector)


def test_one_trace_holds_the_way_from_the_request_to_the_member(story):
    request = story.one("postings", "POST /v1/postings")
    read = story.one("matching", "process postings.v1")
    applied = story.one("notifications", "process suggestions.v1")
    mailed = story.one("notifications", "send e-mail")
    expected = [
        (request, SAMPLED.split("-")[2], SERVER),
        (story.one("postings", "send postings.v1"), request.span_id, PRODUCER),
        (read, request.span_id, CONSUMER),
        (story.one("matching", "match opening"), read.span_id, INTERNAL),
        (story.one("matching", "send suggestions.v1"), read.span_id, PRODUCER),
        (applied, read.span_id, CONSUMER),
        (story.one("notifications", "deliver to live stream"), applied.span_id, PRODUCER),
        (mailed, applied.span_id, CLIENT),
    ]
    assert [(each.name, each.parent_id, each.kind) for each, _, _ in expected] == [
        (each.name, parent, kind) for each, parent, kind in expected
    ]
    assert not any(each.failed for each in story.collector.of(TRACE_ID))
    assert all(each.begun <= each.ended for each in story.collector.of(TRACE_ID))
    assert story.mails == 3


def test_names_are_looked_up_in_the_same_trace(story):
    calls = {each.span_id: each for each in story.collector.of(TRACE_ID) if each.kind == CLIENT and each.name == "POST"}
    mailed = story.one("notifications", "send e-mail")
    assert mailed.span_id in {each.parent_id for each in calls.values()}
    answers = [each for each in story.collector.of(TRACE_ID) if each.service == "profiles"]
    assert {each.parent_id for each in answers} == calls.keys()


def test_spans_say_where_by_the_conventions_names(story):
    request = story.one("postings", "POST /v1/postings").facts
    assert (request["http.route"], request["http.response.status_code"]) == ("/v1/postings", 201)
    (record,) = (each for each in story.records["postings.v1"] if trace_of(each) == TRACE_ID)
    read = story.one("matching", "process postings.v1").facts
    assert (read["messaging.system"], read["messaging.destination.name"]) == ("kafka", "postings.v1")
    assert read["messaging.kafka.offset"] == record.offset
    assert read["messaging.destination.partition.id"] == str(record.partition)
    assert read["messaging.kafka.message.key"] == record.key.decode()
    assert read["warmpath.suggestions.changed"] == 1
    sent = story.one("matching", "send suggestions.v1").facts
    assert sent["messaging.kafka.message.key"] == story.items[TRACE_ID]


def trace_of(record: Any) -> str | None:
    return trace.id_of(dict(record.headers).get("traceparent", b"").decode())


@pytest.mark.parametrize("trace_id", [TRACE_ID, UNSAMPLED_ID], ids=["sampled", "not sampled"])
def test_the_same_id_is_in_logs_on_topics_and_in_tables(story, trace_id):
    assert trace_id in story.items
    assert [name for name, found in story.tables.items() if trace_id not in found] == []
    for topic in (POSTINGS, SUGGESTIONS):
        (record,) = (each for each in story.records[topic.name] if trace_of(each) == trace_id)
        assert describe(topic, record, datetime.now(UTC))["trace_id"] == trace_id
    logged = {
        (name, line["event"])
        for name, lines in story.logs.items()
        for line in lines
        if line.get("trace_id") == trace_id
    }
    assert logged >= {
        ("postings", "request"),
        ("matching", "opening_matched"),
        ("notifications", "records_applied"),
        ("notifications", "email_attempted"),
    }


def test_what_the_caller_did_not_sample_is_not_recorded(story):
    assert story.collector.of(UNSAMPLED_ID) == []


def test_an_opening_that_came_while_no_matcher_ran_keeps_its_trace(story):
    assert LATE_ID in story.items
    (record,) = (each for each in story.records["suggestions.v1"] if trace_of(each) == LATE_ID)
    assert dict(record.headers)["ce_cause"] == b"opening"
    spans = [each for each in story.collector.spans if each.service == "matching"]
    names = [each.name for each in spans if each.name == "process postings.v1"]
    assert len(names) == 1, "what is read again at a start makes no second span"


def test_nobody_is_named_in_a_span(story):
    assert " ".join(INSIDER) in story.streamed, "names were looked up and shown"
    spans = story.collector.spans
    assert {"postings", "profiles", "matching", "introductions", "notifications"} == {each.service for each in spans}
    people = [SEEKER, *SEEKER.split(), EMAIL, PROFILE, *INSIDER, INSIDER_EMAIL, "thaddeus-b", "example.org"]
    assert [(word, each.name) for word in people for each in spans if word.lower() in each.text.lower()] == []
