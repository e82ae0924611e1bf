"""A small world of people on the real topics, under ids of each test's own, and what the matcher said about it."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.matching.settings import Settings
from services.matching.stream.matcher import Matcher
from shared.events.suggestions import SuggestionV1, suggestion_id
from shared.messaging.publish.outbox import next_version, outgoing_record
from shared.messaging.publish.publisher import FencedPublisher, OutgoingRecord
from shared.messaging.topics.catalogue import CLOCK, PEOPLE, POSTINGS, SUGGESTIONS, TIES, Topic
from shared.resolution import Vocabulary
from shared.testing.processes import OPERATOR_TOKEN, SERVICE_TOKEN
from shared.testing.reading import committed
from shared.testing.wait import until
from tests import records
from tests.records import closeness

VOCABULARY = Vocabulary.of({})


def settings(bootstrap: str, **more: Any) -> Settings:
    return Settings(
        kafka_bootstrap_servers=bootstrap, service_token=SERVICE_TOKEN, operator_token=OPERATOR_TOKEN, **more
    )


@asynccontextmanager
async def matcher(
    bootstrap: str, on_failure: Callable[[], None] = lambda: None, *, ready: bool = True, **more: Any
) -> AsyncIterator[Matcher]:
    made = Matcher(settings(bootstrap, **more), VOCABULARY, on_failure)
    await made.start()

    async def caught_up() -> bool:
        return await made.check() is None

    try:
        if ready:
            await until(caught_up, timeout=30)
        yield made
    finally:
        await made.stop()


@dataclass
class World:
    """Ann seeks; Bob works at the company, introduces, and she knows him well."""

    bootstrap: str
    publisher: FencedPublisher
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    version: int = field(default_factory=next_version)

    def id(self, name: str) -> str:
        return f"{name}-{self.mark}"

    def suggestion(self, opening: str = "opening") -> str:
        return suggestion_id(self.id("ann"), self.id(opening))

    async def put(self, topic: Topic, key: str, value: Any) -> None:
        self.version += 1
        made = None if value is None else topic.model.model_validate({**value, "version": self.version})
        await self.publisher.publish([outgoing_record(topic, key, made, self.version, source="test")])

    async def raw(self, topic: Topic, key: str, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        await self.publisher.publish([OutgoingRecord(topic.name, key, value, headers)])

    async def day(self, day: str = "2026-03-01") -> None:
        await self.put(CLOCK, "day", {"day": day})

    async def person(self, name: str, **more: Any) -> None:
        await self.put(PEOPLE, self.id(name), records.person(self.id(name), **more))

    async def tie(self, one: str, other: str, value: int) -> None:
        person, contact = self.id(one), self.id(other)
        await self.put(TIES, f"{person}:{contact}", records.tie(person, contact, closeness(value)))

    async def opening(self, name: str = "opening", **more: Any) -> None:
        about = {"skills": ["python", "sql", "kafka"], **more}
        await self.put(POSTINGS, self.id(name), records.opening(self.id(name), self.id("company"), **about))

    async def people(self) -> None:
        """Everything but the day and the opening."""
        await self.person("ann", skills=["python", "sql", "kafka"], seeking={})
        await self.person("bob", introduces=True, employments=[{"company": self.id("company")}])
        await self.tie("ann", "bob", 4)

    async def everything(self) -> None:
        await self.day()
        await self.people()
        await self.opening()

    async def said(self, key: str | None = None) -> list[Any]:
        """The records of one suggestion, oldest first: (partition, headers, value or None)."""
        return [
            (
                raw.partition,
                dict(raw.headers),
                None if raw.value is None else SuggestionV1.model_validate_json(raw.value),
            )
            for raw in await read(self.bootstrap, SUGGESTIONS)
            if raw.key.decode() == (key or self.suggestion())
        ]

    async def hears(self, count: int, key: str | None = None) -> list[Any]:
        """Waits until there are so many records of a suggestion, and gives them."""

        async def enough() -> list[Any]:
            found = await self.said(key)
            assert len(found) >= count, found
            return found

        found = await until(enough)
        assert len(found) == count
        return list(found)


async def read(bootstrap: str, topic: Topic) -> list[Any]:
    """All committed records of a topic, up to where it ends now."""
    return list(await committed(bootstrap, topic.name, topic.partitions))
