"""`python -m services.matching`: the service as one process. Exits with 1 when the matcher stopped by itself."""

import signal
import sys

from services.matching.app import NAME, make_app
from services.matching.settings import Settings
from shared.observability import logs, trace
from shared.web.app import serve


def main() -> int:
    """Run until told to stop, or until the matcher has."""
    settings = Settings()
    logs.configure(NAME, settings.log_format, settings.log_level)
    trace.configure(NAME)
    failed = False

    def end() -> None:
        nonlocal failed
        failed = True
        signal.raise_signal(signal.SIGTERM)

    # The server stops in order on SIGTERM and then raises it once more for whoever was there before it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    serve(make_app(settings, end), settings)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
