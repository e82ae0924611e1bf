"""Records that mean nothing to a topic's handler: checked and counted as any other, without its being called."""

import asyncpg

from shared.testing.wait import until
from tests.component.messaging.conftest import note


async def test_what_is_ignored_is_checked_and_counted_and_no_savepoint_is_opened_for_it(stage, monkeypatch):
    opened = []
    begin = asyncpg.transaction.Transaction.start

    async def counting(self):
        await begin(self)
        opened.append(self._nested)

    monkeypatch.setattr(asyncpg.transaction.Transaction, "start", counting)
    people = [stage.person(f"p{number:02}") for number in range(30)]
    tombstone = stage.person("gone", version=2) | {"value": None}
    bad = stage.person("bad") | {"value": b"{"}
    await stage.send(*people, tombstone, bad)
    ignored = {stage.people.name: lambda record: record.value is not None}
    async with stage.consuming(note, ignored=ignored):
        await until(lambda: _moved_past(stage, 32))
        (letter,) = await stage.read(stage.dlq, 1)
    assert await stage.effects() == ["gone"]
    assert letter.key == b"bad"
    assert opened.count(True) == 1, "one savepoint, for the tombstone"


async def test_a_rule_of_what_to_ignore_that_fails_makes_a_dead_letter_as_its_handler_would(stage):
    def rule(record):
        return record.key == "p0" or {}[record.key]

    await stage.send(stage.person("p0"), stage.person("p1"))
    async with stage.consuming(note, ignored={stage.people.name: rule}):
        (letter,) = await stage.read(stage.dlq, 1)
        await until(lambda: _moved_past(stage, 2))
    assert letter.key == b"p1"
    assert await stage.effects() == []


async def _moved_past(stage, count):
    return await stage.pool.fetchval("SELECT sum(next) FROM processed WHERE topic = $1", stage.people.name) == count
