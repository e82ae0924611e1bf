"""Logging for every process: console lines in a terminal, JSON otherwise, including what libraries log.

Kept true: no personal data. Values of keys that could hold it are redacted, as are e-mail addresses and tokens in any
text, and exceptions are shown as `failures.py` allows. Ids are fine.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from pathlib import PurePath
from types import TracebackType
from typing import Any, Literal, TextIO
from uuid import UUID

import structlog

from shared.observability import failures

Format = Literal["auto", "console", "json"]
REDACTED = "[redacted]"

_PERSONAL = ("address", "body", "contacts", "email", "emails", "first_name", "full_name", "last_name", "name", "names")
_PERSONAL_TOO = ("phone", "recipient", "subject", "text", "to", "value")
_SECRET = ("api_key", "authorization", "cookie", "database_url", "dsn", "password", "secret", "token", "x_api_key")
_PRIVATE = frozenset((*_PERSONAL, *_PERSONAL_TOO, *_SECRET))
_PRIVATE_ENDINGS = ("_email", "_emails", "_password", "_secret", "_token")
_PRIVATE_WORDS = re.compile(
    r"[^\s@<>()\[\]\"',;:=]+@[^\s@<>()\[\]\"',;:=]+\.\w+|\bwp[mr]_[\w-]{20,}|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"
)
_FUTURE_ERROR = re.compile(r"exception=.*?(?=>\n|>$|$)", re.DOTALL)
_QUIET = {
    "httpx2": "WARNING",
    "httpcore2": "WARNING",
    "aiokafka": "WARNING",
    "shared.messaging.faststream": "ERROR",  # it warns at each start that topics are not created automatically
    "mail.log": "ERROR",
}


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger. Events are `snake_case`, details are keywords: `log.info("migrated", version=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor that redacts what could be personal or secret, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    lowered = key.lower().replace("-", "_")
    if lowered in _PRIVATE or lowered.endswith(_PRIVATE_ENDINGS):
        return REDACTED
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, BaseException):
        return scrub(failures.summary(value))
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else _text_of(value)


def _text_of(value: object) -> str:
    """A value of a few known types as text; of others only the type, since a model's repr would print its fields."""
    return str(value) if isinstance(value, date | timedelta | UUID | PurePath) else f"<{type(value).__name__}>"


def scrub(text: str) -> str:
    """The text without e-mail addresses, our tokens, and passwords inside URLs."""
    return _PRIVATE_WORDS.sub(REDACTED, text)


def _exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = failures.render(error)
    return event


class _ExceptionArguments(logging.Filter):
    """Libraries format exceptions into their messages; this replaces them by a safe summary."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, BaseException):
            record.msg = failures.summary(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(failures.summary(a) if isinstance(a, BaseException) else a for a in record.args)
        if record.name == "asyncio" and isinstance(record.msg, str):
            # "Task exception was never retrieved" prints the task, including the exception's message.
            record.msg = _FUTURE_ERROR.sub("exception=…", record.msg)
        return True


def _processors(service: str) -> list[structlog.typing.Processor]:
    def add_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _exception,
        redact,
    ]


def configure(service: str, fmt: Format = "auto", level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up logging for this process, replacing any earlier setup. Writes to standard error."""
    out = stream or sys.stderr
    processors = _processors(service)
    console = fmt == "console" or (fmt == "auto" and out.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=out.isatty()) if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *processors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.set_name("warmpath")
    handler.addFilter(_ExceptionArguments())
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=processors, processors=last))
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if each.get_name() != "warmpath"] + [handler]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.getLevelName(quiet)))
    sys.excepthook = _uncaught


def use_defaults() -> None:
    """For processes that do not call `configure` (tools, tests): warnings go where the standard library sends them."""
    last = structlog.processors.KeyValueRenderer(key_order=["event"])
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *processors, _exception, redact, last],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    get_logger("warmpath").critical("process_failed", exc_info=(kind, error, trace))


use_defaults()  # structlog's default prints to standard output, where the command line prints its answers
