"""Sign-in by e-mail: who gets in, and every way in which somebody else must not."""

import asyncio
from uuid import uuid4

import pytest

from services.profiles import timers
from services.profiles.proof_sender import ProofSender
from services.profiles.proofs import first_name_of
from shared.testing.wait import until
from tests.component.profiles.conftest import CONSOLE, OPERATOR, SERVICE
from tests.component.profiles.test_erasure import everything

BROWSER, OTHER = "b" * 43, "o" * 43
EMAIL = "dana@example.org"


async def begun(service, email=EMAIL, **more):
    """A sign-in whose e-mail has arrived: its id and the letter."""
    answer = await service.ask(email, **more)
    assert answer.status_code == 202, answer.text
    letters = await service.letters()
    return answer.json()["sign_in_id"], letters[-1]


def refused(answer):
    """Whether it is the one answer to whatever is wrong."""
    told = {key: value for key, value in answer.json().items() if key != "request_id"}
    return (answer.status_code, told) == (
        403,
        {
            "type": "/problems/sign-in-failed",
            "title": "Sign-in failed",
            "status": 403,
            "detail": "this link or code is not valid, or not any more; ask for a new one",
            "instance": "/internal/v1/sign-ins/finish",
        },
    )


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


async def test_a_link_signs_in_and_makes_an_account_where_there_is_none(service):
    _, letter = await begun(service)
    assert await service.pool.fetchval("SELECT count(*) FROM members") == 0, "not before it is proven"
    answer = await service.finish(link=letter.link, browser=BROWSER)
    assert answer.status_code == 200
    made = answer.json()
    assert made["new"] is True
    me = await service.ok("GET", "/v1/me", made["token"])
    assert (me["member_id"], me["name"], me["email"], me["email_verified"]) == (made["member_id"], "Dana", EMAIL, True)
    assert not any(me[consent] for consent in ("introduces", "visible_to_contacts", "looks_openly"))
    assert (me["findable"], me["discreet"], me["seeking"]) == ("contacts", True, None)
    assert (await service.said("people.v1"))[made["member_id"]]["introduces"] is False


async def test_a_code_signs_in_in_any_browser_as_whoever_has_the_address_verified(service, dana):
    sign_in_id, letter = await begun(service, "  DANA@example.org ")
    answer = await service.finish(sign_in_id=sign_in_id, code=f"{letter.code[:3]} {letter.code[3:]}", browser=OTHER)
    assert answer.json()["member_id"] == dana.id
    assert answer.json()["new"] is False
    assert (await service.ok("GET", "/v1/me", answer.json()["token"]))["name"] == "Dana Okafor"
    assert (await service.call("GET", "/v1/me", dana)).status_code == 200, "other tokens stay"


@pytest.mark.usefixtures("dana")
async def test_the_e_mail_is_the_same_for_everybody_and_says_what_it_is(service):
    _, known = await begun(service)
    _, unknown = await begun(service, "nobody@example.org")
    assert known.subject == unknown.subject == "Sign in to Warmpath"
    for letter in (known, unknown):
        assert f"\n{CONSOLE}/sign-in/link?token={letter.link}\n" in letter.text
        assert "Dana" not in letter.text
        assert "15 minutes" in letter.text
    assert without_secrets(known) == without_secrets(unknown)


def without_secrets(letter):
    return letter.text.replace(letter.link, "LINK").replace(f"{letter.code[:3]} {letter.code[3:]}", "CODE")


async def test_no_answer_statement_or_row_tells_who_has_an_account(service, dana, module_database):
    """Asking must not even look at members, so that there is no difference to be measured."""
    await service.pool.execute("ALTER TABLE members RENAME TO members_away")
    try:
        answers = [await service.ask(email) for email in (EMAIL, "nobody@example.org")]
    finally:
        await service.pool.execute("ALTER TABLE members_away RENAME TO members")
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {tuple(answer.json()) for answer in answers} == {("sign_in_id",)}
    rows = await service.pool.fetch("SELECT purpose, member_id, tries, attempts, send_at IS NULL FROM proofs")
    assert len({tuple(row) for row in rows}) == 1
    assert dana.id not in (await everything(module_database))["proofs"]


