"""The pages of introductions show every answer of the service, whether much or little is told in it."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from services.console.browser import SESSION, form_token
from tests.unit.console.answering import browser, client

AT = "2026-03-08T09:00:00Z"
MEI, SAM = {"id": "mei", "name": "Mei <b>Zhang</b>"}, {"id": "sam"}
LEAST = {"id": "i1", "role": "seeker", "origin": "ask", "state": "waiting", "why": [], "possible": [], "history": []}
MOST = LEAST | {
    "state": "asked", "title": "Data Engineer", "company": "Initech", "url": "https://jobs.example/1",
    "introducer": MEI, "seeker": SAM, "target": {"id": "ida", "name": "Ida"}, "direct": False, "note": "Hello\nyou",
    "why": ["You know Ida."], "record": {"says": "New here."}, "given": {"to_you": 1, "by_you": 0},
    "contact": "by mail", "address": "sam@mail.example", "answered": "yes", "next": {"what": "Answer.", "at": AT},
    "possible": ["yes", "not_now", "not_well", "no", "withdraw", "sent", "outcome", "talked"],
    "history": [{"state": "asked", "at": AT}], "leg": "hand", "sent": False,
    "draft": {"short": "Hi", "mail": "Dear"}, "sentence": "It ended.", "outcome": "talked",
}  # fmt: skip
HELP = {"person": SAM, "posting_id": "o1", "title": "Cook", "company": "Globex", "direct": True, "why": "It fits."}
PREVIEW = {
    "company": "Initech", "introducer": MEI, "direct": False, "leg": "app", "they_see": ["Your name."],
    "record": {"says": "New here."}, "given": {"to_you": 0, "by_you": 2}, "you_could": [HELP], "note": "Hi",
    "others": [SAM], "says": "It may take some weeks.",
}  # fmt: skip
GIVE: dict[str, Any] = {"asks": [], "openings": [], "helped_you": []}
LIMITS: dict[str, Any] = {
    "asks_a_month": 4,
    "quiet_until": None,
    "never": {"companies": [], "members": []},
    "from": "warm",
}
TOUCH: dict[str, Any] = {
    "week": "2026-03-02",
    "people": [{"person": MEI, "why": ["You met."], "draft": "Hi", "worth_waking": True}],
}


async def shown(path: str, answers: dict[str, Any], form: dict[str, str] | None = None) -> str:
    """A page, or what comes of a form, while the service answers with these, by path."""
    async with client(answers, **{SESSION: "wpm_somebody"}) as http:
        found = await (http.get(path) if form is None else http.post(path, data=form))
    assert found.status_code == 200, found.text
    assert "<b>" not in found.text
    return found.text


@pytest.mark.parametrize("role", ["seeker", "introducer", "target"])
@pytest.mark.parametrize("origin", ["ask", "offer"])
@pytest.mark.parametrize("told", [LEAST, MOST], ids=["little", "much"])
async def test_an_introduction(told, origin, role):
    one = told | {"role": role, "origin": origin}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert ("Initech" in page) == (told is MOST)
    assert ("We talked" in page) == (told is MOST)
    assert ("counts as somebody you know" in page) == (told is MOST and role == "target"), "an introducer knows them"
    assert "Initech" in await shown("/introductions", {"/v1/introductions": {"items": [one, MOST], "next": "further"}})


@pytest.mark.parametrize("named", [[SAM, {"id": "kai", "name": "Kai"}], []], ids=["two more", "nobody else"])
async def test_the_seeker_sees_whom_they_named_in_their_order(named):
    one = MOST | {"possible": [], **({"next_introducers": named} if named else {})}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    turns = [
        "Mei &lt;b&gt;Zhang&lt;/b&gt;: now",
        "a contact of yours: next, if this leads to nothing",
        "Kai: after that",
    ]
    assert re.findall(r"<li>(.*: (?:now|next.*|after that))</li>", page.replace("</li><li>", "</li>\n<li>")) == (
        turns if named else []
    )


async def test_the_empty_board_names_two_next_steps():
    page = await shown("/introductions", {"/v1/introductions": {"items": []}})
    assert page.count('class="button') == 2


@pytest.mark.parametrize("more", [{}, {"title": "Cook", "refused": "you asked lately", "leg": "hand"}])
async def test_before_asking(more):
    page = await shown(
        "/introductions/ask?introducer=mei&company=Initech", {"/v1/introductions/preview": PREVIEW | more}
    )
    assert ("You asked lately." in page) == bool(more)


DIRECT = pytest.mark.parametrize("direct", [True, False], ids=["who works there", "who knows somebody there"])


@DIRECT
async def test_who_works_there_is_asked_to_talk(direct):
    preview = {"/v1/introductions/preview": PREVIEW | {"direct": direct, "you_could": []}}
    page = await shown("/introductions/ask?introducer=mei&company=Initech", preview)
    assert ("to talk to you</h1>" in page) == direct
    assert ("to introduce you</h1>" in page) != direct


@DIRECT
@pytest.mark.parametrize(
    ("origin", "talk", "otherwise"),
    [
        ("ask", "somebody would like to talk to you", "somebody asks for an introduction"),
        ("offer", "You offered to talk to somebody", "You offered to introduce somebody"),
    ],
)
async def test_the_page_of_who_is_asked_says_for_what(origin, talk, otherwise, direct):
    one = MOST | {"role": "introducer", "origin": origin, "direct": direct}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert f"<h1>{talk if direct else otherwise}</h1>" in page


@DIRECT
async def test_a_link_says_for_what(direct):
    view = MOST | {"role": "introducer", "direct": direct}
    page = await shown("/answer/x", {"/v1/answers/x/open": {"view": view, "form_token": "f"}}, {})
    assert f"<h1>Somebody you know {'would like to talk to you' if direct else 'asks you for help'}</h1>" in page


@DIRECT
@pytest.mark.parametrize("origin", ["ask", "offer"])
async def test_how_far_it_is_on_the_way_to_a_talk(origin, direct):
    one = MOST | {"direct": direct, "origin": origin}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert (">You can talk</li>" in page) == direct
    assert (">Agreed to ask</li>" in page and ">Introduced</li>" in page) != direct


@pytest.mark.parametrize("possible", [["yes", "not_now"], ["not_now", "not_well"]])
async def test_who_has_said_yes_reads_that_before_they_may_take_it_back(possible):
    said = "yes" if "yes" not in possible else None
    one = MOST | {"role": "introducer", "state": "agreed", "possible": possible, "answered": said}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert ("You said yes." in page) == bool(said)
    assert page.index("Your answer") < page.find("You said yes.") < page.index("Not now") or not said


@pytest.mark.parametrize(
    ("more", "step"),
    [({"sent": False}, "Draft made"), ({"sent": True}, "Asked"), ({"leg": "app", "sent": None}, "Asked")],
)
async def test_who_writes_themself_has_made_a_draft_until_they_say_that_it_is_sent(more, step):
    one = MOST | more
    for path, found in (("/introductions/i1", one), ("/introductions", {"items": [one]})):
        page = await shown(path, {f"/v1{path}": found})
        assert f'<li aria-current="step">{step}</li>' in page
        assert ("Draft made" in page) == (step == "Draft made")


async def test_a_message_to_send_has_buttons_that_copy_it_where_scripts_run():
    token = {"form_token": form_token("wpm_somebody"), "role": "seeker", "what": "draft"}
    answers = {"/v1/introductions/i1": MOST, "/v1/introductions/i1/link": {"short": "Hi", "mail": "Dear"}}
    page = await shown("/introductions/i1", answers, token)
    for name in ("short", "mail"):
        assert f'<textarea id="{name}"' in page
        assert re.search(rf'<button type="button" class="quiet copy" data-copy="{name}" hidden>', page)


@pytest.mark.parametrize("found", [GIVE, {
    "asks": [MOST], "openings": [HELP], "helped_you": [{"person": MEI, "made_for_you": 2, "you_could": [HELP]}],
}])  # fmt: skip
async def test_giving(found):
    page = await shown("/give", {"/v1/give": found})
    assert ("Globex" in page) == bool(found["openings"])


async def test_what_somebody_asks_for_is_not_offered_to_them_as_well():
    same = HELP | {"title": MOST["title"], "company": MOST["company"]}
    page = await shown("/give", {"/v1/give": GIVE | {"asks": [MOST], "openings": [same, HELP]}})
    assert page.count("Offer to talk to a contact of yours</button>") == 1


@pytest.mark.parametrize("direct", [True, False])
async def test_whoever_works_there_says_with_an_offer_how_they_may_be_reached(direct):
    page = await shown("/give", {"/v1/give": GIVE | {"openings": [HELP | {"direct": direct}]}})
    assert ("may reach you" in page) == direct


@pytest.mark.parametrize(
    ("contact", "says"), [("", ">Say how they may reach you"), ("x" * 400, ">How they may reach you: too long.<")]
)
async def test_an_offer_that_is_refused_keeps_what_was_entered(contact, says):
    def services(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=GIVE | {"openings": [HELP]})
        assert json.loads(request.content).get("contact", "") == contact
        errors = [{"field": "contact", "reason": "too long"}]
        return httpx2.Response(422, json={"detail": "contact: too long", "errors": errors})

    entered = {"form_token": form_token("wpm_somebody"), "posting_id": "o1", "seeker_id": "sam", "contact": contact}
    async with browser(services, **{SESSION: "wpm_somebody"}) as http:
        found = await http.post("/give", data=entered)
    assert found.status_code == 422
    assert says in found.text
    assert f'name="contact" value="{contact}"' in found.text


@pytest.mark.parametrize(
    ("role", "origin", "direct", "says"),
    [
        ("introducer", "ask", False, "If you say yes, Ida reads it, too."),
        ("introducer", "ask", True, "writes</h3>"),
        ("introducer", "offer", False, "What you wrote to "),
        ("target", "ask", False, " wrote to Mei "),
    ],
)
async def test_who_wrote_a_note_to_whom_and_who_reads_it_is_said(role, origin, direct, says):
    one = MOST | {"role": role, "origin": origin, "direct": direct, "seeker": {"id": "sam", "name": "Sam"}}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert says in page
    assert ("reads it, too" in page) == (role == "introducer" and not direct)


@pytest.mark.parametrize(("role", "says"), [("seeker", "You talked."), ("introducer", "They talked.")])
async def test_how_it_went_is_told_to_each_in_words_for_them(role, says):
    one = MOST | {"role": role, "state": "ended"}
    assert says in await shown("/introductions/i1", {"/v1/introductions/i1": one})


@pytest.mark.parametrize(("role", "direct", "asked"), [("target", None, True), ("introducer", False, False)])
async def test_only_who_works_there_is_asked_how_they_may_be_reached(role, direct, asked):
    view = MOST | {"role": role, "direct": direct}
    page = await shown("/answer/x", {"/v1/answers/x/open": {"view": view, "form_token": "f"}}, {})
    assert ("may reach you" in page) == asked


@pytest.mark.parametrize("found", [TOUCH, {"week": "2026-03-02", "people": []}])
async def test_keeping_in_touch(found):
    await shown("/keep-in-touch", {"/v1/keep-in-touch": found})


async def test_limits():
    assert 'value="4"' in await shown("/limits", {"/v1/limits": LIMITS})


@pytest.mark.parametrize("role", ["introducer", "target"])
@pytest.mark.parametrize("told", [LEAST, MOST], ids=["little", "much"])
async def test_what_a_link_opens(told, role):
    view = told | {"role": role, "possible": ["yes", "not_now", "forget"]}
    page = await shown("/answer/x", {"/v1/answers/x/open": {"view": view, "form_token": "f"}}, {})
    assert "Forget me" in page
    assert "No, thank you" not in page


async def test_a_link_shows_the_same_page_until_its_button_is_pressed():
    pages = {await shown(f"/answer/{token}", {}) for token in ("x", "y")}
    assert len({page.replace("x", "y") for page in pages}) == 1


async def test_an_answer_by_a_link_is_thanked_for():
    said = {"answer_token": "f", "what": "yes"}
    opened = {"view": MOST | {"role": "introducer"}, "form_token": "f"}
    answers = {"/v1/answers/x/open": opened, "/v1/answers/x": {"says": "Thank you."}}
    assert "Thank you" in await shown("/answer/x/say", answers, said)
    assert "Yes, it was me" in await shown("/answer/x/mine", {})


def buttons_to_block(text: str) -> set[str]:
    return set(re.findall(r'value="(block-\w+)"', text))


@pytest.mark.parametrize(("role", "answered", "offered"), [
    ("target", "yes", {"block-seeker", "block-introducer"}), ("introducer", "yes", {"block-seeker"}),
    ("target", "no", set()), ("introducer", None, set()), ("seeker", "yes", set()),
])  # fmt: skip
async def test_who_said_yes_may_block_whom_they_said_it_to(role, answered, offered):
    told = MOST | {"role": role, "answered": answered}
    assert buttons_to_block(await shown("/introductions/i1", {"/v1/introductions/i1": told})) == offered
    unknown = told | {"seeker": None, "introducer": None}
    assert buttons_to_block(await shown("/introductions/i1", {"/v1/introductions/i1": unknown})) == set()


def blocking(asked: list[str], status: int) -> Callable[[httpx2.Request], httpx2.Response]:
    """Services that know the introduction, and answer a block with this; `asked` is what was changed."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=MOST | {"role": "target"})
        asked.append(f"{request.method} {request.url.path}")
        return httpx2.Response(status, json={"id": "entry", "detail": "no such contact"})

    return answer


