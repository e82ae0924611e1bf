"""How often members may make organisations, and organisations may have e-mails sent."""

from dataclasses import dataclass
from datetime import timedelta

from services.postings import web_domains
from services.postings.settings import Settings
from shared.mail.proofs import key_of
from shared.storage.pool import Connection
from shared.web.rate_limits import Limit

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Rules:
    """The secret of digests, and the limits.

    Those by address and by domain are silent: how many are left would tell who else has asked. They also bound how
    often the code for a domain can be guessed, whoever tries.
    """

    key: bytes
    organisations: Limit
    codes: Limit
    invitations: Limit
    mails: Limit
    codes_of_domain: Limit

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """As configured."""
        return cls(
            key_of(settings.service_token.get_secret_value(), "organisations"),
            Limit("organisations", settings.organisations_a_month, MONTH),
            Limit("codes", settings.domain_codes_an_hour, HOUR),
            Limit("invitations", settings.invitations_a_day, DAY),
            Limit("mails", settings.mails_per_address, DAY),
            Limit("domain", settings.codes_per_domain, DAY),
        )

    async def may_send_code(self, conn: Connection, email: str) -> bool:
        """Whether the e-mail that proves a web domain is sent to this address."""
        to_domain = await self.codes_of_domain.use(conn, self.key, web_domains.domain_of(email))
        return to_domain and await self.mails.use(conn, self.key, email)
