"""A mail server that delivers nothing: every e-mail of the local stack is stored in a Maildir."""

import asyncio
import mailbox
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.local.ports import listen


class _MaildirHandler:
    """Stores each message, with its envelope in headers."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        message = mailbox.MaildirMessage(envelope.original_content or b"")
        message["X-Envelope-From"] = envelope.mail_from or ""
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self._box.add(message)
        return "250 OK"


@asynccontextmanager
async def mail_server(folder: Path, port: int | None = None) -> AsyncIterator[int]:
    """Accepts mail on loopback while the block runs, on this port or on any free one; gives the port."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    handler = _MaildirHandler(folder)
    loop = asyncio.get_running_loop()
    listener = listen(port)
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, enable_SMTPUTF8=True, ident="Warmpath"), sock=listener
    )
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
