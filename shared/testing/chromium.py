"""Where Chromium is, for what drives a browser."""

import shutil

MISSING = "Chromium is not installed (Debian: apt-get install chromium-headless-shell)"


def find() -> str | None:
    """The program: the one without windows where there is one, since a page costs it a third of the processor time."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
