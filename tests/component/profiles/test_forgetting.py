"""People without an account who want to be in nobody's address book, and what became of an entry."""

from dataclasses import replace
from typing import Any

import pytest

from .conftest import HEADER, SERVICE
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
    assert await forget(service, ana) == 409
    await service.ok("DELETE", "/v1/me", member)
    assert await now(service, ana, member.id) == {ana: ana}


async def test_only_services_ask(service):
    dana, ids = await a_book(service)
    ana = ids["Ana Silvestre"]
    assert (await service.call("POST", f"/internal/v1/entries/{ana}/forget", dana)).status_code == 403
    assert (await service.call("POST", "/internal/v1/entries/now", dana, json={"ids": [ana]})).status_code == 403


async def test_whoever_has_the_address_is_forgotten_by_everybody_until_they_let_them_find_them(service):
    dana, ids = await a_book(service)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await service.bring(eve, ANA)
    asked = {"email": "Ana@example.net", "source": "192.0.2.1"}
    begun = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json=asked)
    [letter] = await service.letters()
    assert (letter.to, letter.subject) == ("ana@example.net", "Be forgotten by Warmpath")
    assert letter.link is not None
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
    ana = await service.sign_in("ana@example.net")
    await service.bring(fay, ANA, BEN)
    assert set(await service.contacts(fay)) == {"Ben Ito"}, "that she joined is nobody's business"
    await service.ok("PATCH", "/v1/me", ana, json={"findable": "anyone"})
    for lister in (dana, fay):
        await service.bring(lister, ANA, BEN)
        book = await service.contacts(lister)
        assert set(book) == {"Ana Silvestre", "Ben Ito"}
        assert book["Ana Silvestre"]["id"] == ana.id


async def test_the_link_forgets_though_strangers_tried_every_code_of_the_day(service):
    """In whatever browser: who can read the mail has the address, whoever asked for it."""
    dana, _ = await a_book(service)
    asked = {"email": "ana@example.net", "source": "198.51.100.66"}
    finish = ("POST", "/internal/v1/forgetting/finish", SERVICE)
    rules = service.app.state.dependencies.rules
    with service.instead(rules=replace(rules, codes=replace(rules.codes, uses=5))):
        begun = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json=asked)
        [letter] = await service.letters()
        wrong = {**begun, "code": "0" * 6 if letter.code != "000000" else "1" * 6}
        for _ in range(6):
            assert (await service.call(*finish, json=wrong)).status_code == 403
        again = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json=asked | {"source": "192.0.2.1"})
        [mail] = await service.letters()
        assert (await service.call(*finish, json={**again, "code": mail.code})).status_code == 403, "tried too often"
        for signs_in in ({"link": mail.link}, {"link": mail.link, "browser": "b" * 43}):
            assert (await service.finish(**signs_in)).status_code == 403, "it is no link to sign in with"
        assert (await service.call(*finish, json={"link": mail.link[:-1]})).status_code == 403
        assert "Ana Silvestre" in await service.contacts(dana)
        await service.ok(*finish, json={"link": mail.link})
        assert (await service.call(*finish, json={"link": mail.link})).status_code == 403, "it was used"
    assert set(await service.contacts(dana)) == {"Ben Ito", "Cy Ruiz"}


@pytest.mark.parametrize("given", [{}, {"code": "123456"}, {"link": "x", "code": "123456"}])
async def test_it_is_finished_by_a_code_or_a_link(service, given):
    answer = await service.call("POST", "/internal/v1/forgetting/finish", SERVICE, json=given)
    assert answer.status_code == 422


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


async def forget_everywhere(service, email: str) -> None:
    begun = await service.ok("POST", "/internal/v1/forgetting", SERVICE, json={"email": email, "source": "192.0.2.1"})
    [letter] = await service.letters()
    await service.ok("POST", "/internal/v1/forgetting/finish", SERVICE, json={**begun, "code": letter.code})


async def brought(service, who, *rows: str) -> tuple[Any, Any]:
    """What an import reports, and what its owner lists then. Another file comes before it, so it is news."""
    await service.bring(who, "Zoe,Last,,,,,")
    report = await service.bring(who, *rows)
    book = await service.contacts(who)
    return report, {name: {**each, "id": None} for name, each in book.items()}


async def join(service) -> Any:
    return await service.sign_in("ana@example.net")


async def verify(service) -> Any:
    """Somebody who has an account already makes the address theirs."""
    member = await service.sign_in("other@example.net")
    assert (await service.call("POST", "/v1/me/email", member, json={"email": "ana@example.net"})).status_code == 202
    [letter] = await service.letters()
    await service.ok("POST", "/v1/me/email/verify", member, json={"code": letter.code})
    return member


@pytest.mark.parametrize("become", [join, verify])
async def test_an_import_does_not_tell_that_a_forgotten_one_is_a_hidden_member(service, become):
    dana = await service.member("Dana Okafor", "dana@example.org", verified=True)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await service.bring(dana, ANA, BEN)
    await forget_everywhere(service, "ana@example.net")
    before = [await brought(service, each, ANA, BEN) for each in (dana, eve)]
    assert [set(book) for _, book in before] == [{"Ben Ito"}] * 2
    for report, _ in before:
        assert (report["read"], report["accepted"], report["rejected"], report["warnings"]) == (2, 2, [], [])
    ana = await become(service)
    assert [await brought(service, each, ANA, BEN) for each in (dana, eve)] == before
    await service.ok("DELETE", "/v1/me", ana)
    assert [await brought(service, each, ANA, BEN) for each in (dana, eve)] == before


