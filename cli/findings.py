"""The checks of `warmpath doctor`. Each gives findings: state, what is wrong, and what to do; none raises."""

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
from shared.messaging.inspection.records import read_records
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics.catalogue import CLOCK
from shared.messaging.topics.cluster import differences
from shared.services import WITH_DATABASE
from shared.storage.migrations import SHARED, MigrationError, pending
from shared.storage.migrations import read as read_migrations

State = Literal["ok", "warning", "error"]
PLACEHOLDER = "change-me"
MIN_TOKEN_LENGTH = 16
TIMEOUT_S = 10.0
CLOCK_WARNING_S, CLOCK_ERROR_S = 3.0, 30.0
DAY_GRACE = timedelta(minutes=20)
"""The timer of postings runs at midnight (UTC), and at least every quarter of an hour."""
MIGRATIONS = {name: ROOT / "services" / name / "migrations" for name in WITH_DATABASE}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `remedy` says what to do; empty if all is well."""

    area: str
    name: str
    state: State
    what: str
    remedy: str = ""


async def check_all(context: Context, environ: Mapping[str, str]) -> list[Finding]:
    """All findings, in the order in which a person would fix them."""
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
        async with asyncio.timeout(3 * TIMEOUT_S):
            return await check()
    except Exception as error:  # noqa: BLE001 - any error is the finding; its text could contain a secret
        return [Finding(area, area, "error", f"could not be checked ({type(error).__name__})", _REMEDY[area])]


_REMEDY = {
    "services": "is the stack up?",
    "topics": "is Kafka running at KAFKA_BOOTSTRAP_SERVERS?",
    "migrations": "is PostgreSQL running, and does WARMPATH_DATABASE_URL have an administrator's role?",
    "clock": "fix what is wrong with Kafka, PostgreSQL and the services first",
    "mail": "check WARMPATH_SMTP_HOST, _PORT and _TLS",
}


# --- configuration --------------------------------------------------------------------------------------------------


def configuration(environ: Mapping[str, str], described: Mapping[str, Any]) -> list[Finding]:
    """The secrets of the stack on this machine, or otherwise of this environment."""
    names = ("WARMPATH_OPERATOR_TOKEN", "WARMPATH_SERVICE_TOKEN")
    tokens = {name: described.get(name.removeprefix("WARMPATH_").lower()) or environ.get(name, "") for name in names}
    found = [_secret(name, value, MIN_TOKEN_LENGTH) for name, value in tokens.items()]
    passwords = {name: value for name, value in environ.items() if name.endswith("_PASSWORD") and "WARMPATH" in name}
    found += [_secret(name, value, 1) for name, value in sorted(passwords.items())]
    operator, service = tokens.values()
    if operator and operator == service:
        what, remedy = "the operator's token is also the services' token", "give WARMPATH_SERVICE_TOKEN another value"
        found.append(Finding("configuration", "tokens", "error", what, remedy))
    return found


def _secret(name: str, value: str, shortest: int) -> Finding:
    remedy = f"set {name} to a random value: openssl rand -hex 24"
    if not value:
        return Finding("configuration", name, "warning", "not set here, so not checked", remedy)
    if value.startswith(PLACEHOLDER):
        return Finding("configuration", name, "error", "still the placeholder of .env.example", remedy)
    if len(value) < shortest:
        return Finding("configuration", name, "error", f"shorter than {shortest} characters", remedy)
    return Finding("configuration", name, "ok", "set")


# --- services -------------------------------------------------------------------------------------------------------


async def services(context: Context) -> list[Finding]:
    """Each service's own checks, and whether it accepts the operator's token."""
    async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
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
        return [Finding("services", name, "error", what, f"start it, or correct WARMPATH_{name.upper()}_URL; {logs}")]
    except (ValueError, KeyError, TypeError):
        return [
            Finding(
                "services",
                name,
                "error",
                f"{url}/ready answers {answer.status_code}",
                "is a Warmpath service running there?",
            )
        ]
    failed = {check: reason for check, reason in checks.items() if reason != "ok"}
    found = [Finding("services", f"{name} {check}", "error", str(reason), logs) for check, reason in failed.items()]
    if known.status_code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        remedy = "give the service and this command the same WARMPATH_OPERATOR_TOKEN"
        found.append(Finding("services", name, "error", "it does not accept this operator's token", remedy))
    return found or [Finding("services", name, "ok", "ready")]


# --- topics ---------------------------------------------------------------------------------------------------------


async def topics(bootstrap: str) -> list[Finding]:
    """Compares the cluster's topics with the catalogue."""
    missing, differing = await differences(bootstrap)
    create = "`warmpath topics create` creates it; services never create topics"
    found = [Finding("topics", name, "error", "does not exist", create) for name in missing]
    for line in differing:
        name, _, what = line.partition(": ")
        counted = "partitions" in what
        remedy = "create a new topic instead: keys would change partition" if counted else "kafka-configs.sh --alter"
        found.append(Finding("topics", name, "error" if counted else "warning", what, remedy))
    return found or [Finding("topics", "catalogue", "ok", "all topics are as declared")]


