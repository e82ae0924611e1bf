"""Address books: importing, importing again, and what members say of contacts."""

import asyncio
import time
from collections import Counter

from services.profiles import imports_api, timers
from shared.resolution import Vocabulary

SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20
ANA = "Ana,Silva,https://www.linkedin.com/in/ana-silva,ana@example.org,Initech,Engineer,01 Jan 2024"
BO = "Bo,Li,https://www.linkedin.com/in/bo-li,,Globex Inc.,Designer,15 Mar 2021"
CY = 'Cy,Oz,,,"globex, INC",,'


async def test_an_import_says_what_it_did(service, dana):
    report = await service.bring(dana, ANA, "Short", BO, BO)
    assert report == {
        "format": "linkedin",
        "read": 4,
        "accepted": 2,
        "rejected": [
            {"line": 6, "reason": "too short: 1 of 7 columns"},
            {"line": 8, "reason": "duplicate of line 7"},
        ],
        "warnings": [],
        "added": 2,
        "updated": 0,
        "removed": 0,
        "kept": 0,
        "unchanged": 0,
    }
    contacts = await service.contacts(dana)
    assert list(contacts) == ["Ana Silva", "Bo Li"]
    assert contacts["Ana Silva"]["email"] == "ana@example.org"
    assert contacts["Ana Silva"]["connected_on"] == "2024-01-01"
    assert (await service.ok("GET", "/v1/me", dana))["contacts"] == 2


async def test_what_an_import_publishes(service, dana):
    await service.bring(dana, ANA, BO)
    contacts = await service.contacts(dana)
    ana, bo = contacts["Ana Silva"]["id"], contacts["Bo Li"]["id"]
    people, ties = await service.said("people.v1"), await service.said("ties.v1")
    assert people[ana] == {
        "person_id": ana,
        "version": people[ana]["version"],
        "member": False,
        "imported_by": dana.id,
        "employments": [{"company": "Initech", "title": "Engineer", "seen": "2026-01-01"}],
        "skills": [],
        "introduces": False,
    }
    assert ties[f"{dana.id}:{ana}"]["evidence"] == [
        {"kind": "connected", "source": "linkedin", "on": "2024-01-01"},
    ]
    assert await service.tie(dana, bo) == {"connected": {"source": "linkedin", "on": "2021-03-15"}}
    everything = str(people) + str(ties)
    assert not any(word in everything for word in ("Silva", "example.org", "linkedin.com", "Dana"))


async def test_the_same_file_twice_changes_nothing(service, dana):
    await service.bring(dana, ANA, BO)
    before = await service.outbox(), await service.contacts(dana)
    service.calendar.day = service.calendar.day.replace(day=20)
    report = await service.bring(dana, ANA, BO)
    assert (report["unchanged"], report["added"], report["updated"], report["removed"]) == (2, 0, 0, 0)
    assert (await service.outbox(), await service.contacts(dana)) == before


async def test_the_same_people_in_another_order_and_encoding_change_nothing(service, dana):
    await service.bring(dana, ANA, BO)
    before = await service.outbox()
    data = f"First Name,Last Name,URL,Email Address,Company,Position,Connected On\r\n{BO}\r\n{ANA}\r\n"
    await service.ok("POST", "/v1/contacts/import", dana, content=data.encode("utf-16"))
    assert await service.outbox() == before


async def test_a_newer_file_publishes_what_changed_and_nothing_else(service, dana):
    """The day of the import and the size of the list change nothing by themselves."""
    rows = [f"P{number},X,https://www.linkedin.com/in/p{number},,Acme,Boss," for number in range(600)]
    await service.bring(dana, *rows)
    await service.pool.execute("DELETE FROM outbox")
    service.calendar.day = service.calendar.day.replace(day=20)
    await service.bring(dana, *rows)
    assert await service.outbox() == []
    await service.bring(dana, rows[0].replace("Boss", "Director"), *rows[1:])
    assert len(await service.outbox()) == 1, "the person, whose title changed"
    await service.pool.execute("DELETE FROM outbox")
    await service.bring(dana, rows[0].replace("Boss", "Director"), *rows[1:], ANA)
    assert len(await service.outbox()) == 2, "a new person and their tie"


async def test_a_newer_file_adds_updates_and_removes(service, dana):
    await service.bring(dana, ANA, BO)
    old = await service.contacts(dana)
    service.calendar.day = service.calendar.day.replace(day=20)
    report = await service.bring(dana, ANA.replace("Initech", "Hooli"), CY)
    assert (report["added"], report["updated"], report["removed"], report["unchanged"]) == (1, 1, 1, 0)
    new = await service.contacts(dana)
    assert list(new) == ["Ana Silva", "Cy Oz"]
    ana, bo = old["Ana Silva"]["id"], old["Bo Li"]["id"]
    assert new["Ana Silva"]["id"] == ana
    people, ties = await service.said("people.v1"), await service.said("ties.v1")
    assert people[ana]["employments"] == [{"company": "Hooli", "title": "Engineer", "seen": "2026-01-01"}]
    assert people[bo] is None
    assert ties[f"{dana.id}:{bo}"] is None


