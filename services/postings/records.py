"""Web domains proven by a TXT record in the DNS, where the configuration names a server to ask.

Kept true: only the answer that there is no such record counts against a domain. While the DNS does not answer nothing
changes, and a record that is gone takes the domain away after three days, so that moving a zone does not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.resolver

from services.postings import organisations
from services.postings.domain import Now
from services.postings.settings import Settings
from shared.observability.logs import get_logger
from shared.service_kit.loop import Loop
from shared.storage.pool import Pool
from shared.tokens import keyed_digest
from shared.web import audit

log = get_logger(__name__)

EVERY: Final = timedelta(hours=6)
GRACE: Final = timedelta(days=3)
ANSWER_S: Final = 5.0
DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Records:
    """Asks one server. `key` is the secret of digests: a record names its organisation, and nobody can make one up."""

    server: str
    port: int
    key: bytes

    @classmethod
    def of(cls, settings: Settings, key: bytes) -> "Records | None":
        """As configured; None where there is no server to ask."""
        if settings.dns_server is None:
            return None
        host, _, port = settings.dns_server.rpartition(":")
        return cls(host, int(port), key) if host else cls(settings.dns_server, 53, key)

    def record(self, organisation_id: str, domain: str) -> str:
        """What the domain's TXT record must be."""
        return f"warmpath={keyed_digest(self.key, 'record', organisation_id, domain)[:DIGITS]}"

    async def is_there(self, organisation_id: str, domain: str) -> bool | None:
        """Whether the record is there; None while the DNS does not answer."""
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = [self.server], self.port, ANSWER_S
        try:
            answer = await resolver.resolve(f"{domain}.", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return False
        except (dns.exception.DNSException, OSError) as error:
            log.warning("dns_does_not_answer", reason=type(error).__name__)
            return None
        expected = self.record(organisation_id, domain).encode()
        return any(b"".join(each.strings) == expected for each in answer)


def loop(pool: Pool, records: Records, now: Now) -> Loop:
    """Looks again, several times a day, whether each record is still there."""

    async def look() -> None:
        await look_again(pool, records, now)

    return Loop("records", look, every_s=EVERY.total_seconds())


async def look_again(pool: Pool, records: Records, now: Now) -> None:
    """Note which records are there, and take away domains whose record has been gone for long."""
    for row in await pool.fetch(organisations.SQL["list_records"]):
        organisation_id, domain = row["organisation_id"], row["domain"]
        there = await records.is_there(organisation_id, domain)
        async with pool.acquire() as conn, conn.transaction():
            if there:
                await conn.execute(organisations.SQL["record_seen"], organisation_id, domain, now())
            elif there is False and await conn.fetchval(
                organisations.SQL["record_gone"], organisation_id, domain, now() - GRACE
            ):
                await audit.note(conn, "domain.lost", organisation_id)
                log.info("domain_lost")
