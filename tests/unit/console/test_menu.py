"""What the menu offers beyond everybody's pages, and pages of operators while a service does not answer."""

import pytest

from services.console.browser import PLACES, SESSION, form_token
from tests.unit.console.answering import client

SIGN_IN = "/internal/v1/sign-ins/finish"
LETTERS = {"group": "postings", "kinds": [], "items": []}


@pytest.mark.parametrize(
    ("operates", "organisations", "offered"),
    [
        ({"active": True}, {"items": []}, set()),
        ({"active": True, "operates": True}, {"items": []}, {"operations"}),
        ({"active": True}, {"items": [{"name": "Initech"}]}, {"organisations"}),
        ({"active": True, "operates": True}, {"items": [{"name": "Initech"}]}, {"operations", "organisations"}),
        (None, None, set()),
    ],
)
async def test_whoever_signs_in_is_offered_what_the_services_know_them_for(operates, organisations, offered):
    answers = {
        SIGN_IN: {"token": "wpm_somebody", "new": False}, "/internal/v1/introspect": operates,
        "/v1/organisations": organisations, "/v1/limits": {
            "asks_a_month": 4, "quiet_until": None, "never": {"companies": [], "members": []}, "from": "warm"
        },
    }  # fmt: skip
    async with client(answers) as http:
        await http.post("/sign-in/link", data={"token": "x"})
        assert http.cookies[SESSION] == "wpm_somebody"
        page = (await http.get("/limits")).text
    nav = page[page.index("<nav") : page.index("</nav>")]
    assert {place for place in ("operations", "organisations") if f'href="/{place}"' in nav} == offered
    assert ("For recruiters" in page) == ("organisations" not in offered)


async def test_a_cookie_names_no_other_place():
    async with client(
        {"/v1/organisations": {"items": []}}, **{SESSION: "wpm_x", PLACES: "operations.evil.give"}
    ) as http:
        page = await http.get("/organisations")
        nav = page.text[: page.text.index("</nav>")]
        assert nav.count('href="/operations"') == nav.count('href="/give"') == 1
        assert "evil" not in page.text
        assert f"{PLACES}=operations;" in page.headers["set-cookie"]


async def test_signing_out_takes_the_hint_along():
    cookies = {SESSION: "wpm_x", PLACES: "operations"}
    async with client({"/v1/sessions/current": {}}, **cookies) as http:
        gone = await http.post("/sign-out", data={"form_token": form_token("wpm_x")})
    taken = [each.partition("=")[0] for each in gone.headers.get_list("set-cookie") if "Max-Age=0" in each]
    assert set(taken) == {SESSION, PLACES}


async def test_dead_letters_of_the_others_are_shown_while_one_service_is_silent():
    answers = {"/internal/v1/dead-letters": LETTERS, "/internal/v1/audit": {"items": []}}
    answers |= {"profiles /internal/v1/dead-letters": None}
    async with client(answers, **{SESSION: "wpm_operator"}) as http:
        page = await http.get("/operations/letters")
    assert page.status_code == 200
    assert "Not known of profiles" in page.text
    assert "Postings: 0 letters" in page.text


@pytest.mark.parametrize("path", ["/no-such-page", "/people/nobody"])
@pytest.mark.parametrize("cookies", [{SESSION: "wpm_x", PLACES: "organisations"}, {PLACES: "organisations"}, {}])
async def test_an_error_leaves_whoever_is_signed_in_their_menu(path, cookies):
    async with client({}, **cookies) as http:
        page = await http.get(path, headers={"accept": "text/html"})
    if path == "/people/nobody" and SESSION not in cookies:
        assert page.status_code == 303, "a page for members"
        return
    assert page.status_code == (404 if path == "/no-such-page" else 503)
    offered = [f'href="{place}"' in page.text for place in ("/settings", "/organisations")]
    assert offered == [SESSION in cookies] * 2
    assert ("Sign out" in page.text) == (SESSION in cookies)