async def test_a_contact_of_whom_something_was_said_stays_without_the_connection(service, dana):
    await service.bring(dana, ANA, BO)
    bo = (await service.contacts(dana))["Bo Li"]["id"]
    await service.ok("PUT", f"/v1/contacts/{bo}/closeness", dana, json={"value": 4})
    report = await service.bring(dana, ANA)
    assert (report["kept"], report["removed"]) == (1, 0)
    assert (await service.contacts(dana))["Bo Li"]["listed"] is False
    assert await service.tie(dana, bo) == {"closeness": {"value": 4}}
    await service.bring(dana, ANA, BO)
    assert set(await service.tie(dana, bo)) == {"connected", "closeness"}


async def test_a_file_without_a_usable_row_is_422_and_changes_nothing(service, dana):
    await service.bring(dana, ANA)
    header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    for data in (b"", b"nothing here", header.encode(), (header + ",,,,,,\nx\n").encode()):
        answer = await service.call("POST", "/v1/contacts/import", dana, content=data)
        assert answer.status_code == 422
        assert answer.json()["title"] == "No usable contact"
    assert answer.json()["errors"] == [
        {"field": "line 2", "reason": "no name"},
        {"field": "line 3", "reason": "too short: 1 of 7 columns"},
    ]
    answer = await service.call("POST", "/v1/contacts/import", dana, content=header + ",,,,,,\n" * 3)
    assert answer.json()["errors"] == [{"field": "lines 2, 3, 4", "reason": "no name"}]
    assert len(await service.contacts(dana)) == 1


async def test_other_ways_to_send_a_file_are_refused(service, dana):
    answer = await service.call("POST", "/v1/contacts/import?source=other", dana, content=b"x")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "source")
    assert (await service.call("POST", "/v1/contacts/import", dana, files={"file": b"x"})).status_code == 422
    length = {"Content-Length": str(imports_api.BODY_LIMIT + 1)}
    assert (await service.call("POST", "/v1/contacts/import", dana, content=b"x", headers=length)).status_code == 413


async def test_an_operator_imports_for_a_member(service, dana):
    data = f"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n{ANA}\n".encode()
    path = "/v1/contacts/import?member="
    assert (await service.ok("POST", path + dana.id, OPERATOR, content=data))["added"] == 1
    assert (await service.call("POST", path + "unknown", OPERATOR, content=data)).status_code == 404


