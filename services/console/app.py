"""What the console has: pages. No database, no topics."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from services.console import errors
from services.console.browser import SameOrigin
from services.console.dependencies import Dependencies
from services.console.pages import PAGES
from services.console.rendering import HEADERS
from services.console.settings import Settings
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration

NAME: Final = "console"
UPLOADS = {"/welcome/file": 110 * 1024 * 1024, "/welcome/draft": 110 * 1024 * 1024, "/organisations/": 9 * 1024 * 1024}
"""Bytes that an upload may have; profiles and postings have limits of their own."""


def make_app(settings: Settings, *, background: bool = True) -> FastAPI:
    """The application."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=PAGES,
        body_limits=UPLOADS,
        refusals=errors.error_page,
        dependencies=lambda opened: Dependencies(settings, opened.client),
    )
    app = build(declaration, background=background)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    app.add_middleware(SameOrigin, origin=settings.console_url, headers=HEADERS)
    errors.install(app)
    return app