async def test_a_link_works_once(service):
    _, letter = await begun(service)
    assert (await service.finish(link=letter.link, browser=BROWSER)).status_code == 200
    assert refused(await service.finish(link=letter.link, browser=BROWSER))


async def test_a_link_does_not_work_in_another_browser_and_is_not_used_up_by_it(service):
    _, letter = await begun(service)
    assert refused(await service.finish(link=letter.link, browser=OTHER))
    assert refused(await service.finish(link=letter.link))
    assert refused(await service.finish(link=letter.link, browser=""))
    assert (await service.finish(link=letter.link, browser=BROWSER)).status_code == 200


async def test_link_and_code_are_one_proof(service):
    sign_in_id, letter = await begun(service)
    assert (await service.finish(sign_in_id=sign_in_id, code=letter.code)).status_code == 200
    assert refused(await service.finish(sign_in_id=sign_in_id, code=letter.code))
    assert refused(await service.finish(link=letter.link, browser=BROWSER))


async def test_of_two_at_once_one_gets_in(service):
    _, letter = await begun(service)
    answers = await asyncio.gather(*(service.finish(link=letter.link, browser=BROWSER) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403]


async def test_two_sign_ins_of_one_new_address_at_once_make_one_account(service):
    pairs = [await begun(service) for _ in range(4)]
    answers = await asyncio.gather(*(service.finish(sign_in_id=i, code=letter.code) for i, letter in pairs))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["member_id"] for answer in answers}) == 1
    assert sorted(answer.json()["new"] for answer in answers) == [False, False, False, True]


@pytest.mark.parametrize("what", ["code", "link"])
async def test_after_a_quarter_of_an_hour_neither_works(service, what):
    sign_in_id, letter = await begun(service)
    given = {"sign_in_id": sign_in_id, "code": letter.code} if what == "code" else {"link": letter.link}
    await service.pool.execute("UPDATE proofs SET expires_at = expires_at - interval '14 minutes 55 seconds'")
    assert await service.pool.fetchval("SELECT expires_at > clock_timestamp() FROM proofs")
    await service.pool.execute("UPDATE proofs SET expires_at = expires_at - interval '6 seconds'")
    assert refused(await service.finish(**given, browser=BROWSER))
    await timers.delete_expired(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM proofs") == 0


async def test_five_codes_can_be_tried_and_then_not_even_the_right_one(service):
    sign_in_id, letter = await begun(service)
    for _ in range(5):
        assert refused(await service.finish(sign_in_id=sign_in_id, code=wrong(letter.code)))
    assert refused(await service.finish(sign_in_id=sign_in_id, code=letter.code))
    assert (await service.finish(link=letter.link, browser=BROWSER)).status_code == 200, "guessers keep nobody out"


async def test_the_fifth_code_counts(service):
    sign_in_id, letter = await begun(service)
    for _ in range(4):
        assert refused(await service.finish(sign_in_id=sign_in_id, code=wrong(letter.code)))
    assert (await service.finish(sign_in_id=sign_in_id, code=letter.code)).status_code == 200


async def test_guesses_at_once_are_counted_one_by_one(service):
    sign_in_id, letter = await begun(service)
    await asyncio.gather(*(service.finish(sign_in_id=sign_in_id, code=wrong(letter.code)) for _ in range(5)))
    assert await service.pool.fetchval("SELECT tries FROM proofs") == 5


async def test_who_begins_many_sign_ins_cannot_guess_more_codes_of_one_address(service):
    """Five tries in each of many sign-ins would add up."""
    for number in range(6):
        sign_in_id, letter = await begun(service, source=f"192.0.2.{number}")
        for _ in range(5):
            assert refused(await service.finish(sign_in_id=sign_in_id, code=wrong(letter.code)))
    sign_in_id, letter = await begun(service, source="192.0.2.99")
    assert refused(await service.finish(sign_in_id=sign_in_id, code=letter.code))
    assert (await service.finish(link=letter.link, browser=BROWSER)).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"link": "nonsense", "browser": BROWSER},
        {"sign_in_id": "nonsense", "code": "123456"},
        {"sign_in_id": str(uuid4()), "code": "123456"},
        {"sign_in_id": str(uuid4()), "code": ""},
        {"sign_in_id": str(uuid4()), "code": "١٢٣٤٥٦"},
    ],
)
async def test_whatever_is_wrong_gets_one_answer(service, given):
    assert refused(await service.finish(**given))


