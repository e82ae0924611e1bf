"""`python -m services.introductions`: the service as one process."""

import sys

from services.introductions.app import NAME, make_app
from services.introductions.settings import Settings
from shared.service_kit.process import run

if __name__ == "__main__":
    sys.exit(run(NAME, Settings, make_app))
