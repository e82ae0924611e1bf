"""What each source says of a contact, in the tables: kept apart, and kept from before there was more than one."""

import shutil
from datetime import date

import pytest

from services.profiles import store
from shared.storage.migrations import migrate
from shared.storage.pool import open_pool
from tests.component.profiles.conftest import HEADER
from tests.unit.profiles.archives import ANA, CONNECTIONS, ME, PROFILE, message, messages, packed
from tests.unit.profiles.resumes import GOOD, JOBS
from tests.unit.profiles.test_mailbox import mail

MEMBER = """
INSERT INTO members (member_id, name, email, email_verified, profile_verified, time_zone, employments, skills,
    introduces, listed, imported)
VALUES ('m', 'Dana', 'dana@example.org', true, false, 'UTC', '[]', '[]', false, 700, 'x')
"""
CONTACT = """
INSERT INTO contacts (contact_id, owner_id, name, name_key, folded, email, profile_url, company, position, connected_on,
    source, listed, seen, closeness, blocked, tie_version)
VALUES ('c', 'm', 'Ana', 'ana', 'ana', 'ana@example.org', 'https://www.linkedin.com/in/ana', 'Initech', 'Engineer',
    '2024-01-01', 'linkedin', true, '2026-03-10', 4, false, 7)
"""


async def test_contacts_from_before_there_were_sources_keep_all_they_have(database, tmp_path):
    older = tmp_path / "profiles" / "migrations"
    older.mkdir(parents=True)
    for file in sorted(store.MIGRATIONS.glob("000[1234]_*.sql")):
        shutil.copy(file, older)
    pool = await open_pool(database.dsn("profiles"), schema="profiles")
    try:
        await migrate(pool, older)
        await pool.execute(MEMBER)
        await pool.execute(CONTACT)
        await migrate(pool, store.MIGRATIONS)
        async with pool.acquire() as conn, conn.transaction():
            (contact,) = await store.contacts(conn, "lock_contacts", "m")
            owner = await store.find_member(conn, "m")
    finally:
        await pool.close()
    assert owner is not None
    assert owner.listed == {"linkedin": 700}
    assert contact == contact.with_sources(contact.sources), "what is shown is what the source told"
    assert (contact.closeness, contact.tie.version, contact.email) == (4, 7, "ana@example.org")
    (facts,) = contact.sources
    assert (facts.source, facts.listed, facts.seen, facts.connected) == ("linkedin", True, date(2026, 1, 1), True)
    assert (facts.company, facts.connected_on, facts.address) == ("Initech", date(2024, 1, 1), False)


async def kinds(service, who, contact):
    event = (await service.said("ties.v1"))[f"{who.id}:{contact['id']}"]
    return [one["kind"] for one in event["evidence"]]


async def test_one_archive_makes_a_network_with_weights_and_a_profile_to_confirm(service, dana):
    rows = [message(ME, ANA), message(ANA, ME, content="SECRET")]
    data = packed({"Connections.csv": CONNECTIONS, "messages.csv": messages(*rows), **PROFILE})
    report = await service.ok("POST", "/v1/contacts/import", dana, content=data)
    assert (report["added"], report["parts"]["messages.csv"]) == (2, 2)
    assert report["profile"]["headline"] == "Engineer at Initech"
    contacts = await service.contacts(dana)
    assert await kinds(service, dana, contacts["Ana Silva"]) == ["connected", "messages"]
    assert await kinds(service, dana, contacts["Bo Li"]) == ["connected"]
    me = await service.ok("GET", "/v1/me", dana)
    assert (me["employments"], me["skills"]) == ([], []), "nothing before it is confirmed"
    draft = await service.ok("POST", "/v1/me/import", dana, content=data)
    assert draft == report["profile"]
    assert (draft["titles"], draft["places"]) == (["Engineer"], ["Lisbon, Portugal"])
    before = await service.outbox()
    again = await service.ok("POST", "/v1/contacts/import", dana, content=data)
    assert again["unchanged"] == 2
    assert await service.outbox() == before
    tables = await service.pool.fetch("SELECT contacts::text, contact_sources::text FROM contacts, contact_sources")
    assert "SECRET" not in str(tables)


@pytest.mark.parametrize("kind", GOOD)
async def test_a_resume_is_a_draft_and_what_is_confirmed_of_it_is_not_asked_again(service, dana, kind):
    draft = await service.ok("POST", "/v1/me/import", dana, content=GOOD[kind])
    assert [(job["company"], job["start"]) for job in draft["employments"]] == [(job[0], job[2]) for job in JOBS]
    me = await service.ok("GET", "/v1/me", dana)
    assert (me["headline"], me["employments"], me["skills"]) == (None, [], []), "nothing before it is confirmed"
    confirmed = {"headline": draft["headline"], "employments": draft["employments"], "skills": draft["skills"]}
    me = await service.ok("PATCH", "/v1/me", dana, json=confirmed)
    assert [job["start"] for job in me["employments"]] == ["2021-03-01", "2017-01-01"], "a year is its first month"
    again = await service.ok("POST", "/v1/me/import", dana, content=GOOD[kind])
    assert (again["employments"], again["skills"]) == ([], [])


async def test_a_newer_list_of_connections_leaves_the_messages_alone(service, dana):
    data = packed(
        {"Connections.csv": CONNECTIONS, "messages.csv": messages(message(ME, ANA), message(ANA, ME)), **PROFILE}
    )
    await service.ok("POST", "/v1/contacts/import", dana, content=data)
    report = await service.bring(dana, "Bo,Li,https://www.linkedin.com/in/bo-li,,Globex,Designer,15 Mar 2021")
    assert (report["removed"], report["unchanged"]) == (0, 1)
    contacts = await service.contacts(dana)
    assert sorted(contacts) == ["Ana Silva", "Bo Li"]
    assert await kinds(service, dana, contacts["Ana Silva"]) == ["messages"]


