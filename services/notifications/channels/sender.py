"""Sends queued e-mails: renders what is due and passes it to the mail server, each message at most once.

A message is marked `sending`, and that is committed, before the dialogue with the server begins. If the process dies
after that, the message stays `sending`: it is in doubt (the server may have accepted it), is counted, and is not sent
again. A message that never arrives is still in the inbox, but one that arrives twice cannot be taken back.
"""

import asyncio
import secrets
import time
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta

from services.notifications import domain, preferences, rendering, store
from services.notifications.introductions_client import Introductions, IntroductionsUnavailable
from services.notifications.kinds import SUMMARY, kind_of
from services.notifications.notices import Notice
from services.notifications.rendering import UNSUBSCRIBE, Link, Links, Reader
from services.notifications.settings import Settings
from services.notifications.store import Delivery
from shared.mail.email import BadAddress, Mailer, Outcome, Rendered, Result, compose
from shared.observability import trace
from shared.observability.logs import get_logger
from shared.observability.metric_list import EMAILED_SECONDS, EMAILS
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection, Pool
from shared.web.cards import Cards, CardsUnavailable

log = get_logger(__name__)

OUTCOME = "warmpath.email.outcome"
IDLE_S = 5.0
_LEAST_PAUSE_S = 0.05
_STOP_S = 6.0
_REST_FACTOR, _LONGEST_REST_S = 3.0, 0.1
"""After each message the loop rests for this multiple of the time it took: e-mail uses a quarter of a processor at most
and leaves the others to inboxes and live streams. That allows some thirty messages a second."""

for _outcome in (*Outcome, "failed", "cancelled"):
    EMAILS.labels(_outcome)  # there from the start, at 0


