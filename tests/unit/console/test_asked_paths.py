"""What is written into a form or an address names a thing within a service's path, and never leads to another path."""

from urllib.parse import unquote

import httpx2
import pytest
from fastapi.routing import APIRoute

from services.console.backend import Backend, ServiceError, under
from services.console.browser import SESSION, form_token
from services.console.pages import PAGES
from services.console.pages.suggestions import MARKS
from tests.unit.console.answering import browser

SESSION_TOKEN = "wpm_somebody"
IN_FORM, IN_ADDRESS = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
QUOTED = ["..%2Fme", "a?b=c", "a#b", "%00", "%2E%2E", "a\\b", "é", ";"]
"""Strange, and still the name of something; the services know nothing of these names."""
REFUSED = ["../me", "..", ".", "a/b", "me\x00", "a\nb", "x" * 600]
IDS = ("session_id", "token_id", "key_id", "member_id", "invitation_id", "source", "contact")

ORGANISATION = "/organisations/{organisation_id}"
BUTTONS = {
    f"{ORGANISATION}/people": ["invite", "revoke", "role", "remove", "leave"],
    f"{ORGANISATION}/about": ["rename", "domain", "verify", "record", "no-domain"],
    f"{ORGANISATION}/keys": ["delete", "replace", "make"],
    f"{ORGANISATION}/openings/{{posting_id}}": ["delete", "close", "open", "save"],
    "/people/{contact_id}": ["closeness", "no-closeness", "worked-together", "block", "may-not-find-me"],
    "/suggestions/{item_id}": list(MARKS),
    "/introductions/{introduction_id}": ["draft", "withdraw", "yes"],
    "/keep-in-touch/{person_id}": ["done"],
    "/hidden/people/{person_id}": ["show", "hide"],
}
ROUTES = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
FORMS = [(one.path, what) for one in ROUTES if "POST" in one.methods for what in BUTTONS.get(one.path, [""])]
WITH_NAMES = [
    (method, one.path, what)
    for one in ROUTES
    for method in one.methods
    for what in (BUTTONS.get(one.path, [""]) if method == "POST" else [""])
    if "_id}" in one.path or "{token}" in one.path or "{letter}" in one.path
]


def address(path, name):
    """The address of a page about this."""
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    return "/".join({"{group}": "matching"}.get(part, encoded if part[:1] == "{" else part) for part in path.split("/"))


async def asked(method, path, what, *, form=IN_FORM, there=IN_ADDRESS):
    """The status of the answer, and which paths of services were asked for, as their routers see them.

    `form`: the name in every field that may hold one; `there`: the name in the page's address.
    """
    paths = []

    def answer(request):
        paths.append(unquote(request.url.raw_path.decode().partition("?")[0]))
        return httpx2.Response(200 if paths[-1].endswith("/audit") else 404, json={"detail": "no such thing"})

    fields = {"form_token": form_token(SESSION_TOKEN), "what": what, "closeness": "3"} | dict.fromkeys(IDS, form)
    async with browser(answer, **{SESSION: SESSION_TOKEN}) as http:
        said = await http.request(method, address(path, there), **({"data": fields} if method == "POST" else {}))
    return said.status_code, set(paths)


def with_name(paths, usual, name):
    return {path.replace(usual, name) for path in paths}


def test_forms_and_pages_are_looked_at():
    assert len(FORMS) > 50
    assert len(WITH_NAMES) > 40


@pytest.mark.parametrize(("path", "what"), FORMS)
async def test_a_name_in_a_form_leads_to_no_other_path(path, what):
    status, paths = await asked("POST", path, what)
    assert status < 500
    for name in QUOTED:
        assert await asked("POST", path, what, form=name) == (status, with_name(paths, IN_FORM, name)), name
    without = {one for one in paths if IN_FORM not in one}
    for name in REFUSED:
        assert await asked("POST", path, what, form=name) == (status, without), name


@pytest.mark.parametrize(("method", "path", "what"), WITH_NAMES)
async def test_a_name_in_an_address_leads_to_no_other_path(method, path, what):
    status, paths = await asked(method, path, what)
    assert status < 500
    for name in QUOTED:
        assert await asked(method, path, what, there=name) == (status, with_name(paths, IN_ADDRESS, name)), name
    without = {one for one in paths if IN_ADDRESS not in one}
    for name in REFUSED:
        found = await asked(method, path, what, there=name)
        assert found[0] < 500, name
        assert found[1] <= without, name


async def test_nobody_is_erased_by_ending_a_session():
    form = {"form_token": form_token(SESSION_TOKEN), "session_id": "../me"}
    calls = []

    def answer(request):
        calls.append((request.method, request.url.path))
        return httpx2.Response(204)

    async with browser(answer, **{SESSION: SESSION_TOKEN}) as http:
        said = await http.post("/settings/sessions", data=form)
    assert (said.status_code, calls) == (404, [])
    assert "text/html" in said.headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/v1/sessions/../me", "/v1/sessions/", "/v1//me", "/v1/%2E%2E/me", "/v1/a%2Fb", "/v1/a?b=c"]
)
async def test_a_path_that_was_put_together_otherwise_is_not_asked_for(path):
    def answer(request):
        raise AssertionError(f"asked for {request.url}")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        api = Backend(http, {"profiles": "http://profiles.example"}, "wpm_somebody")
        for call in (api.get("profiles", path), api.send("profiles", "DELETE", path), api.stream("profiles", path, {})):
            with pytest.raises(ServiceError) as refused:
                await call
            assert refused.value.status == 404


@pytest.mark.parametrize("name", ["..%2Fme", "a?b=c", "é", IN_FORM])
def test_a_strange_name_stays_one_part(name):
    path = under("/v1/contacts", name, "block")
    assert [unquote(part) for part in path.split("/")] == ["", "v1", "contacts", name, "block"]
