"""The small application, a client of it, and what it logs."""

import io
import logging
import sys

import httpx2
import pytest

from shared.observability import logs
from shared.web.app import create_app
from shared.web.identity import Authenticator, TableAuthenticator
from tests.component.web.small_app import API_KEY_HASH, MEMBER_HASH, SETTINGS, Table, routers


@pytest.fixture
def app():
    made = create_app(
        SETTINGS,
        service="postings",
        routers=routers(),
        body_limits={"/v1/upload": 5000, "/": 2000},
    )
    made.state.authenticator = Authenticator(
        SETTINGS,
        member=TableAuthenticator(Table(**{"h" + MEMBER_HASH: "m-1"}), "…", "member"),
        recruiter=TableAuthenticator(Table(**{"h" + API_KEY_HASH: "o-1"}), "…", "recruiter"),
    )
    return made


@pytest.fixture
async def client(app):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://t") as made:
        yield made


@pytest.fixture
def out():
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook)
    stream = io.StringIO()
    logs.configure("testing", "json", "INFO", stream)
    yield stream
    root.handlers, root.level, sys.excepthook = before
    logs.use_defaults()
