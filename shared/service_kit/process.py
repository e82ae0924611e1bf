"""A service as a process of its own."""

import signal
from collections.abc import Callable
from typing import TypeVar

from fastapi import FastAPI

from shared.config import ServiceSettings
from shared.observability import logs, trace
from shared.services import ServiceName
from shared.web.app import serve

S = TypeVar("S", bound=ServiceSettings)


def run(name: ServiceName, read_settings: Callable[[], S], make_app: Callable[[S], FastAPI]) -> int:
    """Run until told to stop, or until background work has failed for good. Returns the exit code: 1 in that case."""
    settings = read_settings()
    logs.configure(name, settings.log_format, settings.log_level)
    trace.configure(name)
    app, failed = make_app(settings), False

    def end_process() -> None:
        nonlocal failed
        failed = True
        signal.raise_signal(signal.SIGTERM)

    app.state.end_process = end_process
    # The server stops in order on SIGTERM and then raises it once more for whoever was there before it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    serve(app, settings)
    return 1 if failed else 0
