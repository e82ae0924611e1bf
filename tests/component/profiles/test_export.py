"""What a member takes away: everything that is kept of them, and nothing of anybody else."""

import csv
import io
import json
import zipfile

import httpx2
import pytest

from services.profiles import export
from shared.privacy import KEPT
from tests.component.profiles.conftest import OPERATOR
from tests.component.profiles.test_erasure import LINK, a_network

LEFT_OUT = {
    "members": {"profile_key", "version", "digest", "to_refind", "listed", "imported", "new_email"},
    "contacts": {
        *("contact_id", "owner_id", "member_id", "name_key", "folded", "profile_key", "company_key"),
        *("person_version", "person_digest", "tie_version", "tie_digest", "company_vocabulary"),
        *("source", "listed", "seen", "introduced_to"),
    },
    "tokens": {"token_hash", "member_id", "session"},
    "proofs": {
        *("proof_id", "member_id", "browser_hash", "link_hash", "code_hash", "tries", "attempts", "send_at"),
    },
}
"""Hashes, keys made from what is exported, versions, columns that are written no more; ids stand there as `id`.
`new_email` is the profile's `email` while it waits."""

FILES = {
    "members": ["profile"],
    "contacts": ["contacts"],
    "tokens": ["sessions", "tokens"],
    "proofs": ["proofs"],
}


KEPT_BY_POSTINGS = {
    "organisations": [{"organisation_id": "o-1", "name": "Initech", "role": "owner"}],
    "invitations": [{"organisation_id": "o-1", "email": "ben@mail.example", "role": "viewer"}],
}


@pytest.fixture(autouse=True)
def postings(service):
    """What postings would answer, and for whom it was asked."""
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(200, json=KEPT_BY_POSTINGS)

    with service.instead(client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer))):
        yield asked


async def taken(service, who, **options):
    """The archive: each JSON file read, each CSV file as rows of cells."""
    answer = await service.call("GET", "/v1/me/export", who, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {
        name: json.loads(text) if name.endswith(".json") else list(csv.reader(io.StringIO(text)))
        for name, text in texts.items()
        if name != "README.txt"
    }, "".join(texts.values())


async def full(service):
    """Dana with something in every table, and a session."""
    dana, eve, ana = await a_network(service)
    seeking = {"titles": ["Data Engineer"], "blocked_companies": ["Hooli"]}
    jobs = [{"company": "Globex", "title": "Engineer", "start": "2020-01-01"}]
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": seeking, "employments": jobs, "skills": ["Python"]})
    await service.ok("PUT", f"/v1/contacts/{ana}/closeness", dana, json={"value": 4})
    await service.ok("PUT", f"/v1/contacts/{ana}/worked-together", dana, json={"company": "Umbrella", "months": 5})
    await service.ok("POST", "/v1/tokens", dana, json={"name": "My script", "scope": "read"})
    assert (await service.call("POST", "/v1/me/email", dana, json={"email": "new@example.org"})).status_code == 202
    await service.letters()
    session = await service.sign_in("dana@example.org", about="Firefox on Linux")
    return dana, eve, session


async def test_everything_that_is_kept_of_a_member_is_in_it(service):
    _, _, session = await full(service)
    files, text = await taken(service, session)
    profile = ("Dana Okafor", "dana@example.org", LINK, "Data Engineer", "Hooli", "Globex", "Python")
    book = ("Ana Silvestre", "ana@example.net", "Initech", "Umbrella")
    for word in (*profile, *book, "My script", "Firefox on Linux", "new@example.org"):
        assert word in text, word
    [ana] = [one for one in files["contacts.json"] if one["name"] == "Ana Silvestre"]
    assert (ana["closeness"], ana["worked_together"]["months"], ana["blocked"]) == (4, 5, False)
    assert [(one["source"], one["name"]) for one in ana["sources"]] == [("linkedin", "Ana Silvestre")]
    assert {"member.added", "contacts.imported", "session.begun"} <= {one["action"] for one in files["audit.json"]}


async def test_each_column_is_in_it_or_was_left_out_on_purpose(service):
    _, _, session = await full(service)
    files, _ = await taken(service, session)
    names = {"tokens": {"name": "about", "token_id": "session_id"}}
    for table, inside in FILES.items():
        rows = await service.pool.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'profiles' AND table_name = $1",
            table,
        )
        columns = {row["column_name"] for row in rows}
        assert columns
        shown = set()
        for file in inside:
            data = files[f"{file}.json"]
            shown |= (data if isinstance(data, dict) else data[0]).keys()
        missing = {column for column in columns - LEFT_OUT[table] if column not in shown}
        missing -= {column for column in missing if names.get(table, {}).get(column) in shown}
        assert not missing, table
        assert columns >= LEFT_OUT[table], "left out, but not there"