async def test_a_forgotten_one_is_listed_again_by_whom_they_let_find_them_and_by_nobody_else(service):
    dana = await service.member("Dana Okafor", "dana@example.org", verified=True)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    await forget_everywhere(service, "ana@example.net")
    ana = await join(service)
    await service.bring(ana, "Dana,Okafor,,dana@example.org,,,")
    [back] = (await service.contacts(ana)).values()
    await service.ok("PUT", f"/v1/contacts/{back['id']}/may-find-me", ana)
    for each in (dana, eve):
        await service.bring(each, ANA, BEN)
    assert (await service.contacts(dana))["Ana Silvestre"]["id"] == ana.id
    assert set(await service.contacts(eve)) == {"Ben Ito"}
    await service.ok("PUT", f"/v1/contacts/{back['id']}/block", ana)
    await service.bring(dana, ANA, BEN, "Zoe,Last,,,,,")
    assert set(await service.contacts(dana)) == {"Ben Ito", "Zoe Last"}


async def test_who_was_forgotten_in_one_book_and_then_lets_its_owner_find_them_is_listed_by_a_link_as_well(service):
    link = "https://www.linkedin.com/in/cy-ruiz"
    dana, ids = await a_book(service)
    assert await forget(service, ids["Cy Ruiz"]) == 204
    hidden = await service.member("Cy R.", "cy@example.net", profile_url=link, verified=True, findable="contacts")
    await service.bring(dana, LINKED, BEN)
    assert set(await service.contacts(dana)) == {"Ben Ito"}
    await service.ok("PATCH", "/v1/me", hidden, json={"findable": "anyone"})
    await service.bring(dana, LINKED, BEN)
    assert (await service.contacts(dana))["Cy Ruiz"]["id"] == hidden.id


async def test_an_entry_that_its_owner_finds_somebody_by_stays_when_they_have_their_address_forgotten(service):
    """By their own word that an entry is about them, which only that entry holds."""
    dana, ids = await a_book(service)
    ana = await join(service)
    said = {"owner_id": dana.id, "member_id": ana.id}
    path = f"/internal/v1/entries/{ids['Ana Silvestre']}/answered"
    assert (await service.ok("POST", path, SERVICE, json=said))["theirs"]
    await forget_everywhere(service, "ana@example.net")
    await service.bring(dana, ANA)
    assert (await service.contacts(dana))["Ana Silvestre"]["id"] == ana.id


async def test_whom_an_import_leaves_out_counts_as_a_change_so_that_nobody_guesses_on_for_free(service):
    """Else a refusal beyond the day's imports would tell an address that is taken from one that is left out."""
    await forget_everywhere(service, "ana@example.net")
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    rules = service.app.state.dependencies.rules
    await service.bring(eve, BEN)
    with service.instead(rules=replace(rules, imports=replace(rules.imports, uses=3))):

        async def brings(*rows: str) -> int:
            lines = "\n".join([HEADER, *rows]).encode()
            where = "/v1/contacts/import?source=linkedin&missing=keep"
            return (await service.call("POST", where, eve, content=lines)).status_code

        assert [await brings(ANA), await brings(ANA), await brings(ANA)] == [200, 200, 429]
        assert await brings(ANA.replace("ana@", "anybody@")) == 429
        assert await brings(BEN) == 200, "nothing changes, and nobody is left out"


async def test_an_entry_that_stayed_because_it_led_to_a_member_goes_with_them(service, module_database):
    """They asked for it while they had an account; the entry under another address was never meant."""
    dana = await service.member("Dana Okafor", "dana@example.org", verified=True)
    eve = await service.member("Eve Stone", "eve@example.org", verified=True)
    ana = await service.member("Ana S.", "ana@example.net", verified=True)
    for each in (dana, eve):
        await service.bring(each, ANA, BEN)
    entry = (await service.contacts(dana))["Ana Silvestre"]
    assert entry["id"] == ana.id
    await service.ok("PUT", f"/v1/contacts/{ana.id}/closeness", dana, json={"value": 4})
    await forget_everywhere(service, "ana@example.net")
    assert set(await service.contacts(dana)) == {"Ana Silvestre", "Ben Ito"}
    await service.ok("DELETE", "/v1/me", ana)
    assert [set(await service.contacts(each)) for each in (dana, eve)] == [{"Ben Ito"}] * 2
    tables = await everything(module_database)
    assert {name for name, text in tables.items() if "silvestre" in text.casefold()} == set()
    assert (await service.said("ties.v1"))[f"{dana.id}:{ana.id}"] is None
    await service.bring(dana, "Ana,Silvestre,,,Initech,,", BEN)
    assert set(await service.contacts(dana)) == {"Ana Silvestre", "Ben Ito"}, "by a name alone it may be anybody"
