"""People without an account who want to be in nobody's address book, and what became of an entry."""

from typing import Any

from .conftest import SERVICE
from .test_erasure import everything
from .test_introductions import introduction, take

ANA, BEN = "Ana,Silvestre,,ana@example.net,Initech,,", "Ben,Ito,,,Globex,,"
LINKED = "Cy,Ruiz,https://www.linkedin.com/in/cy-ruiz,,Globex,,"


async def a_book(service) -> tuple[Any, dict[str, str]]:
    """Dana, and the ids of whom she lists by name."""
    dana = await service.member("Dana Okafor", "dana@example.org", verified=True)
    await service.bring(dana, ANA, BEN, LINKED)
    return dana, {name: each["id"] for name, each in (await service.contacts(dana)).items()}


async def forget(service, contact_id: str) -> int:
    return (await service.call("POST", f"/internal/v1/entries/{contact_id}/forget", SERVICE)).status_code


async def now(service, *ids: str) -> dict[str, str]:
    answer = await service.ok("POST", "/internal/v1/entries/now", SERVICE, json={"ids": list(ids)})
    return {each["id"]: each["now"] for each in answer["entries"]}


async def test_who_is_forgotten_leaves_the_book_and_the_topics_and_no_import_brings_them_back(service, module_database):
    dana, ids = await a_book(service)
    for name in ("Ana Silvestre", "Ben Ito", "Cy Ruiz"):
        assert await forget(service, ids[name]) == 204
        assert await forget(service, ids[name]) == 404
    assert await service.contacts(dana) == {}
    for name, contact_id in ids.items():
        assert (await service.said("people.v1"))[contact_id] is None, name
        assert (await service.said("ties.v1"))[f"{dana.id}:{contact_id}"] is None, name
    await service.bring(dana, ANA, BEN, LINKED, "Dee,New,,dee@example.net,Globex,,")
    assert set(await service.contacts(dana)) == {"Dee New"}
    await service.bring(dana, ANA.replace("Ana", "Anna").replace("ana@", "ANA@"), LINKED.replace("www.", ""))
    assert set(await service.contacts(dana)) == set()
    tables = await everything(module_database)
    for word in ("ana@example.net", "Silvestre", "cy-ruiz", "Ito"):
        assert {name for name, text in tables.items() if word.casefold() in text.casefold()} == set(), word


async def test_others_books_are_their_own(service):
    _, ids = await a_book(service)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await service.bring(eve, ANA)
    assert await forget(service, ids["Ana Silvestre"]) == 204
    await service.bring(eve, ANA, BEN)
    assert set(await service.contacts(eve)) == {"Ana Silvestre", "Ben Ito"}


async def test_an_entry_leads_to_the_member_it_was_found_to_be_and_is_not_forgotten(service):
    _, ids = await a_book(service)
    ana = ids["Ana Silvestre"]
    assert await now(service, ana, "nobody") == {ana: ana}
    member = await service.member("Ana S.", "ana@example.net", verified=True)
    assert await now(service, ana, member.id) == {ana: member.id, member.id: member.id}
    assert await forget(service, ana) == 404
    await service.ok("DELETE", "/v1/me", member)
    assert await now(service, ana, member.id) == {ana: ana}


async def test_only_services_ask(service):
    dana, ids = await a_book(service)
    ana = ids["Ana Silvestre"]
    assert (await service.call("POST", f"/internal/v1/entries/{ana}/forget", dana)).status_code == 403
    assert (await service.call("POST", "/internal/v1/entries/now", dana, json={"ids": [ana]})).status_code == 403


