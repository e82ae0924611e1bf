"""What a service has, written down by its `app.py` and put together by `build`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar, runtime_checkable

import httpx2
from fastapi import APIRouter

from shared.config import ServiceSettings
from shared.messaging.publish.reconciling import TopicOwner
from shared.services import ServiceName
from shared.storage.pool import Pool
from shared.web.limits import Responder, as_document

D = TypeVar("D")
"""What the endpoints of a service work with: its class `Dependencies`."""


class Background(Protocol):
    """Something that runs beside the HTTP API: a loop, a relay, a consumer."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End, within a few seconds. Called at most once, also where `start` did not get through."""

    async def check(self) -> str | None:
        """For `/ready`: why it cannot do its work; None when it can."""


@runtime_checkable
class Moving(Protocol):
    """Background work that can tell whether it still moves."""

    async def check_moving(self) -> str | None:
        """For `/live`: why the process should be started anew; None when all is well."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What is open before anything else begins, and until all else has ended."""

    name: ServiceName
    settings: ServiceSettings
    client: httpx2.AsyncClient
    """For calls to our other services."""

    database: Pool | None
    end_process: Callable[[], None]
    """Ends the process in order, with an error as its exit code: for what has failed for good."""

    @property
    def pool(self) -> Pool:
        """The database. Raises RuntimeError where the declaration names no migrations."""
        if self.database is None:
            raise RuntimeError(f"{self.name} has no database")
        return self.database

    @property
    def bootstrap(self) -> str:
        """Where Kafka is."""
        return self.settings.kafka_bootstrap_servers


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration(Generic[D]):
    """One service. Endpoints that follow from the rest (audit, dead letters, tokens …) are not named here.

    Attributes:
        name: the service's name, and that of its database schema and consumer group.
        settings: as read at the start.
        routers: its endpoints; each guards itself with `identity.require`.
        body_limits: bytes a body may have, by the beginning of the path, where that is not the usual.
        refusals: what is answered to a request that is refused before it is read.
        migrations: the folder of its tables; None for a service without a database.
        token_query: for the owner of a kind of token: the SQL that finds whose hash $1 is.
        token_args: what that query takes after $1.
        role_query: for the owner of organisations: the SQL that finds the role of member $1 in organisation $2.
        dependencies: makes what the endpoints work with.
        topic_owners: by topic, what the tables hold of it, for comparing the two after a restore.
        beside_api: by name, what the HTTP API cannot do without (live streams, say).
        background: by name, all other work. Started in this order and stopped in reverse, after what is `beside_api`.
        on_stop: called in a signal handler when a stop begins, before open requests are waited for.
    """

    name: ServiceName
    settings: ServiceSettings
    routers: Sequence[APIRouter]
    dependencies: Callable[[Resources], D]
    body_limits: Mapping[str, int] = field(default_factory=dict)
    refusals: Responder = as_document
    migrations: Path | None = None
    token_query: str | None = None
    token_args: tuple[object, ...] = ()
    role_query: str | None = None
    topic_owners: Callable[[D], Mapping[str, TopicOwner]] | None = None
    beside_api: Callable[[D], Mapping[str, Background]] = lambda _: {}
    background: Callable[[Resources, D], Mapping[str, Background]] = lambda _resources, _dependencies: {}
    on_stop: Callable[[D], None] = lambda _: None
