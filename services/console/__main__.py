"""`python -m services.console`: the service as one process."""

import gc
import sys

gc.disable()  # until it serves: importing makes hardly any garbage, and looking for it takes a third of the start

from services.console.app import NAME, make_app
from services.console.settings import Settings
from shared.service_kit.process import run

if __name__ == "__main__":
    sys.exit(run(NAME, Settings, make_app))