async def test_a_block_leads_to_the_page_of_whom_it_keeps_off():
    asked: list[str] = []
    form = {"what": "block-introducer", "role": "target", "form_token": form_token("wpm_somebody")}
    async with browser(blocking(asked, 200), **{SESSION: "wpm_somebody"}) as http:
        done = await http.post("/introductions/i1", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/people/entry")
    assert asked == ["PUT /v1/contacts/mei/block"]


async def test_whom_no_yes_leads_to_one_there_is_nothing_to_block():
    form = {"what": "block-seeker", "role": "target", "form_token": form_token("wpm_somebody")}
    async with browser(blocking([], 404), **{SESSION: "wpm_somebody"}) as http:
        done = await http.post("/introductions/i1", data=form)
    assert done.status_code == 409
    assert "nothing to block" in done.text


async def test_who_is_no_contact_any_more_once_unblocked_leads_to_all_people():
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404 if request.method == "GET" else 200, json={"id": "mei", "detail": "no such contact"})

    form = {"what": "unblock", "form_token": form_token("wpm_somebody")}
    async with browser(answer, **{SESSION: "wpm_somebody"}) as http:
        done = await http.post("/people/mei", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/people")


@pytest.mark.parametrize(("told", "asks", "offered"), [
    (None, "How did it go?", ["hired", "interviewing", "talked", "nothing"]),
    ("unknown", "How did it go?", ["hired", "interviewing", "talked", "nothing"]),
    ("talked", "Has more come of it since?", ["hired", "interviewing"]),
    ("hired", None, []),
])  # fmt: skip
async def test_after_an_outcome_only_a_later_one_is_asked_for(told, asks, offered):
    one = LEAST | {"state": "introduced", "possible": ["outcome"], "outcome": told}
    page = await shown("/introductions/i1", {"/v1/introductions/i1": one})
    assert [each for each in ("How did it go?", "Has more come of it since?") if each in page] == [asks][: bool(asks)]
    assert re.findall(r'name="what" value="(\w+)"', page) == offered


async def test_of_too_few_asks_nothing_is_said_beside_their_figures():
    record = {"new": True, "says": "New here.", "asks": 2, "introduced": 2, "closed": 1, "told": 1}
    preview = {"/v1/introductions/preview": PREVIEW | {"record": record}}
    asking = await shown("/introductions/ask?introducer=mei&company=Initech", preview)
    asked = await shown("/introductions/i1", {"/v1/introductions/i1": MOST | {"role": "introducer", "record": record}})
    assert "How your asks went: too few of them yet to say" in asking
    assert "has asked for too few introductions yet to say how they go" in asked
    assert "ew here" not in asking + asked


async def test_a_refused_ask_gives_way_to_the_reason():
    def answer(request):
        if request.method == "GET":
            return httpx2.Response(200, json=PREVIEW)
        return httpx2.Response(409, json={"detail": "you have asked this person about this already"})

    form = {"form_token": form_token("wpm_s"), "introducer": "mei", "company": "Initech", "known": "known"}
    async with browser(answer, **{SESSION: "wpm_s"}) as http:
        found = await http.post("/introductions/ask", data=form)
    assert found.status_code == 409
    assert "You have asked this person about this already." in found.text
    assert 'action="/introductions/ask"' not in found.text


async def test_what_is_not_possible_any_more_is_told_without_the_names_of_the_api():
    def answer(request):
        if request.method == "GET":
            return httpx2.Response(200, json=LEAST)
        return httpx2.Response(409, json={"detail": "it has ended; now you can: outcome, talked"})

    async with browser(answer, **{SESSION: "wpm_s"}) as http:
        found = await http.post("/introductions/i1", data={"form_token": form_token("wpm_s"), "what": "withdraw"})
    assert found.status_code == 409
    assert "It has ended." in found.text
    assert "now you can" not in found.text
