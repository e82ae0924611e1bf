"""One e-mail: composing the message, and the dialogue with the mail server.

Kept true: the result says whether the server may have accepted the message. Before DATA it cannot have. Once DATA has
begun only the server's reply decides, and without a reply the result is `IN_DOUBT`.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from uuid import UUID

import aiosmtplib

from shared.mail.settings import MailSettings
from shared.text import clean

UNSUBSCRIBE = "List-Unsubscribe"


class _OnOneLine(UnstructuredHeader):
    """A header with an address in it: Python would fold a long one into encoded words, which is no address any more."""

    def fold(self, *, policy: Policy) -> str:
        """The whole header; with its address it stays far below the 998 characters that a line may have."""
        return f"{UNSUBSCRIBE}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type(UNSUBSCRIBE, _OnOneLine)  # type: ignore[arg-type]  # the library mixes BaseHeader in itself
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)  # works without 8BITMIME
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_REFUSED_FROM = 500
_LATER_FROM = 400


class Outcome(StrEnum):
    """The outcome of one attempt."""

    SENT = "sent"
    LATER = "later"  # certainly not accepted; another attempt may succeed
    REFUSED = "refused"  # certainly not accepted, and never will be
    IN_DOUBT = "in_doubt"  # perhaps accepted: not sent again


@dataclass(frozen=True, slots=True)
class Result:
    """`error` is a kind of error, without the server's message."""

    outcome: Outcome
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of an e-mail. `unsubscribe`: the address at which its kind is turned off, where it can be."""

    subject: str
    text: str
    html: str
    unsubscribe: str | None = None


class BadAddress(ValueError):  # noqa: N818 - names what is wrong
    """An address that mail cannot be sent to."""


def address_of(text: str) -> str:
    """The address in ASCII form; an internationalised domain is encoded. Raises BadAddress."""
    local, at, domain = text.strip().rpartition("@")
    try:
        encoded = domain.encode("idna").decode()
    except UnicodeError:
        encoded = ""
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(encoded):
        raise BadAddress("not an address that mail can be sent to")
    return f"{local}@{encoded}"


def compose(
    rendered: Rendered, *, sender: str, name: str | None, address: str, delivery_id: UUID, now: datetime
) -> EmailMessage:
    """The message. Its Message-ID is derived from the delivery, so that a duplicate could be recognised.

    Sender and subject are ours; the receiver's own name is the only word of a person in the headers.

    Raises:
        BadAddress: `address` or `sender` is not a valid address.
    """
    from_name, from_address = parseaddr(sender)
    origin = address_of(from_address)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(clean(from_name), addr_spec=origin)
    message["To"] = Address(clean(name, 100), addr_spec=address_of(address))
    message["Subject"] = clean(rendered.subject, 200)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{delivery_id}@{origin.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if rendered.unsubscribe is not None:
        message[UNSUBSCRIBE] = f"<{rendered.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


class Mailer:
    """Sends messages through the configured server, over one connection each."""

    def __init__(self, settings: MailSettings) -> None:
        if settings.smtp_host is None:
            raise ValueError("e-mail is off: smtp_host is not set")
        self._settings = settings
        self.sender = settings.smtp_from
        self._origin = address_of(parseaddr(settings.smtp_from)[1])
        self.longest_s = 4 * settings.smtp_timeout_seconds
        """The longest a dialogue can take."""

    async def send(self, message: EmailMessage, address: str) -> Result:
        """Try once. Never raises because of what a server or network does.

        Cancelled before DATA, it returns `LATER` at once, so that a restart does not lose a message that was not sent.
        """
        client = self._client()
        try:
            ready = await self._envelope(client, address_of(address))
            return ready or await self._data(client, message.as_bytes())
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        start_tls = {"auto": True if settings.smtp_username else None, "starttls": True}.get(settings.smtp_tls, False)
        return aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            timeout=settings.smtp_timeout_seconds,
            use_tls=settings.smtp_tls == "tls",
            start_tls=start_tls,
        )

    async def _envelope(self, client: aiosmtplib.SMTP, address: str) -> Result | None:
        """The dialogue up to DATA; None when the server expects the message."""
        try:
            async with asyncio.timeout(2 * self._settings.smtp_timeout_seconds):
                await client.connect()
                await client.mail(self._origin)
                await client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            outcome = Outcome.REFUSED if error.code >= _REFUSED_FROM else Outcome.LATER
            return Result(outcome, f"{type(error).__name__} {error.code}")
        except asyncio.CancelledError:
            return Result(Outcome.LATER, "Stopped")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Also a wrong password or certificate, or a refused sender: errors of configuration, not of the message.
            return Result(Outcome.LATER, type(error).__name__)
        return None

    async def _data(self, client: aiosmtplib.SMTP, body: bytes) -> Result:
        try:
            async with asyncio.timeout(2 * self._settings.smtp_timeout_seconds):
                await client.data(body)
        except aiosmtplib.SMTPDataError as error:
            if error.code < _LATER_FROM:
                return Result(Outcome.IN_DOUBT, f"SMTPDataError {error.code}")
            outcome = Outcome.REFUSED if error.code >= _REFUSED_FROM else Outcome.LATER
            return Result(outcome, f"SMTPDataError {error.code}")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Result(Outcome.IN_DOUBT, type(error).__name__)
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=2)
        return Result(Outcome.SENT)
