"""The e-mail queue's other end: renders what is due and hands it to the mail server, each message at most once.

A message is marked `sending` and committed before the server hears of it. Whoever dies after that leaves it `sending`;
it is then in doubt (the server may have taken it), is counted, and is not sent again: being told nothing by e-mail is
mended by the inbox, being told twice is not.
"""

import asyncio
import time
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta

from services.notifications import domain, rendering, store
from services.notifications.cards import Cards, CardsUnavailable
from services.notifications.channels.email import BadAddress, Mailer, Outcome, Result, compose
from services.notifications.rendering import Rendered
from services.notifications.store import Delivery
from shared.observability import trace
from shared.observability.logs import get_logger
from shared.observability.metric_list import EMAILED_SECONDS, EMAILS
from shared.service_kit.loop import Loop
from shared.storage.pool import Connection, Pool

log = get_logger(__name__)

OUTCOME = "warmpath.email.outcome"
IDLE_S = 5.0
_LEAST_PAUSE_S = 0.05
_STOP_S = 6.0
_RESTS, _LONGEST_REST_S = 3.0, 0.1
"""After a message comes a rest so many times as long as it took: mail takes a quarter of a processor at most, since
what is written into inboxes and shown on open screens shares it. That is some thirty messages a second."""

for _outcome in (*Outcome, "failed", "cancelled"):
    EMAILS.labels(_outcome)  # there from the start, at 0


class _Settled(Exception):  # noqa: N818 - how preparing may end, besides with a message
    """Nothing is to be sent now: the state, and why."""

    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.state, self.why = state, why


class Sender:
    """A loop over the queue; several processes may run one each."""

    def __init__(self, pool: Pool, mailer: Mailer, cards: Cards) -> None:
        self._pool, self._mailer, self._cards = pool, mailer, cards
        self._lease = timedelta(seconds=2 * mailer.longest_s)
        self._loop = Loop("sender", self._round, every_s=IDLE_S, finish_s=_STOP_S)

    async def start(self) -> None:
        """Begin."""
        await self._loop.start()

    async def stop(self) -> None:
        """Finish the message that is under way, if that is quick."""
        await self._loop.stop()

    def wake(self) -> None:
        """Something was queued."""
        self._loop.wake()

    async def check(self) -> str | None:
        """For `/ready`: whether the loop runs. A mail server that is away is a matter for metrics: the inbox works."""
        return await self._loop.check()

    async def _round(self) -> float | None:
        """Send all that is due. Returns the seconds until the next message is, if that is soon."""
        while not self._loop.stopping and await self._send_gently():
            pass
        await self.doubt(self._lease)
        due_in_s = await store.next_delivery_in(self._pool)
        return None if due_in_s is None else min(IDLE_S, max(_LEAST_PAUSE_S, due_in_s))

    async def _send_gently(self) -> bool:
        began = time.monotonic()
        sent = await self.send_one()
        if sent:
            await asyncio.sleep(min(_RESTS * (time.monotonic() - began), _LONGEST_REST_S))
        return sent

    async def doubt(self, lease: timedelta) -> None:
        """Give up on messages that have been `sending` for longer than `lease`."""
        for delivery_id in await store.doubt_deliveries(self._pool, lease):
            EMAILS.labels(Outcome.IN_DOUBT.value).inc()
            log.warning("email_in_doubt", delivery_id=str(delivery_id))

    async def send_one(self) -> bool:
        """Take one message that is due through one try; False when none is."""
        with ExitStack() as spans:
            async with self._pool.acquire() as connection, connection.transaction():
                delivery = await store.lock_delivery(connection)
                if delivery is None:
                    return False
                span = spans.enter_context(_span(delivery))
                try:
                    rendered, name, address = await self._prepare(connection, delivery)
                except _Settled as settled:
                    span.note({OUTCOME: settled.state})
                    await self._settle(connection, delivery, settled)
                    return True
                await store.mark_delivery(connection, delivery.delivery_id, "sending", delivery.attempts + 1)
            await self._hand_over(delivery, rendered, name, address, span)
        return True

    async def _hand_over(
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
        await self._record(delivery, result)

    async def _prepare(self, connection: Connection, delivery: Delivery) -> tuple[Rendered, str | None, str]:
        """Words, name and address, as of now. Raises _Settled where nothing is to be sent."""
        member_id = delivery.member_id
        chosen = await store.preferences(connection, member_id)
        if not chosen.wants_email(delivery.kind):
            raise _Settled("cancelled", "not wanted")
        items, count = await store.message_items(connection, member_id, delivery.seq, unread=True, limit=rendering.TOP)
        if not items:
            raise _Settled("cancelled", "withdrawn or read")
        try:
            cards = await self._cards.find(member_id, [member_id, *rendering.people_in(items)])
        except CardsUnavailable as error:
            raise _Settled("queued", "CardsUnavailable") from error
        me = cards.get(member_id)
        if me is None or not me.email:
            raise _Settled("failed", "no address")
        if delivery.kind == "summary":
            rendered = rendering.email_summary(items, count, cards, member_id, chosen.timezone)
        else:
            rendered = rendering.email_about(items[0], cards, member_id, chosen.timezone)
        return rendered, me.name, me.email

    async def _settle(self, connection: Connection, delivery: Delivery, settled: _Settled) -> None:
        if settled.state == "queued":
            await self._again(connection, delivery, settled.why)
            return
        EMAILS.labels(settled.state).inc()
        await store.mark_delivery(connection, delivery.delivery_id, settled.state, delivery.attempts, error=settled.why)

    async def _again(self, connection: Connection | Pool, delivery: Delivery, why: str) -> None:
        tries = delivery.attempts + 1
        at = domain.retry_at(tries, delivery.created_at, delivery.now)
        EMAILS.labels("failed" if at is None else "later").inc()
        state = "failed" if at is None else "queued"
        await store.mark_delivery(connection, delivery.delivery_id, state, tries, next_at=at, error=why)

    async def _record(self, delivery: Delivery, result: Result) -> None:
        facts = {"delivery_id": str(delivery.delivery_id), "outcome": result.outcome.value, "why": result.error}
        (log.info if result.outcome is Outcome.SENT else log.warning)("email_tried", **facts)
        if result.outcome is Outcome.LATER:
            await self._again(self._pool, delivery, result.error or "later")
            return
        EMAILS.labels(result.outcome.value).inc()
        if result.outcome is Outcome.SENT:
            _observe(delivery)
        state = "failed" if result.outcome is Outcome.REFUSED else result.outcome.value
        await store.mark_delivery(self._pool, delivery.delivery_id, state, delivery.attempts + 1, error=result.error)


def _observe(delivery: Delivery) -> None:
    if delivery.kind == "summary":
        return
    for since, at in (("told", delivery.created_at), ("posted", delivery.posted_at)):
        if at is not None:
            EMAILED_SECONDS.labels(since).observe(max(0.0, time.time() - at.timestamp()))


def _span(delivery: Delivery) -> AbstractContextManager[trace.Span]:
    """One try of one e-mail, in the trace of what it tells."""
    facts = {"warmpath.delivery.id": str(delivery.delivery_id), "warmpath.message.kind": delivery.kind}
    return trace.span("send e-mail", delivery.traceparent, kind="client", facts=facts)
