"""What a log may say about an exception: its class, where it was raised, and no text that may hold personal data.

Messages of drivers and validators repeat values (`Key (email)=(…) already exists`). So messages are logged for our own
errors only; of other errors, the parts known to be safe: SQL states, names of constraints, types of errors.
"""

import os
import traceback
from collections import Counter
from collections.abc import Iterator

import asyncpg
import pydantic

_OURS = ("shared", "services", "infra", "cli")
_SAFE_LIBRARIES = ("aiokafka",)  # its messages name brokers, topics, partitions and groups


def summary(error: BaseException) -> str:
    """One line: the class, and what of the message is safe to log."""
    name = type(error).__name__
    detail = _safe_detail(error)
    return f"{name}: {detail}" if detail else name


def _safe_detail(error: BaseException) -> str:
    package = type(error).__module__.partition(".")[0]
    if isinstance(error, pydantic.ValidationError):
        kinds = Counter(each["type"] for each in error.errors(include_url=False, include_context=False))
        return f"{error.title}: " + ", ".join(f"{kind} x{count}" for kind, count in sorted(kinds.items()))
    if package in _OURS or package in _SAFE_LIBRARIES:
        return str(error)
    if isinstance(error, asyncpg.PostgresError):
        parts = (error.sqlstate, error.table_name, error.column_name, error.constraint_name)
        return " ".join(str(part) for part in parts if part)
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return ""


def render(error: BaseException) -> str:
    """The whole chain, oldest first, with source lines but no values: neither locals nor other libraries' messages."""
    return "\n".join(_blocks(error, set()))


def _blocks(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _blocks(earlier, seen)
        yield "\nwhich led to:\n"
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{frames}\n{summary(error)}" if frames else summary(error)
    if isinstance(error, BaseExceptionGroup):
        for index, inner in enumerate(error.exceptions, start=1):
            if id(inner) not in seen:
                yield f"\nwithin it, number {index}:\n"
                yield from _blocks(inner, seen)