async def test_pages_and_searching(service, dana):
    rows = [f"P{number:02},\u0160imek{number % 3},,,Acme {number % 2}_x,Boss," for number in range(25)]
    await service.bring(dana, *rows)
    seen, cursor = [], ""
    for _ in range(4):
        page = await service.ok("GET", f"/v1/contacts?limit=7{cursor}", dana)
        seen += [item["name"] for item in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == sorted(seen)
    assert len(set(seen)) == 25

    async def found(text: str) -> int:
        return len((await service.ok("GET", "/v1/contacts", dana, params={"search": text}))["items"])

    assert [await found(text) for text in ("\u0161IMEK2", "acme 1", "p0", "_x", "%", "1x", "  ")] == [
        8,
        12,
        10,
        25,
        0,
        0,
        25,
    ]
    for query in ("limit=0", "limit=201", "cursor=%25", "claimed=maybe"):
        answer = await service.call("GET", f"/v1/contacts?{query}", dana)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


async def test_the_company_map(service, dana):
    await service.bring(dana, ANA, BO, CY, "Di,Ng,,,,,", "Ed,Wu,,,Hooli,,")
    contacts = await service.contacts(dana)
    first = await service.ok("GET", "/v1/companies?limit=2", dana)
    assert first["items"][0] == {
        "company": "Globex Inc.",
        "employer": True,
        "contacts": 2,
        "people": [
            {"id": contacts["Bo Li"]["id"], "position": "Designer"},
            {"id": contacts["Cy Oz"]["id"], "position": None},
        ],
    }
    second = await service.ok("GET", f"/v1/companies?limit=2&cursor={first['next']}", dana)
    assert [item["company"] for item in first["items"][1:] + second["items"]] == ["Hooli", "Initech"]
    assert second["next"] is None
    without = (await service.ok("GET", "/v1/companies?people=false", dana))["items"]
    both = first["items"] + second["items"]
    assert [{**item, "people": []} for item in both] == without


async def test_some_contacts_are_read_in_one_call_and_nobody_elses(service, dana):
    eve = await service.member("Eve Berg", "eve@example.org")
    await service.bring(dana, CY)
    await service.bring(dana, ANA, BO, CY)
    await service.bring(eve, "Di,Ng,,,,,")
    mine, (theirs,) = await service.contacts(dana), (await service.contacts(eve)).values()
    ids = [mine["Cy Oz"]["id"], mine["Ana Silva"]["id"], theirs["id"], "nobody"]
    found = await service.ok("GET", "/v1/contacts/named", dana, params={"id": ids})
    assert found["items"] == [mine["Ana Silva"], mine["Cy Oz"]], "by name"
    for wrong in ([], ["c"] * 101):
        answer = await service.call("GET", "/v1/contacts/named", dana, params={"id": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "id")


async def companies(service, who):
    page = await service.ok("GET", "/v1/companies", who)
    return {item["company"]: item["contacts"] for item in page["items"]}


async def test_a_name_that_is_no_employers_is_told_from_a_company(service, dana):
    await service.bring(dana, "Ana,Silva,,,Self-employed,,", "Bo,Li,,,Freelance Photographer,,", "Cy,Oz,,,Globex,,")
    page = await service.ok("GET", "/v1/companies?people=false", dana)
    told = {item["company"]: item["employer"] for item in page["items"]}
    assert told == {"Self-employed": False, "Freelance Photographer": False, "Globex": True}


async def test_company_keys_follow_the_vocabulary(service, dana, monkeypatch):
    await service.bring(dana, "Ana,Silva,,,Facebook,,", "Bo,Li,,,Meta Inc.,,", "Cy,Oz,,,Globex,,", "Di,Roe,,,,,")
    assert await companies(service, dana) == {"Facebook": 2, "Globex": 1}, "two names that the vocabulary knows as one"
    await service.pool.execute(
        "UPDATE contacts SET company_key = folded, company_vocabulary = 'old' WHERE company <> ''"
    )
    assert await companies(service, dana) == {"Facebook": 1, "Meta Inc.": 1, "Globex": 1}
    monkeypatch.setattr(timers, "KEYS_AT_ONCE", 2)
    await service.pool.execute("UPDATE members SET to_refind = false")
    await timers.refresh_company_keys(service.pool, Vocabulary.default())
    assert await companies(service, dana) == {"Facebook": 2, "Globex": 1}
    assert await service.pool.fetchval("SELECT bool_and(to_refind) FROM members"), "who is hidden is decided again"
    await service.pool.execute("UPDATE contacts SET company_key = 'kept' WHERE company <> ''")
    await service.pool.execute("UPDATE members SET to_refind = false")
    await timers.refresh_company_keys(service.pool, Vocabulary.default())
    assert await service.pool.fetchval("SELECT count(DISTINCT company_key) FROM contacts") == 1, "nothing to do"
    assert not await service.pool.fetchval("SELECT bool_or(to_refind) FROM members")


async def test_what_a_member_says_becomes_evidence_and_can_be_taken_back(service, dana):
    await service.bring(dana, BO)
    bo = (await service.contacts(dana))["Bo Li"]["id"]
    one = f"/v1/contacts/{bo}"
    stated = {"company": "Globex", "months": 30, "ended": "2024-05", "company_size": 40}
    await service.ok("PUT", f"{one}/closeness", dana, json={"value": 5})
    await service.ok("PUT", f"{one}/worked-together", dana, json=stated)
    view = await service.ok("PUT", f"{one}/block", dana)
    assert (view["closeness"], view["blocked"], view["worked_together"]["months"]) == (5, True, 30)
    assert view == await service.ok("GET", one, dana)
    tie = await service.tie(dana, bo)
    assert tie.pop("connected")
    assert tie == {
        "closeness": {"value": 5},
        "worked_together": stated | {"ended": "2024-05-01", "stated": True},
        "blocked": {},
    }
    before = await service.outbox()
    await service.ok("PUT", f"{one}/closeness", dana, json={"value": 5})
    assert await service.outbox() == before
    for what in ("closeness", "worked-together", "block"):
        await service.ok("DELETE", f"{one}/{what}", dana)
    assert set(await service.tie(dana, bo)) == {"connected"}


BAD = [
    ("closeness", {"value": 0}, "value"),
    ("closeness", {"value": 6}, "value"),
    ("closeness", {"value": "5"}, "value"),
    ("closeness", {"value": 2.5}, "value"),
    ("closeness", {}, "value"),
    ("closeness", {"value": 3, "note": "x"}, "note"),
    ("worked-together", {"months": 3}, "company"),
    ("worked-together", {"company": "A", "months": -1}, "months"),
    ("worked-together", {"company": "A", "months": 1, "ended": "soon"}, "ended"),
    ("worked-together", {"company": "A", "months": 1, "company_size": 0}, "company_size"),
]


async def test_bad_words_about_a_contact_are_422(service, dana):
    await service.bring(dana, BO)
    bo = (await service.contacts(dana))["Bo Li"]["id"]
    for path, body, field in BAD:
        answer = await service.call("PUT", f"/v1/contacts/{bo}/{path}", dana, json=body)
        assert answer.status_code == 422, body
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_many_ratings_at_once_say_what_single_ones_do(service, dana):
    ana = await service.member("Ana Silva", "ana@example.org", verified=True)
    await service.bring(dana, ANA, BO, CY)
    contacts = await service.contacts(dana)
    bo, cy = contacts["Bo Li"]["id"], contacts["Cy Oz"]["id"]
    ratings = [{"contact_id": one, "value": value} for one, value in ((bo, 4), (ana.id, 2))]
    await service.ok("PUT", "/v1/contacts/closeness", dana, json={"ratings": ratings})
    assert (await service.tie(dana, bo))["closeness"] == {"value": 4}
    assert (await service.tie(dana, ana.id))["closeness"] == {"value": 2}
    assert "closeness" not in await service.tie(dana, cy)
    said = {name: contact["closeness"] for name, contact in (await service.contacts(dana)).items()}
    assert said == {"Ana Silva": 2, "Bo Li": 4, "Cy Oz": None}
    before = await service.outbox()
    await service.ok("PUT", "/v1/contacts/closeness", dana, json={"ratings": ratings})
    assert await service.outbox() == before


async def test_many_ratings_are_all_said_or_none(service, dana):
    eve = await service.member("Eve Stone", "eve@example.org")
    await service.bring(eve, BO)
    ana = await service.member("Ana Silva", "ana@example.org", verified=True)
    await service.bring(dana, ANA, BO)
    mine = (await service.contacts(dana))["Bo Li"]["id"]
    known_twice = await service.pool.fetchval("SELECT contact_id FROM contacts WHERE member_id = $1", ana.id)
    good = {"contact_id": mine, "value": 4}
    before = await service.outbox()
    for second, status, field in (
        ({"contact_id": (await service.contacts(eve))["Bo Li"]["id"], "value": 3}, 404, None),
        ({"contact_id": "unknown", "value": 3}, 404, None),
        (good, 422, "ratings.1.contact_id"),
        ({"contact_id": mine, "value": 6}, 422, "ratings.1.value"),
        ({"contact_id": mine}, 422, "ratings.1.value"),
        ({"contact_id": "", "value": 3}, 422, "ratings.1.contact_id"),
        (good | {"note": "x"}, 422, "ratings.1.note"),
    ):
        body = {"ratings": [good, second]}
        answer = await service.call("PUT", "/v1/contacts/closeness", dana, json=body)
        assert answer.status_code == status, second
        assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])
    both = {"ratings": [{"contact_id": ana.id, "value": 3}, {"contact_id": known_twice, "value": 3}]}
    assert (await service.call("PUT", "/v1/contacts/closeness", dana, json=both)).status_code == 422
    assert await service.outbox() == before
    assert {contact["closeness"] for contact in (await service.contacts(dana)).values()} == {None}