async def test_a_file_without_contacts_or_without_a_profile_says_so(service, dana):
    only_profile = packed(dict(PROFILE))
    answer = await service.call("POST", "/v1/contacts/import", dana, content=only_profile)
    assert (answer.status_code, answer.json()["detail"]) == (422, "there are no contacts in this file, only a profile")
    answer = await service.call("POST", "/v1/me/import", dana, content=CONNECTIONS.encode())
    assert (answer.status_code, answer.json()["detail"]) == (422, "there is no profile in this file")


GOOGLE = (
    "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value\n"
    "Ana,Silva,,*,ana@home.example\nEve,Stone,,*,eve@x.example\n"
)
CARDS = "BEGIN:VCARD\nVERSION:3.0\nFN:Bo Li\nTEL;CELL:+1 555 0100\nURL:https://www.linkedin.com/in/bo-li\nEND:VCARD\n"


async def test_each_kind_of_file_adds_to_what_the_others_told(service, dana):
    """Who is who is told by links, addresses and full names; each file takes back only what it told."""
    letters = "".join([mail("dana@example.org", "ana@home.example"), mail("ana@home.example", "dana@example.org")])
    for data, kind in ((CONNECTIONS, "linkedin"), (GOOGLE, "google-contacts"), (CARDS, "vcard"), (letters, "mailbox")):
        report = await service.ok("POST", "/v1/contacts/import", dana, content=data.encode())
        assert (report["format"], report["removed"]) == (kind, 0)
        before = await service.outbox()
        await service.ok("POST", f"/v1/contacts/import?source={kind}", dana, content=data.encode())
        assert await service.outbox() == before
    contacts = await service.contacts(dana)
    assert list(contacts) == ["Ana Silva", "Bo Li", "Eve Stone"]
    assert (contacts["Ana Silva"]["email"], contacts["Ana Silva"]["company"]) == ("ana@home.example", "Initech")
    assert await kinds(service, dana, contacts["Ana Silva"]) == ["connected", "address", "messages"]
    assert await kinds(service, dana, contacts["Bo Li"]) == ["connected", "address"]
    assert await kinds(service, dana, contacts["Eve Stone"]) == ["address"]
    fewer = GOOGLE.replace("Eve,Stone", "Fay,Stone").replace("eve@", "fay@")
    report = await service.ok("POST", "/v1/contacts/import", dana, content=fewer.encode())
    assert (report["added"], report["removed"], report["unchanged"]) == (1, 1, 1)
    tables = await service.pool.fetch("SELECT contacts::text, contact_sources::text FROM contacts, contact_sources")
    assert "555 0100" not in str(tables), "numbers are not kept"


async def test_a_part_of_a_list_is_added_and_takes_nobody_away_unless_it_is_said_to_be_the_whole(service):
    owner = await service.member("Omar Osei", "omar@mail.example", verified=True)
    first, second = "Ida,Inside,,,Globex,Engineer,", "Gus,Guest,,,Initech,Recruiter,"
    await service.bring(owner, first)
    path, content = "/v1/contacts/import?missing=keep", f"{HEADER}\n{second}".encode()
    report = await service.ok("POST", path, owner, content=content)
    assert (report["added"], report["removed"], report["kept"]) == (1, 0, 0)
    assert set(await service.contacts(owner)) == {"Ida Inside", "Gus Guest"}
    assert (await service.ok("POST", path, owner, content=content))["unchanged"] == 2
    assert (await service.bring(owner, second))["removed"] == 1, "the same file as the whole list is news"
    assert set(await service.contacts(owner)) == {"Gus Guest"}


async def test_a_file_is_taken_back_with_whom_it_alone_brought(service, dana):
    book = [
        HEADER,
        "Ana,Able,https://www.linkedin.com/in/ana,,Initech,,",
        "Ben,Brown,https://www.linkedin.com/in/ben,,,,",
    ]
    book.append("Cy,Cole,https://www.linkedin.com/in/cy,,,,")
    await service.ok("POST", "/v1/contacts/import?source=linkedin", dana, content="\n".join(book))
    card = b"BEGIN:VCARD\nVERSION:3.0\nFN:Ben Brown\nURL:https://www.linkedin.com/in/ben\nEND:VCARD\n"
    await service.ok("POST", "/v1/contacts/import?source=vcard", dana, content=card)
    people = {one["name"]: one["id"] for one in (await service.ok("GET", "/v1/contacts", dana))["items"]}
    await service.ok("PUT", f"/v1/contacts/{people['Cy Cole']}/closeness", dana, json={"value": 4})
    found = await service.ok("GET", "/v1/contact-sources", dana)
    assert found["items"] == [{"source": "linkedin", "listed": 3}, {"source": "vcard", "listed": 1}]
    gone = await service.ok("DELETE", "/v1/contact-sources/linkedin", dana)
    assert (gone["removed"], gone["kept"]) == (1, 2)
    left = {one["name"] for one in (await service.ok("GET", "/v1/contacts", dana))["items"]}
    assert left == {"Ben Brown", "Cy Cole"}
    assert (await service.ok("GET", "/v1/contact-sources", dana))["items"] == [{"source": "vcard", "listed": 1}]
    again = await service.call("DELETE", "/v1/contact-sources/linkedin", dana)
    assert again.status_code == 404
    await service.ok("POST", "/v1/contacts/import?source=linkedin", dana, content="\n".join(book))
    assert len((await service.ok("GET", "/v1/contacts", dana))["items"]) == 3, "the same file brings them back"
