"""What `warmpath doctor` looks at. Every check gives findings: how it is, what is wrong, what to do; none raises."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

import aiosmtplib
import asyncpg
import httpx2
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from cli.context import Context
from infra.local.process import ROOT
from services.notifications.settings import Settings as Mail
from shared.events.clock import ClockV1
from shared.messaging.inspection.records import read
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics.catalogue import CLOCK
from shared.messaging.topics.cluster import differences
from shared.services import WITH_DATABASE
from shared.storage.migrations import SHARED, MigrationError, pending
from shared.storage.migrations import read as read_migrations

State = Literal["ok", "warning", "wrong"]
EXAMPLE = "change-me"
SHORTEST_TOKEN = 16
SECONDS = 10.0
CLOCK_WARNING_S, CLOCK_WRONG_S = 3.0, 30.0
DAY_GRACE = timedelta(minutes=20)
"""The timer of postings wakes at midnight, and at least every quarter of an hour."""
MIGRATIONS = {name: ROOT / "services" / name / "migrations" for name in WITH_DATABASE}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says what to do; empty where all is well."""

    area: str
    name: str
    state: State
    what: str
    remedy: str = ""


async def look(context: Context, environ: Mapping[str, str]) -> list[Finding]:
    """All findings, in the order in which a person would mend them."""
    described = context.described()
    dsn = described.get("dsn") or environ.get("WARMPATH_DATABASE_URL", "")
    checks: dict[str, Callable[[], Awaitable[list[Finding]]]] = {
        "services": lambda: services(context),
        "topics": lambda: topics(context.kafka),
        "migrations": lambda: migrations(dsn),
        "clock": lambda: clocks(context, dsn),
        "mail": lambda: mail(described.get("smtp"), environ),
    }
    found = await asyncio.gather(*(_guarded(area, check) for area, check in checks.items()))
    return configuration(environ, described) + [each for part in found for each in part]


