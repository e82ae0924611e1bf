"""`python -m services.profiles`: the service as one process."""

from services.profiles.app import NAME, make_app
from services.profiles.settings import Settings
from shared.observability import logs, trace
from shared.web.app import serve


def main() -> None:
    """Run until told to stop."""
    settings = Settings()
    logs.configure(NAME, settings.log_format, settings.log_level)
    trace.configure(NAME)
    serve(make_app(settings), settings)


if __name__ == "__main__":
    main()
