"""A port that another server has is an error: nothing is ready because somebody else answers there."""

import secrets

import pytest

from infra.local.kafka import Kafka
from infra.local.ports import listen
from infra.local.postgres import ADMIN, ROLES, Postgres
from infra.local.process import LocalError
from infra.local.service import ServiceProcess


async def test_a_broker_is_not_ready_because_another_one_answers(fresh_kafka, data_folder):
    taken = int(fresh_kafka.bootstrap.rpartition(":")[2])
    broker = Kafka(data_folder / "kafka", log=data_folder / "log")
    with pytest.raises(LocalError, match=r"(?s)ended while starting.*Address already in use"):
        await broker.start(port=taken)
    await broker.stop()


async def test_a_database_server_is_not_ready_because_another_one_answers(postgres, data_folder):
    passwords = {role: secrets.token_urlsafe(8) for role in (ADMIN, *ROLES)}
    server = Postgres(data_folder / "data", passwords, log=data_folder / "log", durable=False)
    with pytest.raises(LocalError, match=r"(?s)ended while starting.*Address already in use"):
        await server.start(port=postgres.port)
    await server.stop()


def test_a_service_is_not_started_where_somebody_listens(tmp_path):
    with listen() as taken:
        process = ServiceProcess("postings", taken.getsockname()[1], {}, log=tmp_path / "log")
        with pytest.raises(LocalError, match="in use by another process"):
            process.launch()
        assert process.pid is None
