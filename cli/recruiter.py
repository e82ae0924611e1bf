"""The recruiter that the command line posts as: created once per stack, with the key stored in its folder."""

import os
from pathlib import Path

import httpx2

KEY_FILE = "recruiter.key"
ORGANISATION = "Local recruiter"


def stored_key(folder: Path) -> str:
    """The key that is stored in the stack's folder; empty if there is none."""
    path = folder / KEY_FILE
    return path.read_text().strip() if path.exists() else ""


def store_key(folder: Path, key: str) -> None:
    """Store the key where only the folder's owner can read it."""
    with os.fdopen(os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key + "\n")


def create_key(postings_url: str, operator_token: str) -> str:
    """The key of a new organisation. Raises httpx2.HTTPError if postings does not create one."""
    headers = {"Authorization": f"Bearer {operator_token}"}
    body = {"name": ORGANISATION}
    made = httpx2.post(f"{postings_url}/internal/v1/organisations", json=body, headers=headers, timeout=30)
    return str(made.raise_for_status().json()["api_key"])
