"""What matching has: the matcher, and the API that asks it. No database."""

from typing import Final

from fastapi import FastAPI

from services.matching import api
from services.matching.settings import Settings
from services.matching.stream.matcher import Matcher
from shared.resolution import Vocabulary
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration

NAME: Final = "matching"


def make_app(settings: Settings, *, background: bool = True) -> FastAPI:
    """The application. It ends the process when the matcher has stopped for good."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[api.router],
        dependencies=lambda opened: Matcher(settings, Vocabulary.load(settings.vocabulary), opened.end_process),
        background=lambda _, matcher: {"matcher": matcher},
    )
    return build(declaration, background=background)