class _NotSent(Exception):  # noqa: N818 - an outcome of preparing a message, not an error
    """Nothing is sent now: the state of the delivery, and the reason. `until`: nothing has failed, it waits."""

    def __init__(self, state: str, reason: str, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.state, self.reason, self.until = state, reason, until


class Sender:
    """A loop over the queue; several processes may each run one."""

    def __init__(
        self, pool: Pool, mailer: Mailer, cards: Cards, introductions: Introductions, settings: Settings
    ) -> None:
        self._pool, self._mailer, self._cards, self._settings = pool, mailer, cards, settings
        self._introductions = introductions
        self._lease = timedelta(seconds=2 * mailer.longest_s)
        self._loop = Loop("sender", self._round, every_s=IDLE_S, finish_s=_STOP_S)

    async def start(self) -> None:
        """Begin."""
        await self._loop.start()

    async def stop(self) -> None:
        """Finish the message that is being sent, if that is quick."""
        await self._loop.stop()

    def wake(self) -> None:
        """Note that something was queued."""
        self._loop.wake()

    async def check(self) -> str | None:
        """For `/ready`: whether the loop runs. A mail server that is down shows in metrics only: the inbox works."""
        return await self._loop.check()

    async def _round(self) -> float | None:
        """Send all that is due. Returns the seconds until the next message is, if that is soon."""
        while not self._loop.stopping and await self._send_then_rest():
            pass
        await self.mark_in_doubt(self._lease)
        due_in_s = await store.next_delivery_in(self._pool)
        return None if due_in_s is None else min(IDLE_S, max(_LEAST_PAUSE_S, due_in_s))

    async def _send_then_rest(self) -> bool:
        began = time.monotonic()
        sent = await self.send_one()
        if sent:
            await asyncio.sleep(min(_REST_FACTOR * (time.monotonic() - began), _LONGEST_REST_S))
        return sent

    async def mark_in_doubt(self, lease: timedelta) -> None:
        """Give up on messages that have been `sending` for longer than `lease`."""
        for delivery_id in await store.mark_in_doubt(self._pool, lease):
            EMAILS.labels(Outcome.IN_DOUBT.value).inc()
            log.warning("email_in_doubt", delivery_id=str(delivery_id))

    async def send_one(self) -> bool:
        """Try to send one message that is due; False when none is."""
        with ExitStack() as spans:
            async with self._pool.acquire() as connection, connection.transaction():
                delivery = await store.lock_delivery(connection)
                if delivery is None:
                    return False
                span = spans.enter_context(_span(delivery))
                try:
                    rendered, name, address = await self._prepare(connection, delivery)
                except _NotSent as not_sent:
                    span.note({OUTCOME: not_sent.state})
                    await self._note_not_sent(connection, delivery, not_sent)
                    return True
                await store.mark_delivery(connection, delivery.delivery_id, "sending", delivery.attempts + 1)
            await self._send_message(delivery, rendered, name, address, span)
        return True

    async def _send_message(
        self, delivery: Delivery, rendered: Rendered, name: str | None, address: str, span: trace.Span
    ) -> None:
        try:
            message = compose(
                rendered,
                sender=self._mailer.sender,
                name=name,
                address=address,
                delivery_id=delivery.delivery_id,
                now=delivery.now,
            )
            result = await self._mailer.send(message, address)
        except BadAddress:
            result = Result(Outcome.REFUSED, "BadAddress")
        span.note({OUTCOME: result.outcome.value})
        if result.outcome is not Outcome.SENT:
            span.fail(result.error or result.outcome.value)
        await self._note_result(delivery, result)

    async def _prepare(self, connection: Connection, delivery: Delivery) -> tuple[Rendered, str | None, str]:
        """Render the message with the present name and address. Raises _NotSent where nothing is to be sent."""
        member_id = delivery.member_id
        chosen = await preferences.find(connection, member_id)
        if not chosen.wants_email(delivery.kind):
            raise _NotSent("cancelled", "not wanted")
        if (until := chosen.quiet_until(delivery.now)) is not None:
            raise _NotSent("queued", "quiet hours", until)
        items, count = await store.message_items(connection, member_id, delivery.seq, unread=True, limit=rendering.TOP)
        if not items:
            raise _NotSent("cancelled", "withdrawn or read")
        try:
            cards = await self._cards.find(member_id, [member_id, *rendering.people_in(items)])
        except CardsUnavailable as error:
            raise _NotSent("queued", "CardsUnavailable") from error
        me = cards.get(member_id)
        if me is None or not me.email:
            raise _NotSent("failed", "no address")
        reader = Reader(me.name, chosen.timezone, await self._links(connection, delivery))
        if delivery.kind == SUMMARY:
            rendered = rendering.email_summary(items, count, cards, reader)
        elif isinstance(items[0].content, Notice):
            rendered = await self._email_of_notice(items[0].content, reader)
        else:
            rendered = rendering.email_about(items[0], cards, reader)
        return rendered, me.name, me.email

    async def _email_of_notice(self, notice: Notice, reader: Reader) -> Rendered:
        """What introductions lets us say now, which may be nothing any more."""
        try:
            message = await self._introductions.message(notice.introduction_id, notice.member_id, notice.kind)
            by_link = message is not None and kind_of(notice).by_link and reader.links.console is not None
            link = await self._introductions.link(notice.introduction_id, notice.member_id) if by_link else None
        except IntroductionsUnavailable as error:
            raise _NotSent("queued", "IntroductionsUnavailable") from error
        if message is None:
            raise _NotSent("cancelled", "no longer so")
        return rendering.email_of_notice(notice, message, reader, link)

    async def _links(self, connection: Connection, delivery: Delivery) -> Links:
        """The links of this e-mail; only the hash of the token in one of them is stored."""
        settings, token = self._settings, secrets.token_urlsafe(32)
        await preferences.put_unsubscribe_link(connection, delivery, token)
        console = Link(settings.console) if settings.console else None
        return Links(Link(f"{settings.link_base}{UNSUBSCRIBE}/{token}"), console)

    async def _note_not_sent(self, connection: Connection, delivery: Delivery, not_sent: _NotSent) -> None:
        if not_sent.until is not None:
            await store.mark_delivery(
                connection, delivery.delivery_id, "queued", delivery.attempts, next_at=not_sent.until
            )
            return
        if not_sent.state == "queued":
            await self._retry_later(connection, delivery, not_sent.reason)
            return
        EMAILS.labels(not_sent.state).inc()
        await store.mark_delivery(
            connection, delivery.delivery_id, not_sent.state, delivery.attempts, error=not_sent.reason
        )

    async def _retry_later(self, connection: Connection | Pool, delivery: Delivery, reason: str) -> None:
        attempts = delivery.attempts + 1
        at = domain.retry_at(attempts, delivery.created_at, delivery.now)
        EMAILS.labels("failed" if at is None else "later").inc()
        state = "failed" if at is None else "queued"
        await store.mark_delivery(connection, delivery.delivery_id, state, attempts, next_at=at, error=reason)

    async def _note_result(self, delivery: Delivery, result: Result) -> None:
        details = {"delivery_id": str(delivery.delivery_id), "outcome": result.outcome.value, "reason": result.error}
        (log.info if result.outcome is Outcome.SENT else log.warning)("email_attempted", **details)
        if result.outcome is Outcome.LATER:
            await self._retry_later(self._pool, delivery, result.error or "later")
            return
        EMAILS.labels(result.outcome.value).inc()
        if result.outcome is Outcome.SENT:
            _observe(delivery)
        state = "failed" if result.outcome is Outcome.REFUSED else result.outcome.value
        await store.mark_delivery(self._pool, delivery.delivery_id, state, delivery.attempts + 1, error=result.error)


def _observe(delivery: Delivery) -> None:
    if delivery.kind == SUMMARY:
        return
    for since, at in (("told", delivery.created_at), ("posted", delivery.posted_at)):
        if at is not None:
            EMAILED_SECONDS.labels(since).observe(max(0.0, time.time() - at.timestamp()))


def _span(delivery: Delivery) -> AbstractContextManager[trace.Span]:
    """A span for one attempt, in the trace of what the e-mail is about."""
    facts = {"warmpath.delivery.id": str(delivery.delivery_id), "warmpath.message.kind": delivery.kind}
    return trace.span("send e-mail", delivery.traceparent, kind="client", facts=facts)
