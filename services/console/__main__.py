"""`python -m services.console`: the service as one process."""

import sys

from services.console.app import NAME, make_app
from services.console.settings import Settings
from shared.service_kit.process import run

if __name__ == "__main__":
    sys.exit(run(NAME, Settings, make_app))