async def _guarded(area: str, check: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        async with asyncio.timeout(3 * SECONDS):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding; its text could hold a secret
        return [Finding(area, area, "wrong", f"could not be looked at ({type(error).__name__})", _REMEDY[area])]


_REMEDY = {
    "services": "is the stack up?",
    "topics": "does Kafka run at the address that KAFKA_BOOTSTRAP_SERVERS names?",
    "migrations": "does PostgreSQL run, and does the address in WARMPATH_DATABASE_URL let an administrator in?",
    "clock": "mend what is wrong with Kafka, PostgreSQL and the services first",
    "mail": "look at WARMPATH_SMTP_HOST, _PORT and _TLS",
}


# --- configuration --------------------------------------------------------------------------------------------------


def configuration(environ: Mapping[str, str], described: Mapping[str, Any]) -> list[Finding]:
    """The secrets that this environment, or else the stack on this machine, has."""
    names = ("WARMPATH_OPERATOR_TOKEN", "WARMPATH_SERVICE_TOKEN")
    tokens = {name: described.get(name.removeprefix("WARMPATH_").lower()) or environ.get(name, "") for name in names}
    found = [_secret(name, value, SHORTEST_TOKEN) for name, value in tokens.items()]
    passwords = {name: value for name, value in environ.items() if name.endswith("_PASSWORD") and "WARMPATH" in name}
    found += [_secret(name, value, 1) for name, value in sorted(passwords.items())]
    operator, service = tokens.values()
    if operator and operator == service:
        what, remedy = "the operator's token is the services' as well", "give WARMPATH_SERVICE_TOKEN another value"
        found.append(Finding("configuration", "tokens", "wrong", what, remedy))
    return found


def _secret(name: str, value: str, shortest: int) -> Finding:
    remedy = f"set {name} to a random value: openssl rand -hex 24"
    if not value:
        return Finding("configuration", name, "warning", "not set here, so it was not looked at", remedy)
    if value.startswith(EXAMPLE):
        return Finding("configuration", name, "wrong", "still the example's value", remedy)
    if len(value) < shortest:
        return Finding("configuration", name, "wrong", f"shorter than {shortest} characters", remedy)
    return Finding("configuration", name, "ok", "set")


# --- services -------------------------------------------------------------------------------------------------------


async def services(context: Context) -> list[Finding]:
    """Each service's own words about itself, and whether it knows the operator."""
    async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        found = await asyncio.gather(*(_service(client, context, name) for name in context.urls))
    return [each for part in found for each in part]


async def _service(client: httpx2.AsyncClient, context: Context, name: str) -> list[Finding]:
    url, logs = context.urls[name], "its log says why" + (f": {context.folder}/logs" if context.folder else "")
    try:
        answer = await client.get(f"{url}/ready")
        checks = answer.json()["checks"]
        known = await client.get(f"{url}/metrics", headers={"Authorization": f"Bearer {context.operator_token}"})
    except httpx2.TransportError as error:
        what = f"{url} does not answer ({type(error).__name__})"
        return [Finding("services", name, "wrong", what, f"start it, or mend WARMPATH_{name.upper()}_URL; {logs}")]
    except (ValueError, KeyError, TypeError):
        return [Finding("services", name, "wrong", f"{url}/ready answers {answer.status_code}", "is it a Warmpath?")]
    wrong = {check: said for check, said in checks.items() if said != "ok"}
    found = [Finding("services", f"{name} {check}", "wrong", str(said), logs) for check, said in wrong.items()]
    if known.status_code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        remedy = "give it and this command the same WARMPATH_OPERATOR_TOKEN"
        found.append(Finding("services", name, "wrong", "it does not know this operator's token", remedy))
    return found or [Finding("services", name, "ok", "ready")]


# --- topics ---------------------------------------------------------------------------------------------------------


async def topics(bootstrap: str) -> list[Finding]:
    """The cluster's topics against the catalogue."""
    missing, differing = await differences(bootstrap)
    create = "`warmpath topics create` creates it; the services never do"
    found = [Finding("topics", name, "wrong", "is not there", create) for name in missing]
    for line in differing:
        name, _, what = line.partition(": ")
        counted = "partitions" in what
        remedy = "a new topic is needed: keys would move" if counted else "kafka-configs.sh --alter to what is declared"
        found.append(Finding("topics", name, "wrong" if counted else "warning", what, remedy))
    return found or [Finding("topics", "catalogue", "ok", "all topics are as declared")]


# --- migrations -----------------------------------------------------------------------------------------------------


async def migrations(dsn: str) -> list[Finding]:
    """What each schema has applied against the files of this code."""
    if not dsn:
        what = "not looked at: no address of the database is known here"
        remedy = "set WARMPATH_DATABASE_URL to an administrator's; a service that is ready has applied its own"
        return [Finding("migrations", "all", "warning", what, remedy)]
    conn = await asyncpg.connect(dsn, timeout=SECONDS)
    try:
        return [await _schema(conn, name, folder) for name, folder in MIGRATIONS.items()]
    finally:
        await conn.close()


async def _schema(conn: asyncpg.Connection, name: str, folder: Path) -> Finding:
    try:
        rows = await conn.fetch(f"SELECT version, checksum FROM {name}.schema_migrations")  # noqa: S608 - our own names
        applied = {row["version"]: row["checksum"] for row in rows}
        missing = [each for part in (SHARED, folder) for each in pending(part, read_migrations(part), applied)]
    except MigrationError as error:
        return Finding("migrations", name, "wrong", str(error), "run the code that this database was last used with")
    except asyncpg.UndefinedTableError:
        return Finding("migrations", name, "wrong", "nothing was ever applied", f"start {name}: it applies its own")
    except asyncpg.InsufficientPrivilegeError:
        remedy = "set WARMPATH_DATABASE_URL to an administrator's"
        return Finding("migrations", name, "warning", "this role may not look", remedy)
    if missing:
        what = f"not applied: {', '.join(each.version for each in missing)}"
        return Finding("migrations", name, "wrong", what, f"start {name} with this code: it applies its own")
    return Finding("migrations", name, "ok", f"{len(applied)} applied")


# --- clocks ---------------------------------------------------------------------------------------------------------


async def clocks(context: Context, dsn: str) -> list[Finding]:
    """This machine's clock against the services' and PostgreSQL's, and the day on clock.v1 against today."""
    found = [await _day(context.kafka)]
    async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        for name, url in context.urls.items():
            try:
                before = time.time()
                said = parsedate_to_datetime((await client.get(f"{url}/live")).headers["date"]).timestamp()
                found.append(ahead(name, said + 0.5 - (before + time.time()) / 2))
            except (httpx2.HTTPError, KeyError, ValueError):
                continue  # said under services
    if dsn:
        conn = await asyncpg.connect(dsn, timeout=SECONDS)
        try:
            before = time.time()
            moment: datetime = await conn.fetchval("SELECT clock_timestamp()")
            found.append(ahead("PostgreSQL", moment.timestamp() - (before + time.time()) / 2))
        finally:
            await conn.close()
    return found


def ahead(name: str, seconds: float) -> Finding:
    """How far a clock is ahead of this machine's; HTTP tells whole seconds."""
    off = abs(seconds)
    state: State = "wrong" if off > CLOCK_WRONG_S else "warning" if off > CLOCK_WARNING_S else "ok"
    way = "ahead of" if seconds > 0 else "behind"
    what = "as this machine's" if state == "ok" else f"{off:.0f} s {way} this machine's"
    return Finding("clock", name, state, what, "" if state == "ok" else "set both by NTP: versions and ages are times")


async def _day(bootstrap: str) -> Finding:
    async with AIOKafkaConsumer(**consumer_options(bootstrap, client_id="warmpath-cli")) as consumer:
        places = [TopicPartition(CLOCK.name, 0)]
        values = [each.value async for each in read(consumer, places, "beginning", until_now=True)]
    days = []
    for value in values:
        try:
            days.append(ClockV1.model_validate_json(value or b"").day)
        except ValidationError:
            continue
    return day(max(days, default=None), datetime.now(UTC))


def day(written: Any, now: datetime) -> Finding:
    """The day that was written last against the day it is in UTC."""
    remedy = "postings writes it at midnight (UTC): look at its /live and at its outbox"
    if written == now.date():
        return Finding("clock", CLOCK.name, "ok", f"the day is {written}")
    if written is None:
        return Finding("clock", CLOCK.name, "wrong", "no day was ever written: no matcher says anything", remedy)
    if written > now.date():
        remedy = "the clock of postings was, or this machine's is, wrong: the day never moves back"
        return Finding("clock", CLOCK.name, "wrong", f"the day is {written}, which has not begun", remedy)
    late = written == (now - DAY_GRACE).date()
    return Finding("clock", CLOCK.name, "warning" if late else "wrong", f"the day is still {written}", remedy)


# --- mail -----------------------------------------------------------------------------------------------------------


async def mail(smtp: str | None, environ: Mapping[str, str]) -> list[Finding]:
    """Whether the mail server answers, with encryption as it is configured. `smtp`: the local stack's catcher."""
    if smtp is not None:
        host, _, port = smtp.rpartition(":")
        return [await _greeted(host, int(port), "none")]
    if not environ.get("WARMPATH_SMTP_HOST"):
        what = "WARMPATH_SMTP_HOST is not set here: without it notifications sends no e-mail"
        return [Finding("mail", "SMTP", "warning", what, "set it for notifications, and here to have it looked at")]
    try:
        settings = Mail(service_token="s" * SHORTEST_TOKEN, operator_token="o" * SHORTEST_TOKEN)  # not looked at here
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return [Finding("mail", "SMTP", "wrong", wrong, "mend the variables WARMPATH_SMTP_*")]
    return [await _greeted(settings.smtp_host or "", settings.smtp_port, settings.smtp_tls)]


async def _greeted(host: str, port: int, tls: str) -> Finding:
    start: bool | None = {"starttls": True, "auto": None}.get(tls, False)
    client = aiosmtplib.SMTP(hostname=host, port=port, use_tls=tls == "tls", start_tls=start, timeout=SECONDS)
    try:
        async with client:
            await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        what = f"{host}:{port} (TLS: {tls}) does not take mail: {type(error).__name__}"
        return Finding("mail", "SMTP", "wrong", what, "look at WARMPATH_SMTP_HOST, _PORT and _TLS, and at the server")
    return Finding("mail", "SMTP", "ok", f"{host}:{port} answers")


def worst(found: Iterable[Finding]) -> State:
    """The worst state among them."""
    states = {each.state for each in found}
    return "wrong" if "wrong" in states else "warning" if "warning" in states else "ok"
