"""Another address: proven by its member, and until then the old one stays."""

import pytest

from services.profiles import timers
from tests.component.profiles.conftest import SERVICE
from tests.component.profiles.test_erasure import everything

NEW = "new@example.org"


async def begun(service, who, email=NEW):
    assert (await service.call("POST", "/v1/me/email", who, json={"email": email})).status_code == 202
    return await service.letters()


async def verify(service, who, code):
    return await service.call("POST", "/v1/me/email/verify", who, json={"code": code})


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


async def address(service, who):
    me = await service.ok("GET", "/v1/me", who)
    asked = {"ids": [who.id], "viewer": who.id}
    mailed = (await service.ok("POST", "/internal/v1/cards", SERVICE, json=asked))["cards"][0]["email"]
    return me["email"], me["email_verified"], mailed


async def test_a_new_address_counts_once_its_member_has_read_the_e_mail(service, dana):
    [letter] = await begun(service, dana)
    assert (letter.to, letter.subject, letter.link) == (NEW, "Confirm your e-mail address for Warmpath", None)
    assert await address(service, dana) == ("dana@example.org", True, "dana@example.org")
    answer = await verify(service, dana, letter.code)
    assert (answer.json()["email"], answer.json()["email_verified"]) == (NEW, True)
    assert await address(service, dana) == (NEW, True, NEW)
    assert (await service.sign_in(NEW)).id == dana.id
    assert (await service.sign_in("dana@example.org")).id != dana.id, "the old one is nobody's"
    assert (await verify(service, dana, letter.code)).status_code == 403


async def test_an_address_that_was_only_given_gets_no_mail(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"email": NEW})
    assert await service.letters() == []
    assert (await address(service, dana))[2] == "dana@example.org"
    [letter] = await begun(service, dana)
    assert (await verify(service, dana, letter.code)).status_code == 200
    assert await address(service, dana) == (NEW, True, NEW)


async def test_the_code_is_the_members_who_began(service, dana):
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    [letter] = await begun(service, dana)
    assert (await verify(service, eve, letter.code)).status_code == 403
    sign_in_id = str(await service.pool.fetchval("SELECT proof_id FROM proofs"))
    assert (await service.finish(sign_in_id=sign_in_id, code=letter.code)).status_code == 403, "it signs nobody in"
    assert (await verify(service, dana, letter.code)).status_code == 200


async def test_beginning_again_ends_what_was_begun(service, dana):
    [first] = await begun(service, dana)
    [second] = await begun(service, dana, "other@example.org")
    assert (await verify(service, dana, first.code)).status_code == 403 or first.code == second.code
    assert (await verify(service, dana, second.code)).json()["email"] == "other@example.org"


async def test_five_codes_can_be_tried(service, dana):
    [letter] = await begun(service, dana)
    for _ in range(5):
        assert (await verify(service, dana, wrong(letter.code))).status_code == 403
    assert (await verify(service, dana, letter.code)).status_code == 403


async def test_it_is_forgotten_after_a_quarter_of_an_hour(service, dana):
    [letter] = await begun(service, dana)
    await service.pool.execute("UPDATE proofs SET expires_at = expires_at - interval '15 minutes'")
    assert (await verify(service, dana, letter.code)).status_code == 403
    await timers.delete_expired(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM proofs") == 0


async def test_whether_somebody_else_has_the_address_is_told_to_who_reads_its_mail_only(service, dana):
    await service.member("Eve Stone", "eve@example.org", verified=True)
    [letter] = await begun(service, dana, "eve@example.org")
    assert (await verify(service, dana, wrong(letter.code))).status_code == 403
    assert (await verify(service, dana, letter.code)).status_code == 409
    assert (await address(service, dana))[0] == "dana@example.org"


async def test_a_member_can_have_five_e_mails_sent_to_an_address(service, dana):
    codes = [(await service.call("POST", "/v1/me/email", dana, json={"email": NEW})).status_code for _ in range(6)]
    assert codes == [202] * 5 + [429]


async def test_an_address_that_was_never_verified_is_verified(service):
    eve = await service.member("Eve Stone", "eve@example.org")
    [letter] = await begun(service, eve, "eve@example.org")
    assert (await verify(service, eve, letter.code)).status_code == 200
    assert await address(service, eve) == ("eve@example.org", True, "eve@example.org")


async def test_erasure_ends_it(service, dana, module_database):
    await begun(service, dana)
    await service.ok("DELETE", "/v1/me", dana)
    assert not any(NEW in text for text in (await everything(module_database)).values())


@pytest.mark.parametrize("email", ["", "nobody", "a@b"])
async def test_what_is_no_address_is_422(service, dana, email):
    assert (await service.call("POST", "/v1/me/email", dana, json={"email": email})).status_code == 422