async def test_whoever_has_the_address_is_forgotten_by_everybody_until_they_join(service):
    dana, ids = await a_book(service)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await service.bring(eve, ANA)
    asked = {"email": "Ana@example.net", "source": "192.0.2.1"}
    begun = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json=asked)
    [letter] = await service.letters()
    assert (letter.to, letter.subject) == ("ana@example.net", "Be forgotten by Warmpath")
    assert letter.link is None
    assert "for good" in letter.text
    wrong = {**begun, "code": "0" * 6 if letter.code != "000000" else "1" * 6}
    assert (await service.call("POST", "/internal/v1/forgetting/finish", SERVICE, json=wrong)).status_code == 403
    assert "Ana Silvestre" in await service.contacts(dana)
    signing_in = {"sign_in_id": begun["forgetting_id"], "code": letter.code}
    assert (await service.finish(**signing_in)).status_code == 403, "it is no code to sign in with"
    done = {**begun, "code": letter.code}
    await service.ok("POST", "/internal/v1/forgetting/finish", SERVICE, json=done)
    assert (await service.call("POST", "/internal/v1/forgetting/finish", SERVICE, json=done)).status_code == 403
    assert set(await service.contacts(dana)) == {"Ben Ito", "Cy Ruiz"}
    assert await service.contacts(eve) == {}
    assert (await service.said("people.v1"))[ids["Ana Silvestre"]] is None
    fay = await service.member("Fay Moss", "fay@example.org", verified=True)
    await service.bring(fay, ANA, BEN)
    assert set(await service.contacts(fay)) == {"Ben Ito"}
    await service.sign_in("ana@example.net")
    await service.bring(fay, ANA, BEN)
    assert set(await service.contacts(fay)) == {"Ana Silvestre", "Ben Ito"}


async def test_an_address_that_nobody_lists_gets_the_same_answer(service):
    asked = {"email": "nobody@example.net", "source": "192.0.2.1"}
    begun = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json=asked)
    [letter] = await service.letters()
    await service.ok("POST", "/internal/v1/forgetting/finish", SERVICE, json={**begun, "code": letter.code})


async def test_whoever_is_forgotten_leaves_the_books_that_an_introduction_brought_them_into(service, module_database):
    amara = await service.member("Amara Obi", "amara@mail.example", verified=True)
    mei = await service.member("Mei Tan", "mei@mail.example", verified=True)
    await service.bring(amara, "Mei,Tan,,mei@mail.example,Globex,Engineer,01 Jan 2020")
    await service.bring(mei, ANA, BEN)
    ids = {name: each["id"] for name, each in (await service.contacts(mei)).items()}
    for key, name in (("i1", "Ana Silvestre"), ("i2", "Ben Ito")):
        await take(service, introduction(amara.id, mei.id, ids[name], key=key))
    copy = (await service.contacts(amara))["Ana Silvestre"]
    assert copy["email"] is None, "the copy is known only by what it was introduced as"
    begun = await service.ok(
        "POST", "/internal/v1/forgetting", SERVICE, json={"email": "ana@example.net", "source": "192.0.2.1"}
    )
    [letter] = await service.letters()
    await service.ok("POST", "/internal/v1/forgetting/finish", SERVICE, json={**begun, "code": letter.code})
    assert set(await service.contacts(mei)) == {"Ben Ito"}
    assert set(await service.contacts(amara)) == {"Mei Tan", "Ben Ito"}
    assert (await service.said("people.v1"))[copy["id"]] is None
    tables = await everything(module_database)
    assert {name for name, text in tables.items() if "silvestre" in text.casefold()} == set()


async def test_an_own_entry_stays_though_an_introduction_led_to_the_forgotten_one(service):
    """Whom somebody's own file lists under another address is theirs to list."""
    amara = await service.member("Amara Obi", "amara@mail.example", verified=True)
    mei = await service.member("Mei Tan", "mei@mail.example", verified=True)
    await service.bring(mei, ANA)
    ana = (await service.contacts(mei))["Ana Silvestre"]["id"]
    await take(service, introduction(amara.id, mei.id, ana))
    await service.bring(amara, "Ana,Silvestre,,private@example.net,Initech,,")
    begun = await service.ok(
        "POST", "/internal/v1/forgetting", SERVICE, json={"email": "ana@example.net", "source": "192.0.2.1"}
    )
    [letter] = await service.letters()
    await service.ok("POST", "/internal/v1/forgetting/finish", SERVICE, json={**begun, "code": letter.code})
    assert await service.contacts(mei) == {}
    book = await service.contacts(amara)
    assert {name: one["email"] for name, one in book.items()} == {
        "Ana Silvestre": "private@example.net",
        "Mei Tan": None,  # whom she was introduced by, and talked with
    }