# --- migrations -----------------------------------------------------------------------------------------------------


async def migrations(dsn: str) -> list[Finding]:
    """Compares the migrations that each schema has applied with the files of this code."""
    if not dsn:
        what = "not checked: no database address is known here"
        remedy = (
            "set WARMPATH_DATABASE_URL with an administrator's role; a service that is ready has applied its migrations"
        )
        return [Finding("migrations", "all", "warning", what, remedy)]
    conn = await asyncpg.connect(dsn, timeout=TIMEOUT_S)
    try:
        return [await _schema(conn, name, folder) for name, folder in MIGRATIONS.items()]
    finally:
        await conn.close()


async def _schema(conn: asyncpg.Connection, name: str, folder: Path) -> Finding:
    try:
        rows = await conn.fetch(f"SELECT version, checksum FROM {name}.schema_migrations")  # noqa: S608 - names of services
        applied = {row["version"]: row["checksum"] for row in rows}
        missing = [each for part in (SHARED, folder) for each in pending(part, read_migrations(part), applied)]
    except MigrationError as error:
        return Finding(
            "migrations", name, "error", str(error), "run the version of the code that this database was last used with"
        )
    except asyncpg.UndefinedTableError:
        return Finding(
            "migrations", name, "error", "no migration was ever applied", f"start {name}: it applies its migrations"
        )
    except asyncpg.InsufficientPrivilegeError:
        remedy = "set WARMPATH_DATABASE_URL with an administrator's role"
        return Finding("migrations", name, "warning", "this role has no access", remedy)
    if missing:
        what = f"not applied: {', '.join(each.version for each in missing)}"
        return Finding("migrations", name, "error", what, f"start {name} with this code: it applies its migrations")
    return Finding("migrations", name, "ok", f"{len(applied)} applied")


# --- clocks ---------------------------------------------------------------------------------------------------------


async def clocks(context: Context, dsn: str) -> list[Finding]:
    """Compares this machine's clock with the services' and PostgreSQL's, and the day on clock.v1 with today."""
    found = [await _day(context.kafka)]
    async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        for name, url in context.urls.items():
            try:
                before = time.time()
                their_time = parsedate_to_datetime((await client.get(f"{url}/live")).headers["date"]).timestamp()
                found.append(ahead(name, their_time + 0.5 - (before + time.time()) / 2))
            except (httpx2.HTTPError, KeyError, ValueError):
                continue  # reported by the check of services
    if dsn:
        conn = await asyncpg.connect(dsn, timeout=TIMEOUT_S)
        try:
            before = time.time()
            moment: datetime = await conn.fetchval("SELECT clock_timestamp()")
            found.append(ahead("PostgreSQL", moment.timestamp() - (before + time.time()) / 2))
        finally:
            await conn.close()
    return found


