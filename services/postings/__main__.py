"""`python -m services.postings`: the service as one process."""

import sys

from services.postings.app import NAME, make_app
from services.postings.settings import Settings
from shared.service_kit.process import run

if __name__ == "__main__":
    sys.exit(run(NAME, Settings, make_app))