async def test_no_code_is_right_before_there_is_one(service):
    sign_in_id = (await service.ask(EMAIL)).json()["sign_in_id"]
    assert refused(await service.finish(sign_in_id=sign_in_id, code=""))
    assert refused(await service.finish(sign_in_id=sign_in_id, code="000000"))


@pytest.mark.parametrize("given", [{}, {"link": "l", "code": "1"}, {"code": "1"}, {"link": "l", "sign_in_id": "s"}])
async def test_half_a_proof_is_422(service, given):
    assert (await service.finish(**given)).status_code == 422


async def test_only_the_console_may_ask(service, dana):
    body = {"email": EMAIL, "browser": BROWSER, "source": "s"}
    for path, sent in (("sign-ins", body), ("sign-ins/finish", {"link": "l", "browser": "b"})):
        for who, status in ((None, 401), ("wpm_unknown", 401), (dana, 403), (OPERATOR, 403)):
            assert (await service.call("POST", f"/internal/v1/{path}", who, json=sent)).status_code == status


async def test_an_address_that_somebody_merely_claims_does_not_open_their_account(service):
    """Else who claims an address first would still hold a token when its owner signs in by it."""
    thief = await service.member("Thief", EMAIL)
    mover = await service.member("Mover", "mover@example.org", verified=True)
    await service.ok("PATCH", "/v1/me", mover, json={"email": EMAIL})
    owner = await service.sign_in(EMAIL)
    assert owner.id not in (thief.id, mover.id)
    assert (await service.ok("GET", "/v1/me", owner))["email_verified"] is True
    assert (await service.ok("GET", "/v1/me", thief))["email_verified"] is False


async def test_no_secret_is_stored(service, module_database):
    sign_in_id, letter = await begun(service)
    text = "\n".join((await everything(module_database)).values())
    for secret in (letter.code, letter.link, BROWSER, "192.0.2.1"):
        assert secret not in text
    answer = await service.finish(sign_in_id=sign_in_id, code=letter.code)
    text = "\n".join((await everything(module_database)).values())
    assert answer.json()["token"] not in text


async def test_another_attempt_to_send_has_other_secrets(service):
    service.mail.answers = ["451 later"]
    sign_in_id = (await service.ask(EMAIL)).json()["sign_in_id"]
    [first] = await service.letters()
    assert await service.letters() == [], "not at once"
    await service.pool.execute("UPDATE proofs SET send_at = clock_timestamp()")
    [second] = await service.letters()
    assert first.link != second.link
    assert refused(await service.finish(link=first.link, browser=BROWSER))
    assert (await service.finish(sign_in_id=sign_in_id, code=second.code)).status_code == 200


async def test_while_an_e_mail_is_being_sent_nobody_else_sends_it(service):
    """However slow the mail server is: another one would make the secrets of the first worthless."""
    usual, others = service.app.state.dependencies.proof_sender, []

    class Slow:
        sender, longest_s = "Warmpath <warmpath@news.example>", 20.0

        async def send(self, message, address):
            await service.pool.execute("UPDATE proofs SET send_at = send_at - interval '20 seconds'")
            others.append(await usual.send_one())
            return await usual._mailer.send(message, address)

    with service.instead(
        proof_sender=ProofSender(service.pool, Slow(), service.app.state.dependencies.rules.key, CONSOLE)
    ):
        sign_in_id, letter = await begun(service)
    assert others == [False]
    assert (await service.finish(sign_in_id=sign_in_id, code=letter.code)).status_code == 200


