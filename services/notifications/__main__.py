"""`python -m services.notifications`: the service as one process."""

from services.notifications.app import NAME, make_app
from services.notifications.settings import Settings
from shared.observability import logs, trace
from shared.web.app import serve


def main() -> None:
    """Run until told to stop."""
    settings = Settings()
    logs.configure(NAME, settings.log_format, settings.log_level)
    trace.configure(NAME)
    app = make_app(settings)
    serve(app, settings)


if __name__ == "__main__":
    main()