def ahead(name: str, seconds: float) -> Finding:
    """How far a clock is ahead of this machine's. HTTP dates have whole seconds."""
    off = abs(seconds)
    state: State = "error" if off > CLOCK_ERROR_S else "warning" if off > CLOCK_WARNING_S else "ok"
    way = "ahead of" if seconds > 0 else "behind"
    what = "agrees with this machine's" if state == "ok" else f"{off:.0f} s {way} this machine's"
    return Finding(
        "clock", name, state, what, "" if state == "ok" else "synchronise both by NTP: versions and ages are times"
    )


async def _day(bootstrap: str) -> Finding:
    async with AIOKafkaConsumer(**consumer_options(bootstrap, client_id="warmpath-cli")) as consumer:
        places = [TopicPartition(CLOCK.name, 0)]
        values = [each.value async for each in read_records(consumer, places, "beginning", until_now=True)]
    days = []
    for value in values:
        try:
            days.append(ClockV1.model_validate_json(value or b"").day)
        except ValidationError:
            continue
    return day(max(days, default=None), datetime.now(UTC))


def day(written: Any, now: datetime) -> Finding:
    """Compares the last day on the topic with today in UTC."""
    remedy = "postings writes it at midnight (UTC): check its /live and its outbox"
    if written == now.date():
        return Finding("clock", CLOCK.name, "ok", f"the day is {written}")
    if written is None:
        return Finding("clock", CLOCK.name, "error", "no day was ever written, so no matcher suggests anything", remedy)
    if written > now.date():
        remedy = "the clock of postings was wrong, or this machine's is: the day never moves back"
        return Finding("clock", CLOCK.name, "error", f"the day is {written}, which is in the future", remedy)
    late = written == (now - DAY_GRACE).date()
    return Finding("clock", CLOCK.name, "warning" if late else "error", f"the day is still {written}", remedy)


# --- mail -----------------------------------------------------------------------------------------------------------


async def mail(smtp: str | None, environ: Mapping[str, str]) -> list[Finding]:
    """Whether the mail server answers, with the configured encryption. `smtp`: the local stack's mail catcher."""
    if smtp is not None:
        host, _, port = smtp.rpartition(":")
        return [await _check_smtp(host, int(port), "none")]
    if not environ.get("WARMPATH_SMTP_HOST"):
        what = "WARMPATH_SMTP_HOST is not set here: without it notifications sends no e-mail"
        return [Finding("mail", "SMTP", "warning", what, "set it for notifications, and here to have it checked")]
    try:
        settings = Mail(service_token="s" * MIN_TOKEN_LENGTH, operator_token="o" * MIN_TOKEN_LENGTH)  # not used here
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return [Finding("mail", "SMTP", "error", wrong, "correct the variables WARMPATH_SMTP_*")]
    return [await _check_smtp(settings.smtp_host or "", settings.smtp_port, settings.smtp_tls)]


async def _check_smtp(host: str, port: int, tls: str) -> Finding:
    start: bool | None = {"starttls": True, "auto": None}.get(tls, False)
    client = aiosmtplib.SMTP(hostname=host, port=port, use_tls=tls == "tls", start_tls=start, timeout=TIMEOUT_S)
    try:
        async with client:
            await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        what = f"{host}:{port} (TLS: {tls}) does not accept mail: {type(error).__name__}"
        return Finding("mail", "SMTP", "error", what, "check WARMPATH_SMTP_HOST, _PORT and _TLS, and the server")
    return Finding("mail", "SMTP", "ok", f"{host}:{port} answers")


def worst(found: Iterable[Finding]) -> State:
    """The worst state among them."""
    states = {each.state for each in found}
    return "error" if "error" in states else "warning" if "warning" in states else "ok"
