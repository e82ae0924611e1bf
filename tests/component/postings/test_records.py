"""Web domains proven by a TXT record, looked up at a DNS server that runs here."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from services.postings import records
from services.postings.records import Records
from tests.component.postings.conftest import member
from tests.component.postings.test_organisations import ADA, BASE, made


@dataclass
class Dns(asyncio.DatagramProtocol):
    """Answers with the TXT records that it has; with nothing while it is down."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    down: bool = False
    transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.down:
            return
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        name = asked.question[0].name.to_text(omit_final_dot=True)
        if name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for text in self.texts.get(name, []):
            answer.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "TXT", f'"{text}"'))
        self.transport.sendto(answer.to_wire(), addr)


@pytest.fixture
async def zone(service, monkeypatch) -> AsyncIterator[Dns]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Dns, local_addr=("127.0.0.1", 0))
    deps = service.app.state.dependencies
    asked = Records("127.0.0.1", transport.get_extra_info("sockname")[1], deps.rules.key)
    monkeypatch.setattr(records, "ANSWER_S", 0.5)
    service.app.state.dependencies = replace(deps, records=asked)
    yield server
    transport.close()


async def ask(service, organisation, token=ADA, domain="initech.example"):
    return await service.call("POST", f"{BASE}/{organisation}/domain/record", token, json={"domain": domain})


async def proven(service, zone) -> str:
    organisation = await made(service)
    refused = await ask(service, organisation)
    assert refused.status_code == 409
    record = next(word for word in refused.json()["detail"].split() if word.startswith("warmpath=")).rstrip(";")
    zone.texts["initech.example"] = ["v=spf1 -all", record]
    answer = await ask(service, organisation)
    assert (answer.status_code, answer.json()["domain"], answer.json()["vouched"]) == (200, "initech.example", True)
    return organisation


async def test_the_record_proves_the_domain_of_its_organisation_alone(service, zone):
    await proven(service, zone)
    other = await made(service, member("ben"), "Another")
    assert (await ask(service, other, member("ben"))).status_code == 409


async def test_a_record_that_is_gone_takes_the_domain_after_three_days_and_silence_never(service, zone):
    organisation = await proven(service, zone)
    deps = service.app.state.dependencies

    async def domain_after(**more) -> str | None:
        service.clock.moment += timedelta(**more)
        await records.look_again(service.pool, deps.records, service.clock)
        return (await service.ok("GET", f"{BASE}/{organisation}", ADA))["domain"]

    zone.down = True
    assert await domain_after(days=9) == "initech.example"
    zone.down = False
    assert await domain_after(days=1) == "initech.example"
    zone.texts.clear()
    assert await domain_after(days=2) == "initech.example"
    assert await domain_after(days=2) is None


async def test_a_domain_that_an_e_mail_proved_needs_no_record(service, zone):
    organisation = await made(service)
    await service.pool.execute("UPDATE organisations SET domain = 'x.example', domain_verified_at = now()")
    zone.texts.clear()
    service.clock.moment += timedelta(days=30)
    await records.look_again(service.pool, service.app.state.dependencies.records, service.clock)
    assert (await service.ok("GET", f"{BASE}/{organisation}", ADA))["domain"] == "x.example"


async def test_providers_domains_and_a_silent_dns_are_told_apart(service, zone):
    organisation = await made(service)
    assert (await ask(service, organisation, domain="gmail.com")).status_code == 422
    zone.down = True
    assert (await ask(service, organisation)).status_code == 503


async def test_without_a_server_to_ask_nothing_is_verified_so(service):
    assert (await ask(service, await made(service))).status_code == 409