async def test_it_holds_nothing_of_others_and_no_secret(service):
    dana, eve, session = await full(service)
    await service.bring(eve, "D.,Secret Nickname,,dana@example.org,Hooli,Friend,")
    _, text = await taken(service, session)
    for word in ("Secret Nickname", dana.token, session.token):
        assert word not in text
    for row in await service.pool.fetch("SELECT token_hash FROM tokens"):
        assert row["token_hash"] not in text
    _, theirs = await taken(service, eve)
    assert "Ana Silvestre" not in theirs
    assert "Data Engineer" not in theirs


async def test_the_csv_files_say_the_same_and_calculate_nothing(service, dana):
    await service.bring(dana, "Ana,Silva,,,Initech,,", "Zoë,Müller,,,Initech,,")
    await service.pool.execute("UPDATE contacts SET name = '=1+1', company = '@SUM(A1)' WHERE name = 'Ana Silva'")
    files, _ = await taken(service, dana)
    header, *rows = files["contacts.csv"]
    assert header == list(files["contacts.json"][0])
    assert sorted(row[header.index("name")] for row in rows) == ["'=1+1", "Zoë Müller"]
    assert sorted(one["name"] for one in files["contacts.json"]) == ["=1+1", "Zoë Müller"]
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


async def test_a_long_address_book_comes_whole(service, dana, monkeypatch):
    monkeypatch.setattr(export, "PAGE", 7)
    await service.bring(dana, *(f"P{number},X,,p{number}@example.org,Initech,," for number in range(40)))
    files, _ = await taken(service, dana)
    assert len(files["contacts.json"]) == len(files["contacts.csv"]) - 1 == 40
    assert len({one["id"] for one in files["contacts.json"]}) == 40


async def test_it_comes_while_it_is_made(service, dana):
    await service.bring(dana, *(f"P{number},X,,p{number}@example.org,Initech,," for number in range(1200)))
    pieces = [piece async for piece in export.Export(service.pool, dana.id, {}, KEPT_BY_POSTINGS).stream()]
    assert len([piece for piece in pieces if piece]) > 5
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 3


async def test_somebody_new_gets_an_archive_too(service):
    member = await service.sign_in("new@example.org")
    files, _ = await taken(service, member)
    assert files["contacts.json"] == []
    assert files["contacts.csv"] == []
    assert files["profile.json"]["books"] == {}


async def test_it_says_what_the_other_services_keep(service, dana):
    files, _ = await taken(service, dana)
    places = {one["where"] for one in files["elsewhere.json"]}
    kept = {place for one in KEPT if one.how_long for place in one.places}
    assert {place for place in kept if not place.startswith("profiles.")} == places
    assert all(
        one["how_to_get"]
        for one in files["elsewhere.json"]
        if one["where"].startswith(("notifications.", "introductions."))
    )


async def test_an_operator_takes_it_for_somebody_and_the_audit_says_so(service, dana):
    files, _ = await taken(service, OPERATOR, params={"member": dana.id})
    assert files["profile.json"]["member_id"] == dana.id
    lines = (await service.call("GET", f"/internal/v1/audit?about={dana.id}", OPERATOR)).json()["items"]
    assert (lines[0]["actor"], lines[0]["action"]) == ("operator", "member.exported")


@pytest.mark.parametrize("name", export.LISTS)
def test_each_file_is_explained(name):
    assert f"{name}.json, {name}.csv" in export._readme()


async def test_the_part_that_postings_keeps_is_in_it_or_nothing_is(service, dana, postings):
    files, _ = await taken(service, dana)
    assert postings == [f"/internal/v1/members/{dana.id}/organisations"]
    for name, rows in KEPT_BY_POSTINGS.items():
        assert files[f"{name}.json"] == rows
        assert files[f"{name}.csv"][0] == list(rows[0])
    with service.instead(urls={"postings": "http://127.0.0.1:1"}, client=httpx2.AsyncClient()):
        assert (await service.call("GET", "/v1/me/export", dana)).status_code == 503
