"""The recruiter that the command line posts as: made once for a stack, its key kept with the stack's secrets."""

import os
from pathlib import Path

import httpx2

KEY_FILE = "recruiter.key"
ORGANISATION = "Local recruiter"


def kept_key(folder: Path) -> str:
    """The key that an earlier start left in the stack's folder; empty without one."""
    path = folder / KEY_FILE
    return path.read_text().strip() if path.exists() else ""


def keep_key(folder: Path, key: str) -> None:
    """Leave the key where only the folder's owner can read it."""
    with os.fdopen(os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key + "\n")


def new_key(postings_url: str, operator_token: str) -> str:
    """A new organisation's key. Raises httpx2.HTTPError when postings does not give one."""
    headers = {"Authorization": f"Bearer {operator_token}"}
    body = {"name": ORGANISATION}
    made = httpx2.post(f"{postings_url}/internal/v1/organisations", json=body, headers=headers, timeout=30)
    return str(made.raise_for_status().json()["api_key"])