async def test_what_the_server_refuses_for_good_is_not_tried_again(service):
    service.mail.rcpt_answers = ["550 no such user"]
    await service.ask("nobody@example.org")
    assert await service.letters() == []
    assert await service.pool.fetchval("SELECT send_at FROM proofs") is None


async def test_an_operators_link_signs_in_once_in_any_browser(service, dana):
    made = await service.ok("POST", f"/internal/v1/members/{dana.id}/sign-in-links", OPERATOR)
    assert made["url"] == f"{CONSOLE}/sign-in/link?token={made['link']}"
    answer = await service.finish(link=made["link"], browser="")
    assert (answer.json()["member_id"], answer.json()["new"]) == (dana.id, False)
    assert refused(await service.finish(link=made["link"], browser=OTHER))


async def test_operators_links_are_for_operators_and_members_who_are_there(service, dana):
    path = f"/internal/v1/members/{dana.id}/sign-in-links"
    assert [(await service.call("POST", path, who)).status_code for who in (dana, SERVICE)] == [403, 403]
    assert (await service.call("POST", "/internal/v1/members/nobody/sign-in-links", OPERATOR)).status_code == 404


async def test_what_was_done_is_in_the_audit(service, dana):
    await service.ok("POST", f"/internal/v1/members/{dana.id}/sign-in-links", OPERATOR)
    signed_in = await service.sign_in(EMAIL)
    await service.call("DELETE", "/v1/sessions/current", signed_in)
    lines = (await service.call("GET", f"/internal/v1/audit?about={dana.id}", OPERATOR)).json()["items"]
    done = [(line["actor"], line["action"]) for line in reversed(lines)]
    assert done[1:] == [
        ("operator", "sign_in_link.added"),
        ("service", "session.begun"),
        ("member", "session.ended"),
    ]


async def test_erasure_ends_sessions_and_all_that_is_under_way(service, module_database):
    member = await service.sign_in(EMAIL)
    made = await service.ok("POST", f"/internal/v1/members/{member.id}/sign-in-links", OPERATOR)
    sign_in_id, letter = await begun(service)
    await service.ok("DELETE", "/v1/me", member)
    assert (await service.call("GET", "/v1/me", member)).status_code == 401
    assert refused(await service.finish(link=made["link"], browser=BROWSER))
    assert refused(await service.finish(sign_in_id=sign_in_id, code=letter.code))
    tables = await everything(module_database)
    assert not tables["proofs"]
    assert not tables["tokens"]
    assert not any(EMAIL in text for text in tables.values())


async def test_without_a_mail_server_nobody_can_ask(service):
    with service.instead(proof_sender=None):
        assert (await service.ask(EMAIL)).status_code == 503
    assert await service.pool.fetchval("SELECT count(*) FROM proofs") == 0


async def test_the_loop_sends_at_once(running):
    sign_in_id = (await running.ask(EMAIL)).json()["sign_in_id"]

    async def arrived():
        return running.mail.tries or None

    await until(arrived)
    [letter] = await running.letters()
    assert (await running.finish(sign_in_id=sign_in_id, code=letter.code)).status_code == 200


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("dana.okafor+jobs@x.example", "Dana Okafor"),
        ("o'neil_j-9@x.example", "O Neil J 9"),
        ("%@x.example", "New member"),
        ("a" * 64 + "@x.example", "A" + "a" * 63),
    ],
)
def test_a_new_member_is_called_by_their_address_until_they_say_otherwise(email, name):
    assert first_name_of(email) == name
