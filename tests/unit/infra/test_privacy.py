"""The tables of who may learn what are whole: each field of each answer that somebody can have is in one of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import pytest

from infra.documents import app_of
from infra.privacy_page import READERS
from shared.messaging.topics.catalogue import all_topics
from shared.privacy import ABOUT_NOBODY_ELSE, DISCLOSURES, KEPT, Reader
from shared.services import SERVICES
from shared.web.identity import Caller, Kind

PROBLEMS = {"ProblemDocument", "FieldProblem", "Health"}
OPERATORS_ONLY = {
    "matching PathView.insider_id",
    "matching PathView.score",
    "matching LeftThereView.left",
    "matching SuggestionView.exact_fit",
    "matching RatingCandidateView.gain",
}
"""Fields that are left out of what members are answered."""


one_app_of = cache(app_of)
"""For every kind of caller: to make an application costs more than a hundred requests."""


class Anybody:
    """Lets every token in, as a caller of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    async def authenticate(self, _token: str, **_: bool) -> Caller:
        return Caller(self._kind, "somebody")


async def readable(service: str, kind: Kind) -> set[str]:
    """`service Schema.field` of everything in the answers of the operations that let this kind of caller in."""
    app = one_app_of(service)
    document, found = app.openapi(), set()
    app.state.authenticator = Anybody(kind)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.test") as client:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                where = path.replace("{", "").replace("}", "")
                answer = await client.request(method, where, headers={"Authorization": "Bearer any"})
                if answer.status_code not in (401, 403):
                    found |= set(answered(document, operation))
    return {f"{service} {name}" for name in found}


def answered(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    successes = [said for status, said in operation["responses"].items() if status.startswith("2")]
    schemas, waiting = document["components"]["schemas"], list(references(successes))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name not in PROBLEMS:
            seen.add(name)
            yield from (f"{name}.{field}" for field in schemas[name].get("properties", ()))
            waiting += references(schemas[name])


def references(said: Any) -> Iterator[str]:
    """The names of the schemas that a part of a document refers to."""
    if isinstance(said, dict):
        if "$ref" in said:
            yield said["$ref"].rpartition("/")[2]
        said = list(said.values())
    if isinstance(said, list):
        for each in said:
            yield from references(each)


def told(reader: Reader) -> list[str]:
    """All that the tables say of a reader's answers."""
    fields = [field for one in DISCLOSURES if one.reader == reader for field in one.fields]
    return [*fields, *ABOUT_NOBODY_ELSE[reader]]


def matches(field: str, said: str) -> bool:
    return said == field or (said.endswith(".*") and said[:-1] == field[: len(said) - 1])


@pytest.mark.parametrize("reader", READERS)
async def test_each_field_that_can_be_read_is_in_a_table_and_nothing_else_is(reader):
    found = set().union(*[await readable(service, reader) for service in SERVICES]) - OPERATORS_ONLY
    assert found, "nobody reads anything"
    said = told(reader)
    assert sorted(field for field in found if not any(matches(field, one) for one in said)) == []
    stale = [one for one in said if not any(matches(field, one) for field in found)]
    assert stale == []


def test_every_topic_is_in_the_table_of_what_is_kept():
    kept = {place for one in KEPT for place in one.places}
    assert {topic.name for topic in all_topics()} <= kept