async def test_ratings_are_bounded(service, dana):
    for count in (0, 501):
        body = {"ratings": [{"contact_id": "c", "value": 3}] * count}
        answer = await service.call("PUT", "/v1/contacts/closeness", dana, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "ratings"


async def test_two_imports_at_once_leave_the_address_book_of_one(service, dana):
    rows = [f"P{number},X,,,Acme,Boss," for number in range(200)]
    await asyncio.gather(*(service.bring(dana, *rows[: 100 + extra]) for extra in range(4)))
    contacts = (await service.ok("GET", "/v1/contacts?limit=200", dana))["items"]
    assert len(contacts) in range(100, 104)
    assert len({contact["name"] for contact in contacts}) == len(contacts)
    live = [key for key, value in (await service.said("ties.v1")).items() if value]
    assert sorted(live) == sorted(f"{dana.id}:{contact['id']}" for contact in contacts)


async def test_of_one_members_files_one_is_read_at_a_time_and_nobody_else_waits(service, dana, monkeypatch):
    eve = await service.member("Eve Stone", "eve@example.org")
    read, reading, most = imports_api.registry.read_contacts, Counter(), Counter()

    def slowly(file, *, source, owner):
        whose = tuple(owner.emails)
        reading.update([whose, "anybody"])
        most.update({one: reading[one] - most[one] for one in (whose, "anybody") if reading[one] > most[one]})
        time.sleep(0.2)
        reading.subtract([whose, "anybody"])
        return read(file, source=source, owner=owner)

    monkeypatch.setattr(imports_api.registry, "read_contacts", slowly)
    await asyncio.gather(*(service.bring(who, "P,X,,,Acme,Boss,") for who in (dana, dana, dana, eve)))
    assert most.pop("anybody") == 2
    assert set(most.values()) == {1}
