"""Organisations and keys; and an API description that says what can go wrong."""

import json
from pathlib import Path

import pytest

from services.postings.domain import Draft

BASE = "/internal/v1/organisations"
EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def tokens(service):
    settings = service.app.state.settings
    return settings.operator_token.get_secret_value(), settings.service_token.get_secret_value()


async def test_a_key_is_kept_as_a_hash_only(service, key):
    assert key.startswith("wpr_")
    for table in ("organisations", "api_keys"):
        rows = await service.pool.fetch(f"SELECT * FROM {table}")  # noqa: S608 - names from above
        assert rows
        assert key not in str([dict(row) for row in rows])


async def test_a_key_is_rotated(service, key, tokens):
    operator, _ = tokens
    old = service.keys[0]
    path = f"{BASE}/{old['organisation_id']}/keys"
    new = (await service.call("POST", path, operator)).json()
    assert new["organisation_id"] == old["organisation_id"]
    assert (await service.call("GET", "/v1/postings", new["api_key"])).status_code == 200
    assert (await service.call("DELETE", f"{path}/{old['key_id']}", operator)).status_code == 204
    assert (await service.call("GET", "/v1/postings", key)).status_code == 401
    assert (await service.call("GET", "/v1/postings", new["api_key"])).status_code == 200
    assert (await service.call("DELETE", f"{path}/{old['key_id']}", operator)).status_code == 404


async def test_a_key_of_another_organisation_is_not_there(service, key, other_key, tokens):
    assert key != other_key
    mine, theirs = service.keys
    path = f"{BASE}/{mine['organisation_id']}/keys/{theirs['key_id']}"
    assert (await service.call("DELETE", path, tokens[0])).status_code == 404
    assert (await service.call("POST", f"{BASE}/none/keys", tokens[0])).status_code == 404
    assert (await service.call("GET", "/v1/postings", other_key)).status_code == 200


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": "a\x07"}, {"name": 3}, {"name": "x" * 301}])
async def test_an_organisation_needs_a_name(service, tokens, body):
    answer = await service.call("POST", BASE, tokens[0], json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


async def test_other_services_may_ask_whose_a_key_is(service, key, tokens):
    _, token = tokens
    known = await service.call("POST", "/internal/v1/introspect", token, json={"token": key})
    whose = {"kind": "recruiter", "id": service.keys[0]["organisation_id"], "scope": "all"}
    assert known.json() == {"active": True} | whose
    unknown = await service.call("POST", "/internal/v1/introspect", token, json={"token": "wpr_" + "x" * 43})
    assert unknown.json() == {"active": False}


def test_the_description_says_what_can_go_wrong(service):
    document = service.app.openapi()
    paths, problems = document["paths"], document["components"]["responses"]
    ours = {path: each for path, each in paths.items() if path.startswith(("/v1/", BASE))}
    assert len(ours) > 20
    for path, methods in ours.items():
        for method, operation in methods.items():
            expected = {"401", "403"} | ({"404"} if "{" in path else set())
            expected |= {"422"} if "{" in path or "requestBody" in operation or method == "get" else set()
            missing = expected - set(operation["responses"])
            assert not missing, f"{method} {path} does not document {missing}"
            assert operation["summary"]
            assert operation["description"]
            for status in expected:
                assert operation["responses"][status] == {"$ref": f"#/components/responses/{status}"}
                assert list(problems[status]["content"]) == ["application/problem+json"]


def test_the_description_refers_to_nothing_that_is_not_there(service):
    document = service.app.openapi()
    text = json.dumps(document)
    schemas = set(document["components"]["schemas"])
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= schemas
    assert {"Draft", "ProblemDocument", "BulkReport"} <= referred


async def test_the_examples_are_accepted(service, key):
    opening = json.loads((EXAMPLES / "opening.json").read_text(encoding="utf-8"))
    assert (await service.call("POST", "/v1/postings", key, json=opening)).status_code == 201
    lines = (EXAMPLES / "openings.ndjson").read_bytes()
    headers = {"content-type": "application/x-ndjson"}
    report = (await service.call("POST", "/v1/postings/bulk", key, content=lines, headers=headers)).json()
    assert report["refused"] == 0
    assert report["created"] == len([line for line in lines.splitlines() if line.strip()])
    assert Draft.model_validate(opening).company.domain
