"""The OpenAPI document of every service, generated from its application, and the pages that are made from tables.

Services serve their document at `/openapi.json` too.

`python -m infra.documents` (or `make docs`) writes them.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import cast

from fastapi import FastAPI

from infra import introductions_page, privacy_page
from shared.services import SERVICES

FOLDER = Path("docs/api/openapi")


def app_of(service: str) -> FastAPI:
    """The service's application with nothing started: for its description, not for requests."""
    settings = importlib.import_module(f"services.{service}.settings").Settings(
        service_token="no service has this token",  # noqa: S106 - nothing is started with it
        operator_token="no operator has this token",  # noqa: S106
        database_url="postgresql://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
    )
    return cast("FastAPI", importlib.import_module(f"services.{service}.app").make_app(settings))


def files() -> dict[Path, str]:
    """The content of every document by its path in the repository."""
    made = {service: app_of(service).openapi() for service in SERVICES}
    documents = {
        FOLDER / f"{name}.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in made.items()
    }
    pages = {
        privacy_page.PAGE: privacy_page.privacy_page(),
        introductions_page.PAGE: introductions_page.introductions_page(),
    }
    return documents | pages


def main() -> None:
    """Write every document."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
