"""The e-mails of organisations: a code that proves a web domain, and links to who is invited.

Kept true: subjects are fixed sentences; the only words of somebody's own are the organisation's name, in the invitation
alone, which only an organisation that is vouched for can send. They are no link, and stand in one line.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg

from services.postings.organisations import SQL
from shared.mail.email import Mailer, Rendered
from shared.mail.layout import rendered, templates
from shared.mail.proofs import MailLoop, Secrets, in_halves, new_code, new_link
from shared.storage.pool import Pool
from shared.text import clean, unlinked

CODE_HOLDS: Final = timedelta(hours=1)
INVITATION_HOLDS: Final = timedelta(days=7)
LINK_PATH = "/invitations?token="
SUBJECTS = {
    "domain": "Confirm your organisation's web domain for Warmpath",
    "invitation": "You are invited to an organisation on Warmpath",
}
MAY = {
    "owner": "own it: post openings, invite people, and keep its keys",
    "recruiter": "post openings and change them",
    "viewer": "see its openings and about how many people they reach",
}
"""What each role may do, as an invitation says it."""

_TEMPLATES = templates(Path(__file__).with_name("templates"))


class ProofSender(MailLoop):
    """Sends what is due in the table of proofs."""

    def __init__(self, pool: Pool, mailer: Mailer, key: bytes, console: str | None) -> None:
        """`console`: where links lead to; nobody can be invited without one."""
        super().__init__(pool, mailer, key, SQL)
        self._console = console

    def secrets_of(self, proof: asyncpg.Record) -> Secrets:
        """A link for who is invited, a code for a web domain."""
        return Secrets(new_link(), None) if proof["purpose"] == "invitation" else Secrets(None, new_code())

    def render(self, proof: asyncpg.Record, made: Secrets) -> Rendered:
        """An invitation names the organisation, which is vouched for then."""
        link, code = made.link, made.code
        context = {
            "organisation": unlinked(clean(proof["name"], 100)),
            "domain": unlinked(proof["email"].rpartition("@")[2] if code else proof["domain"] or ""),
            "may": MAY.get(proof["role"], ""),
            "code": in_halves(code) if code else None,
            "link": f"{self._console}{LINK_PATH}{link}" if link else None,
        }
        return rendered(_TEMPLATES, proof["purpose"], SUBJECTS[proof["purpose"]], context)
