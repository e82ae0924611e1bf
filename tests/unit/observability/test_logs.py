"""Logs: one form for ours and the libraries', and nobody's data in them."""

import asyncio
import gc
import io
import json
import logging
import sys

import asyncpg
import pydantic
import pytest
import structlog

from shared.observability import failures, logs
from shared.web.problems import Problem

ZOE = "Zoe Example"
"""A name that stands in no source line below, since tracebacks show those."""

EMAIL = "ann.example@mail.test"


@pytest.fixture
def out():
    """Logging configured onto a buffer, and everything put back afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    before = (root.handlers[:], root.level)
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    stream = io.StringIO()
    logs.configure("testing", "json", "DEBUG", stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    sys.excepthook = hook
    logs.use_defaults()
    structlog.contextvars.clear_contextvars()


def lines(out: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_json_with_who_when_and_what(out):
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logs.get_logger("shared.x").info("migrated", version="postings/0001")
    (line,) = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "migrated",
        "level": "info",
        "logger": "shared.x",
        "service": "testing",
        "request_id": "r-1",
        "version": "postings/0001",
    }


def test_the_standard_library_goes_the_same_way_with_the_same_context(out):
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logging.getLogger("uvicorn.error").warning("took %s s", 3)
    (line,) = lines(out)
    assert (line["event"], line["level"], line["request_id"]) == ("took 3 s", "warning", "r-1")


@pytest.mark.parametrize("key", ["email", "Email", "name", "token", "Authorization", "X-API-Key", "reset_token", "dsn"])
def test_keys_that_may_hold_somebody_are_blanked_at_any_depth(out, key):
    logs.get_logger("x").info("said", **{key: ZOE}, rows=[{"inner": {key: ZOE}}])
    assert ZOE not in out.getvalue()
    assert out.getvalue().count(logs.REDACTED) == 2


@pytest.mark.parametrize(
    "text",
    [
        f"could not send to {EMAIL}",
        f"<{EMAIL}>: refused",
        f"(email)=({EMAIL})",
        "key wpm_Ab3dEf6hIj9lMn2pQr5tUv8xYz refused",
        "postgresql://ann:example@db/warmpath",
    ],
)
def test_addresses_tokens_and_passwords_are_cut_out_of_any_text(out, text):
    logs.get_logger("x").info(text, detail=text)
    logging.getLogger("library").info("%s", text)
    said = out.getvalue()
    for secret in ("ann", "example", "wpm_"):
        assert secret not in said


def test_objects_are_named_by_type_since_their_repr_would_print_their_fields(out):
    class Person(pydantic.BaseModel):
        call_me: str

    logs.get_logger("x").info("seen", person=Person(call_me=ZOE))
    assert lines(out)[0]["person"] == "<Person>"


def test_ids_and_numbers_stay(out):
    logs.get_logger("x").info("seen", member_id="m-1", offset=7, ms=1.5, fine=True, none=None)
    line = lines(out)[0]
    assert [line[key] for key in ("member_id", "offset", "ms", "fine", "none")] == ["m-1", 7, 1.5, True, None]


def _raise(error: Exception) -> None:
    local = ZOE.upper()
    assert local
    raise error


def _caught(error: Exception) -> Exception:
    try:
        _raise(error)
    except type(error) as caught:
        return caught
    raise AssertionError


def test_a_foreign_exception_shows_its_class_and_place_and_not_its_message_nor_locals(out):
    logs.get_logger("x").error("failed", exc_info=_caught(ValueError(ZOE)))
    text = lines(out)[0]["exception"]
    assert ZOE not in text
    assert ZOE.upper() not in text
    assert text.endswith("\nValueError")
    assert "in _raise" in text


def test_the_standard_librarys_exceptions_are_shown_alike(out):
    try:
        _raise(KeyError(ZOE))
    except KeyError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    assert ZOE not in out.getvalue()
    assert lines(out)[0]["exception"].endswith("KeyError")


def test_causes_and_groups_are_shown_without_messages():
    try:
        try:
            _raise(ValueError(ZOE))
        except ValueError as first:
            raise ExceptionGroup(ZOE, [KeyError(ZOE)]) from first
    except ExceptionGroup as error:
        text = failures.render(error)
    assert ZOE not in text
    assert text.index("ValueError") < text.index("ExceptionGroup") < text.rindex("KeyError")


def test_our_own_errors_say_what_they_mean():
    assert failures.summary(Problem(404, detail="no such posting")) == "Problem: 404 Not Found"


def test_the_database_says_state_and_constraint_but_no_values():
    error = asyncpg.UniqueViolationError(f"Key (email)=({EMAIL}) already exists.")
    error.sqlstate, error.table_name, error.constraint_name = "23505", "members", "members_email_key"
    error.detail = f"Key (email)=({EMAIL}) already exists."
    assert failures.summary(error) == "UniqueViolationError: 23505 members members_email_key"


def test_validation_says_kinds_but_no_input():
    class Row(pydantic.BaseModel):
        age: int

    with pytest.raises(pydantic.ValidationError) as caught:
        Row.model_validate({"age": ZOE})
    assert failures.summary(caught.value) == "ValidationError: Row: int_parsing x1"


def test_a_missing_host_says_so():
    assert failures.summary(ConnectionRefusedError(111, ZOE)) == "ConnectionRefusedError: Connection refused"


def test_exceptions_in_a_librarys_arguments_are_summed_up(out):
    logging.getLogger("library").error("it broke: %s", ValueError(ZOE))
    logging.getLogger("library").error(ValueError(ZOE))
    assert [line["event"] for line in lines(out)] == ["it broke: ValueError", "ValueError"]


async def test_a_task_that_failed_unseen_is_logged_without_its_message(out):
    async def fail() -> None:
        _raise(ValueError(ZOE))

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    (line,) = [each for each in lines(out) if "never retrieved" in each["event"]]
    assert ZOE not in json.dumps(line)
    assert "in _raise" in line["exception"]


def test_an_uncaught_exception_is_one_line_without_values(out):
    error = _caught(ValueError(ZOE))
    sys.excepthook(type(error), error, error.__traceback__)
    (line,) = lines(out)
    assert (line["event"], line["level"]) == ("process_failed", "critical")
    assert ZOE not in out.getvalue()


def test_configuring_again_replaces_and_does_not_double(out):
    again = io.StringIO()
    logs.configure("testing", "json", "INFO", again)
    logs.get_logger("x").info("once")
    logs.get_logger("x").debug("too quiet")
    assert out.getvalue() == ""
    assert len(lines(again)) == 1


def test_a_pipe_gets_json_and_console_can_be_asked_for():
    for fmt, is_json in (("auto", True), ("console", False)):
        stream = io.StringIO()
        root = logging.getLogger()
        before = (root.handlers[:], root.level, sys.excepthook)
        try:
            logs.configure("testing", fmt, "INFO", stream)
            logs.get_logger("x").info("hello")
        finally:
            root.handlers, root.level, sys.excepthook = before
            logs.use_defaults()
        assert stream.getvalue().startswith("{") is is_json
