"""Pages of an organisation: openings, colleagues and keys, as recruiters see them."""

import httpx2
import pytest

from services.console.browser import ORGANISATIONS, PLACES, SESSION, form_token
from services.console.pages.openings import word
from tests.unit.console.answering import browser, client

AT = "2026-10-01T08:00:00+00:00"
HERE = "/v1/organisations/o-1"
WORKS = {
    "organisation_id": "o-1", "name": "Initech", "domain": "initech.example", "role": "owner", "vouched": True,
}  # fmt: skip
KEY = {"key_id": "k-1", "name": "ATS", "scope": "post", "created_at": AT, "last_used_at": None, "expires_at": None}
OPENING = {
    "posting_id": "p-1", "title": "Data Engineer", "company": {"name": "Initech"}, "external_id": None,
    "status": "open", "valid_through": None, "posted_at": AT, "seekers": None, "counted_at": None,
}  # fmt: skip
ME = {"member_id": "m-1", "name": "Ada"}


async def read(path, **answers):
    async with client(answers, **{SESSION: "wpm_s"}) as http:
        found = await http.get(path)
    assert found.status_code == 200
    return found.text


async def test_of_two_keys_of_one_name_the_old_one_says_until_when_it_works():
    keys = [KEY | {"expires_at": "2026-10-02T09:30:00+00:00"}, KEY | {"key_id": "k-2"}]
    page = await read("/organisations/o-1/keys", **{HERE: WORKS, f"{HERE}/keys": {"items": keys}})
    assert page.count('<tr>\n    <th scope="row">ATS <span class="tag">') == 2
    assert "the old one: replaced, works until 2 October 2026, 09:30 UTC" in page
    assert page.count("the new one") == 1
    assert page.count("1 October") == 2


@pytest.mark.parametrize("label", ["It may", "Made", "Last used"])
async def test_figures_keep_their_headings_where_a_table_becomes_a_list(label):
    page = await read("/organisations/o-1/keys", **{HERE: WORKS, f"{HERE}/keys": {"items": [KEY]}})
    assert f'<td data-label="{label}">' in page


@pytest.mark.parametrize(("counted", "said"), [
    ({"seekers": None, "counted_at": None}, "not counted yet"),
    ({"seekers": 20, "counted_at": None}, "not counted yet"),
    ({"seekers": None, "counted_at": AT}, "not counted yet"),
    ({"seekers": "<10", "counted_at": AT}, "fewer than 10 people"),
    ({"seekers": 1_250, "counted_at": AT}, "at least 1,250 people"),
])  # fmt: skip
async def test_how_many_have_a_way_in_is_told_once_it_is_counted(counted, said):
    listed = {"items": [OPENING | counted], "next": None}
    page = await read("/organisations/o-1", **{HERE: WORKS, "/v1/postings": listed})
    assert f'<td data-label="Have a way in">{said}</td>' in page


async def test_whoever_is_invited_stands_there_by_their_address_and_a_colleague_without_a_name_as_one():
    works = {"member_id": "m-2", "name": None, "role": "recruiter", "joined_at": AT, "hiring_contact": False}
    invited = {"invitation_id": "i-1", "email": "ben@mail.example", "role": "viewer", "created_at": AT}
    answers = {HERE: WORKS, "/v1/me": ME, f"{HERE}/members": {"items": [works]}}
    page = await read("/organisations/o-1/people", **answers, **{f"{HERE}/invitations": {"items": [invited]}})
    assert '<th scope="row">A colleague</th>' in page
    assert '<th scope="row">ben@mail.example</th>' in page


