"""A member's corrections: only their own contacts change, and only those that the correction is about."""

from services.profiles import store
from shared.resolution import Vocabulary

ROWS = ["Ida,Inside,,,Initech Labs 42,Engineer,", "Gus,Guest,,,Globex,Recruiter,", "Wei,Zhao,,,Hooli,Analyst,"]
PATH = "/v1/me/corrections"


async def employers(service, who):
    """By name: where people.v1 says that a member's contacts work."""
    people = await service.said("people.v1")
    contacts = await service.contacts(who)
    told = {name: people[one["id"]]["employments"] for name, one in contacts.items()}
    return {name: [job["company"] for job in jobs] for name, jobs in told.items()}


async def versions(service):
    return {key: value["version"] for key, value in (await service.said("people.v1")).items()}


async def changed(service, who, before):
    after = await versions(service)
    names = {one["id"]: name for name, one in (await service.contacts(who)).items()}
    return sorted(names.get(key, key) for key in after if after[key] != before.get(key))


async def test_a_correction_publishes_what_it_changes_and_can_be_taken_back(service, dana):
    await service.bring(dana, *ROWS)
    other = await service.member("Omar Osei", "omar@mail.example", verified=True)
    await service.bring(other, ROWS[0])
    before, ties = await versions(service), await service.said("ties.v1")
    said = await service.ok("PUT", PATH, dana, json={"name": "initech labs 42 ltd", "company": "Globex"})
    assert said == {"corrections": [{"name": "initech labs 42 ltd", "company": "Globex"}]}
    assert await changed(service, dana, before) == ["Ida Inside"]
    assert await service.said("ties.v1") == ties
    assert await employers(service, dana) == {"Ida Inside": ["Globex"], "Gus Guest": ["Globex"], "Wei Zhao": ["Hooli"]}
    assert await employers(service, other) == {"Ida Inside": ["Initech Labs 42"]}, "for their own book only"
    contact = (await service.contacts(dana))["Ida Inside"]
    assert (contact["company"], contact["corrected"]) == ("Initech Labs 42", "Globex")
    page = await service.ok("GET", "/v1/companies", dana)
    assert [(one["company"], one["contacts"]) for one in page["items"]] == [("Globex", 2), ("Hooli", 1)]
    found = await service.ok("GET", "/v1/contacts?search=globex", dana)
    assert {one["name"] for one in found["items"]} == {"Ida Inside", "Gus Guest"}
    before = await service.outbox()
    await service.ok("PUT", PATH, dana, json={"name": "initech labs 42 ltd", "company": "Globex"})
    assert await service.outbox() == before, "the same again is nothing new"
    assert await service.ok("DELETE", f"{PATH}?name=Initech Labs 42", dana) == {"corrections": []}
    assert (await employers(service, dana))["Ida Inside"] == ["Initech Labs 42"]


async def test_no_employer_and_a_later_file(service, dana):
    await service.bring(dana, ROWS[0])
    await service.ok("PUT", PATH, dana, json={"name": "Initech Labs 42", "company": None})
    assert await employers(service, dana) == {"Ida Inside": []}
    assert (await service.ok("GET", "/v1/companies", dana))["items"] == []
    await service.bring(dana, *ROWS, "Una,New,,,INITECH LABS 42,Clerk,")
    told = await employers(service, dana)
    assert (told["Una New"], told["Ida Inside"], told["Gus Guest"]) == ([], [], ["Globex"])
    before = await service.outbox()
    await service.bring(dana, *ROWS, "Una,New,,,INITECH LABS 42,Clerk,")
    assert await service.outbox() == before
    await store.refresh_company_keys(service.pool, Vocabulary.of({}), "", 100)  # as after a new vocabulary
    rows = await service.pool.fetch("SELECT name FROM contacts WHERE company_key IS NOT NULL ORDER BY name")
    assert [row["name"] for row in rows] == ["Gus Guest", "Wei Zhao"]


async def test_what_makes_no_sense_is_refused(service, dana):
    answer = await service.call("PUT", PATH, dana, json={"name": "Initech", "company": "Initech Ltd"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "company")
    for body in ({"name": "", "company": None}, {"name": "Initech"}, {"name": "Initech", "company": "--"}):
        assert (await service.call("PUT", PATH, dana, json=body)).status_code == 422
    for number in range(200):
        await service.ok("PUT", PATH, dana, json={"name": f"Company no {number} x", "company": None})
    answer = await service.call("PUT", PATH, dana, json={"name": "Initech", "company": None})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


async def test_corrections_go_with_their_owner(service, dana):
    """That they are exported is seen in test_export.py, which knows every column."""
    await service.bring(dana, ROWS[0])
    await service.ok("PUT", PATH, dana, json={"name": "Initech Labs 42", "company": "SECRET GmbH"})
    assert (await service.call("DELETE", "/v1/me", dana)).status_code == 204
    rows = await service.pool.fetch(
        "SELECT to_jsonb(m)::text AS t FROM members m UNION SELECT to_jsonb(c)::text FROM contacts c"
    )
    assert "SECRET" not in str(rows)
