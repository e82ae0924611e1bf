"""What recruiters do to openings stands in the audit."""

from tests.component.postings.conftest import OPERATOR
from tests.component.postings.test_api import OPENING


async def test_an_openings_life_is_found_by_its_id(service, key):
    made = (await service.call("POST", "/v1/postings", key, json=OPENING)).json()
    path = f"/v1/postings/{made['posting_id']}"
    await service.call("PUT", path, key, json=OPENING)  # the same: nothing was changed
    await service.call("PUT", path, key, json=OPENING | {"title": "Another"})
    await service.call("POST", f"{path}/close", key)
    await service.call("DELETE", path, key)
    answer = await service.call("GET", "/internal/v1/audit", OPERATOR, params={"about": made["posting_id"]})
    lines = answer.json()["items"]
    assert [line["action"] for line in reversed(lines)] == [
        "posting.posted",
        "posting.changed",
        "posting.closed",
        "posting.deleted",
    ]
    assert {line["actor"] for line in lines} == {"recruiter"}


async def test_each_row_of_a_bulk_is_noted(service, key):
    await service.call("POST", "/v1/postings/bulk", key, json=[OPENING, OPENING | {"title": "Another"}])
    lines = (await service.call("GET", "/internal/v1/audit", OPERATOR)).json()["items"]
    assert [line["action"] for line in lines].count("posting.posted") == 2
