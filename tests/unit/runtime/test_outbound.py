"""The connection guard: nothing that is not public is connected to, however it is spelled or resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from services.runtime.outbound import (
    AddressBlocked,
    OutboundGuard,
    UrlRefused,
    guarded_connector,
    is_public,
    parse_target,
)

NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::",
    "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "100::1", "5f00::1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_outside_the_public_internet_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_public_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://localhost/", "http://LOCALHOST:80/",
        "http://any.localhost/", "http://localhost./", "http://①②⑦.⓪.⓪.①/", "http://127.0.0.1:8091/",
    ],
)  # fmt: skip
def test_a_url_to_this_machine_is_blocked_however_it_is_spelled(url: str) -> None:
    with pytest.raises(AddressBlocked, match="not a public address"):
        OutboundGuard(["127.0.0.1:8090"]).check(url)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "javascript:alert(1)", "data:text/html,x", "",
     "http://", "http:// /",
     "http://user:secret@example.org/", "http://example.org:99999/", "//example.org/feed"],
)  # fmt: skip
def test_what_is_no_plain_http_url_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(UrlRefused) as caught:
        OutboundGuard().check(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8090/x",
        "http://localhost:8090/",
        "http://harbour.localhost:8090/feed.xml",
        "http://0x7f.1:8090/",
    ],
)
@pytest.mark.parametrize("entry", ["127.0.0.1:8090", "localhost:8090"])
def test_an_allowed_loopback_port_is_open_under_every_loopback_name(url: str, entry: str) -> None:
    assert OutboundGuard([entry]).check(url).port == 8090


@pytest.mark.parametrize("entry", ["127.0.0.1", "8090", ":8090", "host:port", "host:0", "host:70000", ""])
def test_an_allowed_host_without_a_port_is_an_error_that_says_how_to_write_it(entry: str) -> None:
    with pytest.raises(ValueError, match=r"write it as 127\.0\.0\.1:8090"):
        OutboundGuard([entry])


def test_a_url_is_normalised_and_loses_its_fragment() -> None:
    target = parse_target("HTTP://Example.ORG:80/a/../b?x=1#frag")
    assert (target.url, target.host, target.port) == ("http://example.org/b?x=1", "example.org", 80)


class Answers(AbstractResolver):
    """A name server that gives one list of addresses after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=a,
                port=port,
                family=socket.AF_INET6 if ":" in a else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for a in addresses
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[int, list[int]]]:
    """A server on loopback that must not be reached; yields its port and the list of its visitors."""
    visitors: list[int] = []

    async def visited(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitors.append(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], visitors


async def get(url: str, guard: OutboundGuard, resolver: AbstractResolver | None = None) -> str:
    session = aiohttp.ClientSession(connector=guarded_connector(guard, resolver=resolver))
    async with session, session.get(url) as response:
        return await response.text()


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]]
)
async def test_a_name_that_resolves_to_a_private_address_is_blocked_before_connecting(answer: list[str]) -> None:
    async with canary() as (port, visitors):
        with pytest.raises(AddressBlocked):
            await get(f"http://news.example:{port}/", OutboundGuard(), Answers(answer))
        assert visitors == []


async def test_a_name_that_changes_its_address_after_the_check_is_still_blocked() -> None:
    async with canary() as (port, visitors):
        resolver = Answers(["93.184.216.34"], ["127.0.0.1"])
        guard = OutboundGuard()
        guard.check(f"http://news.example:{port}/")
        await resolver.resolve("news.example")  # whoever looks first sees a public address
        with pytest.raises(AddressBlocked):
            await get(f"http://news.example:{port}/", guard, resolver)
        assert visitors == []


async def test_another_name_cannot_borrow_an_allowed_loopback_port() -> None:
    async with canary() as (port, visitors):
        with pytest.raises(AddressBlocked):
            await get(f"http://news.example:{port}/", OutboundGuard([f"127.0.0.1:{port}"]), Answers(["127.0.0.1"]))
        assert visitors == []


async def test_a_literal_address_is_stopped_at_the_socket_even_if_nobody_checked_the_url() -> None:
    async with canary() as (port, visitors):
        with pytest.raises(AddressBlocked):
            await get(f"http://127.0.0.1:{port}/", OutboundGuard())
        assert visitors == []


async def test_a_name_under_localhost_reaches_an_allowed_port_without_dns() -> None:
    class NoDns(Answers):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            raise AssertionError(f"{host} was looked up")

    async with canary() as (port, visitors):
        guard = OutboundGuard([f"127.0.0.1:{port}"])
        assert await get(f"http://harbour.localhost:{port}/", guard, NoDns(["127.0.0.1"])) == "secret"
        assert visitors == [1]


def test_an_allowed_network_is_open_at_every_port_and_its_neighbour_is_not() -> None:
    guard = OutboundGuard(allow_networks=("10.20.0.0/16", "fd00::/8"))
    guard.check("http://10.20.3.4:8443/")
    guard.check("http://[fd00::1]/")
    with pytest.raises(AddressBlocked):
        guard.check("http://10.21.0.1/")
    guard.check_socket(ipaddress.ip_address("10.20.3.4"), 8443)


def test_an_allowed_network_with_host_bits_is_an_error_that_says_how_to_write_it() -> None:
    with pytest.raises(ValueError, match=r"10\.20\.0\.0/16"):
        OutboundGuard(allow_networks=("10.20.0.1/16",))


def test_a_blocked_address_names_the_setting_that_permits_it() -> None:
    with pytest.raises(AddressBlocked, match="SOME_SETTING"):
        OutboundGuard(setting="SOME_SETTING").check("http://127.0.0.1/")