async def test_whom_an_invitation_went_to_is_said_and_stands_in_no_address():
    invited = {"invitation_id": "i-1", "email": "ben@mail.example", "role": "viewer", "created_at": AT}
    answers = {HERE: WORKS, "/v1/me": ME, f"{HERE}/members": {"items": []}, f"{HERE}/invitations": {"items": [invited]}}

    def answer(request):
        found = answers[request.url.path] if request.method == "GET" else invited
        return httpx2.Response(200, json=found)

    entered = {"form_token": form_token("wpm_s"), "what": "invite", "email": "ben@mail.example", "role": "viewer"}
    said = "Invited ben@mail.example: the e-mail is on its way."
    async with browser(answer, **{SESSION: "wpm_s"}) as http:
        sent = (await http.post("/organisations/o-1/people", data=entered)).headers["location"]
        assert "ben" not in sent
        assert said in (await http.get(sent)).text
        assert said not in (await http.get("/organisations/o-1/people?sent=i-2")).text


@pytest.mark.parametrize(("vouched", "proof", "around"), [
    (True, None, "<details><summary>Verify"), (False, None, ""),
    (True, {"email": "me@initech.example"}, "<details open><summary>Verify"),
])  # fmt: skip
async def test_who_is_vouched_for_is_asked_for_a_domain_only_if_they_want(vouched, proof, around):
    works = WORKS | {"domain": None, "vouched": vouched, "domain_proof": proof}
    page = await read("/organisations/o-1/about", **{HERE: works, "/v1/me": ME | {"hiring_contact_for": []}})
    form = page.index('name="email"')
    assert ("Verify one all the same" in page[:form]) == vouched
    assert around in page[:form]
    assert page.count("<details") == page.count("</details>") == 1 + vouched


@pytest.mark.parametrize(("more", "leads"), [
    ({}, "/organisations/o-1"),
    ({"/v1/organisations": {"items": [WORKS, WORKS | {"organisation_id": "o-2"}]}}, "/organisations"),
    ({"/v1/me": ME | {"contacts": 1, "seeking": None}}, "/suggestions"),
    ({"/v1/me": ME | {"contacts": 0, "seeking": {"titles": []}}}, "/suggestions"),
    ({"/v1/organisations": {"items": []}}, "/suggestions"),
    ({"/v1/organisations": None}, "/suggestions"),
])  # fmt: skip
async def test_the_first_page_of_whoever_only_recruits_is_their_openings(more, leads):
    answers = {"/v1/me": ME | {"contacts": 0, "seeking": None}, "/v1/organisations": {"items": [WORKS]}} | more
    for places, where in ((ORGANISATIONS, leads), ("", "/suggestions")):
        async with client(answers, **{SESSION: "wpm_s", PLACES: places}) as http:
            assert (await http.get("/")).headers["location"] == where


async def test_what_somebody_else_changed_meanwhile_is_told_with_the_newest_version_and_what_one_entered():
    def answer(request):
        if request.method == "PATCH":
            return httpx2.Response(412, json={"detail": "the posting has changed since that version"})
        return httpx2.Response(200, json=WORKS if request.url.path == HERE else {"items": []})

    entered = {"form_token": form_token("wpm_s"), "what": "save", "version": "3", "title": "Data Scientist"}
    async with browser(answer, **{SESSION: "wpm_s"}) as http:
        found = await http.post("/organisations/o-1/openings/p-1", data=entered)
    assert found.status_code == 422
    assert "Somebody has changed this opening" in found.text
    assert (
        '<a href="/organisations/o-1/openings/p-1" target="_blank" rel="noopener">Open the newest version' in found.text
    )
    assert 'value="Data Scientist"' in found.text
    assert 'value="save"' not in found.text


@pytest.mark.parametrize(("field", "reason", "said"), [
    ("salary.min", "Input should be a valid number, unable to parse string as a number", "salary_min: enter a number"),
    ("salary.currency", "Field required", "currency: fill this in"),
    ("workplace", "Input should be 'onsite', 'hybrid' or 'remote'", "workplace: write 'onsite', 'hybrid' or 'remote'"),
])  # fmt: skip
def test_what_is_wrong_with_a_row_of_a_table_names_its_column_and_what_to_do(field, reason, said):
    rows = [{"errors": [{"field": field, "reason": reason}]}, {}]
    word(rows, table=True)
    assert [row["wrong"] for row in rows] == [[said], []]
