"""What a client must not be able to do to a service: too much, too slowly, or too often. Each is told so, or left."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from shared.testing.processes import OPERATOR_TOKEN, environment, service
from shared.testing.wait import until
from shared.web.limits import LINGER_S

PATIENCE_S, CONNECTIONS, MOST_BYTES = 1.5, 260, 256 * 1024
SLOW, STREAMS = 200, 100
LONG_BYTES = 32 * 1024 * 1024
AUTH = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
HEAD = f"Host: test\r\nAuthorization: Bearer {OPERATOR_TOKEN}\r\n"
JSON = "Content-Type: application/json\r\n"
PUT = f"PUT /v1/preferences?member=ada HTTP/1.1\r\n{HEAD}{JSON}"


class Running:
    """The notification service as a process of its own, on real parts, and a client of it."""

    def __init__(self, url: str, http: httpx2.AsyncClient, admin: asyncpg.Pool) -> None:
        self.http, self.admin = http, admin
        self._port = int(url.rpartition(":")[2])

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def say(self, data: bytes) -> tuple[int, dict[str, str], Any]:
        """Status, headers and problem of the answer to these bytes, up to the connection's end."""
        reader, writer = await self.open()
        writer.write(data)
        try:
            return await answer_of(reader)
        finally:
            writer.close()

    async def well(self) -> None:
        """Somebody else is served, soon."""
        async with asyncio.timeout(5):
            assert (await self.http.get("/v1/inbox?member=ada")).status_code == 200
            assert (await self.http.get("/ready")).status_code == 200

    async def is_well(self) -> bool:
        """Whether somebody else is served."""
        try:
            await self.well()
        except httpx2.TransportError:  # left together with the others
            return False
        return True


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    async with asyncio.timeout(10):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
    return int(head[0].split()[1]), headers, json.loads(body)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(module_database, _catalogue) -> AsyncIterator[Running]:
    env = environment(
        _catalogue.bootstrap,
        module_database.dsn("notifications"),
        WARMPATH_PROFILES_URL="http://127.0.0.1:9",
        WARMPATH_PATIENCE_SECONDS=str(PATIENCE_S),
        WARMPATH_STREAM_PATIENCE_SECONDS=str(PATIENCE_S),
        WARMPATH_CONNECTIONS=str(CONNECTIONS),
    )
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(service("notifications", env))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=process.url, headers=AUTH, trust_env=False))
        admin = await stack.enter_async_context(asyncpg.create_pool(module_database.admin_dsn, min_size=1, max_size=2))
        yield Running(process.url, http, admin)


def is_problem(answer: tuple[int, dict[str, str], Any], status: int) -> None:
    assert answer[0] == status
    assert answer[1]["content-type"] == "application/problem+json"
    assert answer[2]["status"] == status


async def test_a_body_of_256_kib_is_read_and_one_byte_more_is_a_413(running):
    filler = b'{"timezone": "UTC"}'
    for length, status in ((MOST_BYTES, 200), (MOST_BYTES + 1, 413)):
        body = filler + b" " * (length - len(filler))
        told = f"{PUT}Content-Length: {length}\r\n\r\n".encode()
        chunked = f"{PUT}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        for sent in (told + body, chunked):
            answer = await running.say(sent)
            assert answer[0] == status
            if status == 413:
                is_problem(answer, 413)
    await running.well()


@pytest.mark.parametrize("chunked", [False, True])
async def test_who_sends_32_mib_before_reading_is_told_413_and_not_cut_off(running, chunked):
    reader, writer = await running.open()
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {LONG_BYTES}"
    writer.write(f"{PUT}{length}\r\n\r\n".encode())
    piece = b" " * (LONG_BYTES // 32)
    for _ in range(32):
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
    writer.write(b"0\r\n\r\n" if chunked else b"")
    is_problem(await answer_of(reader), 413)
    writer.close()


async def test_who_never_ends_sending_is_left_after_the_413(running):
    reader, writer = await running.open()
    writer.write(f"{PUT}Content-Length: {LONG_BYTES}\r\n\r\n".encode())
    is_problem(await answer_of(reader), 413)
    async with asyncio.timeout(LINGER_S + 5):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_10_000_headers_are_a_431(running, at_once):
    head = f"GET /v1/inbox?member=ada HTTP/1.1\r\n{HEAD}".encode()
    many = head + b"".join(b"x-%d: y\r\n" % number for number in range(10_000)) + b"\r\n"
    reader, writer = await running.open()
    for start in range(0, len(many), len(many) if at_once else 4000):
        writer.write(many[start : start + (len(many) if at_once else 4000)])
        await writer.drain()
        await asyncio.sleep(0.001)  # each piece comes by itself
    is_problem(await answer_of(reader), 431)
    writer.close()


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"])
async def test_what_is_no_http_is_a_400(running, nonsense):
    is_problem(await running.say(nonsense), 400)


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /v1/inbox HTTP/1.1\r\nHost: te", f"{PUT}Content-Length: 1000\r\n\r\n".encode()],
    ids=["nothing", "half a head", "no body"],
)
async def test_200_clients_that_send_a_byte_a_second_are_left_while_another_is_served(running, begun):
    async def slow() -> int:
        reader, writer = await running.open()
        writer.write(begun)

        async def drip() -> None:
            while begun:
                await asyncio.sleep(1)
                writer.write(b"x")

        dripping = asyncio.create_task(drip())
        try:
            answer = await answer_of(reader)
            is_problem(answer, 408)
            assert await reader.read() == b"", "the connection goes on"
            return answer[0]
        finally:
            dripping.cancel()
            writer.close()

    waiting = [asyncio.create_task(slow()) for _ in range(SLOW)]
    await running.well()
    async with asyncio.timeout(20):
        assert await asyncio.gather(*waiting) == [408] * SLOW


async def test_a_connection_that_is_one_too_many_is_a_503_with_the_time_to_come_back(running):
    async with AsyncExitStack() as stack:
        readers = []
        for _ in range(CONNECTIONS + 5):
            reader, writer = await running.open()
            stack.callback(writer.close)
            readers.append(reader)
        answer = await answer_of(readers[-1])
        is_problem(answer, 503)
        assert int(answer[1]["retry-after"]) > 0
    await until(running.is_well, what="served again")


async def test_of_100_streams_of_a_member_10_are_open_and_the_rest_are_429(running):
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=running.http.base_url, headers=AUTH, timeout=20, limits=httpx2.Limits())
        )
        answers = [
            await stack.enter_async_context(client.stream("GET", "/v1/inbox/stream?member=ada")) for _ in range(STREAMS)
        ]
        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(200), statuses.count(429)) == (10, 90)
        assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 429)
        async with client.stream("GET", "/v1/inbox/stream?member=bob") as answer:
            assert answer.status_code == 200, "another member's streams are their own"
        await running.well()

    async def one_more() -> bool:
        async with running.http.stream("GET", "/v1/inbox/stream?member=ada") as answer:
            return answer.status_code == 200

    await until(one_more, what="a stream that ended makes room for another")
