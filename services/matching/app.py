"""What matching has: the matcher, and the API that asks it. No database."""

from typing import Final

from fastapi import FastAPI

from services.matching import api, introductions_api
from services.matching.settings import Settings
from services.matching.stream.matcher import Matcher
from shared.messaging.inspection.groups import matcher_group
from shared.resolution import Vocabulary
from shared.service_kit.build import build
from shared.service_kit.declaration import Declaration
from shared.web.lag_api import lag_router

NAME: Final = "matching"


def make_app(settings: Settings, *, background: bool = True) -> FastAPI:
    """The application. It ends the process when the matcher has stopped for good."""
    declaration = Declaration(
        name=NAME,
        settings=settings,
        routers=[
            api.router,
            introductions_api.router,
            lag_router(matcher_group(settings.shard_index, settings.shard_count)),
        ],
        dependencies=lambda opened: Matcher(settings, Vocabulary.load(settings.vocabulary), opened.end_process),
        background=lambda _, matcher: {"matcher": matcher},
    )
    return build(declaration, background=background)
