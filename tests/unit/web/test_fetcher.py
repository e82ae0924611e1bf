"""The fetcher of outside pages: public addresses only, on every hop, and never more than its bounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.fetcher import Bounds, Fetcher, FetchError, is_public

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1",
    "2001:db8::1", "192.88.99.1", "no address", "",
    "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.31.196.1", "192.52.193.1", "192.175.48.1", "198.51.100.1",
    "203.0.113.1", "64:ff9b::808:808", "64:ff9b:1::1", "64:ff9b:1:ffff::a00:1", "100::1", "100:0:0:1::1",
    "2001:1::1", "2001:2::1", "2001:4:112::1", "2001:20::1", "2001:30::1", "2001:1ff:ffff::1", "2620:4f:8000::1",
    "3fff::1", "3fff:fff:ffff::1", "5f00::1", "::7f00:1", "fec0::1", "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_everybodys_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "192.0.1.1", "2606:4700:4700::1111", "2001:200::1", "3ffe:1::1"]
)
def test_a_public_address_may_be_reached(address):
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8").map(lambda inner: f"::ffff:{inner}"))
def test_a_private_address_inside_another_is_private(address):
    assert not is_public(address)


def answer(body=b"hello", status="200 OK", **headers):
    lines = {"Content-Length": len(body), "Connection": "close", "Content-Type": "text/html; charset=utf-8"} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class Outside:
    """A web server on this machine that stands for the outside; names are resolved by `names`, the port is usual."""

    def __init__(self, port, asked):
        self.port, self.asked, self.resolved = port, asked, []
        self.names = {
            "jobs.example": ["127.0.0.1"],
            "inside.example": ["10.0.0.7"],
            "both.example": ["127.0.0.1", "10.0.0.7"],
        }

    def url(self, path="/", host="jobs.example"):
        return f"http://{host}:{self.port}{path}"

    async def resolve(self, host, _port):
        self.resolved.append(host)
        return self.names.get(host, [host])

    def fetcher(self, **bounds):
        return Fetcher(
            Bounds(**bounds), may_reach=lambda address: address == "127.0.0.1", resolve=self.resolve,
            ports=lambda scheme, port: scheme == "http" and port == self.port,
        )  # fmt: skip


@asynccontextmanager
async def outside(pages) -> AsyncIterator[Outside]:
    asked = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        asked.append(head)
        page = pages.get(path, answer(status="404 Not Found"))
        for part in [page] if isinstance(page, bytes) else page:
            try:
                writer.write(part)
                await writer.drain()
            except ConnectionError:
                return
            if not isinstance(page, bytes):
                await asyncio.sleep(0.01)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Outside(server.sockets[0].getsockname()[1], asked)


async def refused(there, url, **bounds):
    with pytest.raises(FetchError) as caught:
        await there.fetcher(**bounds).get(url)
    assert str(caught.value) == "", "nobody learns why"


async def test_a_page_is_read_with_its_kind_and_where_it_was():
    async with outside({"/": answer("Zoë".encode())}) as there:
        page = await there.fetcher().get(there.url("/#part"))
    assert (page.url, page.media_type, page.text) == (there.url("/"), "text/html", "Zoë")
    assert f"Host: jobs.example:{there.port}" in there.asked[0]
    assert there.resolved == ["jobs.example"], "resolved once"


async def test_another_kind_of_page_than_asked_for_is_refused():
    async with outside({"/": answer()}) as there:
        assert (await there.fetcher().get(there.url(), ["text/html"])).media_type == "text/html"
        with pytest.raises(FetchError):
            await there.fetcher().get(there.url(), ["application/json"])


async def test_redirects_are_followed_so_many_times_and_each_is_checked():
    def on(where):
        return answer(b"", "302 Found", Location=where)

    async with outside({"/1": on("/2"), "/2": on("/3"), "/3": answer(), "/round": on("/round")}) as there:
        assert (await there.fetcher().get(there.url("/1"))).url.endswith("/3")
        await refused(there, there.url("/1"), redirects=1)
        await refused(there, there.url("/round"))
        before = len(there.asked)
    for hop in (
        "http://inside.example:{port}/", "http://10.0.0.7:{port}/", "http://127.0.0.1:1/", "file:///etc/passwd",
        "gopher://jobs.example:{port}/", "http://user:secret@jobs.example:{port}/", "//inside.example:{port}/",
    ):  # fmt: skip
        pages = {}
        async with outside(pages) as there:
            pages["/out"] = on(hop.format(port=there.port))
            await refused(there, there.url("/out"))
            assert len(there.asked) == 1, hop
    assert before


@pytest.mark.parametrize("host", ["inside.example", "both.example", "10.0.0.7", "[::1]", "2130706433", "0x7f000002"])
async def test_a_host_inside_is_refused_and_never_asked(host):
    async with outside({"/": answer()}) as there:
        await refused(there, there.url(host=host))
        assert there.asked == []


async def test_another_port_of_a_host_that_may_be_reached_is_never_asked():
    async with outside({"/": answer()}) as there, outside({"/": answer()}) as beside:
        await refused(there, beside.url())
        assert beside.asked == []


async def test_an_answer_may_be_so_long_and_take_so_long():
    endless = [answer(b"", Content_Length=10**9), *([b"x" * 1000] * 10_000)]
    slow = [answer(b"", Content_Length=10**9), *([b"x"] * 100_000)]
    async with outside({"/big": answer(b"x" * 2001), "/endless": endless, "/slow": slow}) as there:
        assert len((await there.fetcher(bytes=2001).get(there.url("/big"))).body) == 2001
        await refused(there, there.url("/big"), bytes=2000)
        await refused(there, there.url("/endless"), bytes=2000)
        await refused(there, there.url("/slow"), seconds=0.2)


@pytest.mark.parametrize(
    "page",
    [
        answer(status="404 Not Found"),
        answer(status="500 Oh"),
        answer(Content_Encoding="gzip"),
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
    ids=["404", "500", "packed", "no web server", "nothing"],
)
async def test_whatever_goes_wrong_looks_the_same(page):
    async with outside({"/": page}) as there:
        await refused(there, there.url())


@pytest.mark.parametrize(
    "url",
    ["", "jobs.example", "ftp://jobs.example/", "http://", "http://jobs.example:99999/", "http://a..b/", "http://\x00"],
)
async def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(FetchError):
        await Fetcher().get(url)


async def test_by_itself_it_reaches_public_addresses_on_usual_ports_only():
    async with outside({"/": answer()}) as there:
        for url in (f"http://127.0.0.1:{there.port}/", "http://127.0.0.1/", "http://localhost/", "http://8.8.8.8:22/"):
            with pytest.raises(FetchError):
                await Fetcher().get(url)
        assert there.asked == []
