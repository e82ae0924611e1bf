"""Cards: what other services may show of somebody to a viewer."""

from typing import Any

from tests.component.profiles.test_profile import FULL, SERVICE


async def test_cards(service, dana):
    await service.ok("PUT", "/v1/me", dana, json=FULL | {"headline": "Engineer of bridges"})
    eve = await service.member("Eve Stone", "eve@example.org", verified=True, headline="Shown to nobody else")
    hidden = await service.member("Hal Hidden", "hal@example.org", verified=True, findable="contacts")
    eves = "Evie Ann,S,https://www.linkedin.com/in/eve,eve@example.org,,,5 Mar 2024"
    rows = ('Dr. Ana,"Silva, PhD",,ana@example.org,Globex,Designer,', eves, "H,H,,hal@example.org,,,")
    await service.bring(dana, *rows)
    ana = (await service.contacts(dana))["Dr. Ana Silva, PhD"]
    blank = dict.fromkeys(("email", "headline", "company", "title", "profile_url", "connected_on"))
    wanted = [dana.id, eve.id, hidden.id, ana["id"], "unknown"]

    async def cards(viewer: str) -> dict[str, Any]:
        answer = await service.ok("POST", "/internal/v1/cards", SERVICE, json={"ids": wanted, "viewer": viewer})
        return {card.pop("id"): card for card in answer["cards"]}

    mine = await cards(dana.id)
    assert mine == {
        dana.id: {
            **blank,
            "name": "Dana Okafor",
            "given_name": "Dana",
            "email": "dana@example.org",
            "headline": "Engineer of bridges",
            "member": True,
            "company": "Initech",
            "title": "Engineer",
        },
        eve.id: {
            **blank,
            "name": "Eve Stone",
            "given_name": "Evie Ann",
            "member": True,
            "profile_url": "https://www.linkedin.com/in/eve",
            "connected_on": "2024-03-05",
        },
        ana["id"]: {
            **blank,
            "name": "Dr. Ana Silva, PhD",
            "given_name": "Ana",
            "member": False,
            "company": "Globex",
            "title": "Designer",
        },
    }
    assert set(await cards(eve.id)) == {eve.id}, "Dana is no contact of hers"
    assert set(await cards(hidden.id)) == {hidden.id}


async def test_a_card_has_no_address_that_is_not_verified(service):
    eve = await service.member("Eve Stone", "eve@example.org")
    answer = await service.ok("POST", "/internal/v1/cards", SERVICE, json={"ids": [eve.id], "viewer": eve.id})
    assert answer["cards"][0]["email"] is None
