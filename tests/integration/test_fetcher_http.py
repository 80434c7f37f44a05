"""The HTTP client against servers that misbehave, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from typing import Any

import pytest

from services.fetcher.http_client import Answer, FetchError, HttpClient
from services.fetcher.settings import FetcherSettings
from services.fetcher.validators import Validators, validators_of
from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.production_loop import event_loop_policy as event_loop_policy


async def get(site: Site, path: str, **options: Any) -> Answer:
    settings = FetcherSettings(
        allow_hosts=(f"127.0.0.1:{site.port}",), max_body_bytes=options.pop("max_body_bytes", 1_000_000)
    )
    async with HttpClient(settings) as client:
        url = path if "://" in path else site.url(path)
        return await client.get(url, accept="*/*", timeout_s=options.pop("timeout_s", 10.0), **options)


async def refusal(site: Site, path: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await get(site, path, **options)
    return caught.value


async def test_a_request_is_honest_and_carries_no_cookie_and_no_referrer() -> None:
    async with running_site() as site:
        site.answers["/a"] = Reply(status=302, headers={"Location": "/b", "Set-Cookie": "id=1; Path=/"})
        site.answers["/b"] = Reply(b"ok", headers={"Set-Cookie": "id=2; Path=/"})
        assert (await get(site, "/a")).body == b"ok"
        for request in site.requests:
            assert request.headers["user-agent"].startswith("Dateline/")
            assert not {"cookie", "referer"} & request.headers.keys()


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', "abc", 'W/W/"a', '"a\\"b c"', "W/abc"])
@pytest.mark.parametrize("modified", ["Sun, 22 Nov 2026 12:00:00 GMT", "yesterday, about noon", ""])
async def test_validators_go_back_byte_for_byte(etag: str, modified: str) -> None:
    async with running_site() as site:
        site.answers["/"] = Reply(b"ok", headers={"ETag": etag, **({"Last-Modified": modified} if modified else {})})
        first = await get(site, "/")
        await get(site, "/", validators=validators_of(first.headers))
        assert site.requests[1].headers["if-none-match"] == etag
        assert site.requests[1].headers.get("if-modified-since", "") == modified


async def test_a_body_after_304_is_not_read() -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        await writer.drain()

    async with running_site() as site:
        site.answers["/"] = answer
        assert (await get(site, "/", validators=Validators("x"))).body == b""


async def test_redirects_are_followed_and_told() -> None:
    async with running_site() as site:
        site.answers["/a"] = Reply(status=301, headers={"Location": "b?x=%20y"})
        site.answers["/b?x=%20y"] = Reply(b"ok")
        answer = await get(site, "/a")
        assert (answer.url, answer.body) == (site.url("/b?x=%20y"), b"ok")
        assert answer.redirects == ((301, site.url("/b?x=%20y")),)


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("/loop", "redirect"),
        ("http://127.0.0.1:9/", "blocked"),
        ("http://169.254.169.254/latest/meta-data", "blocked"),
        ("http://[::ffff:127.0.0.1]/", "blocked"),
        ("http://0x7f.1:9/", "blocked"),
        ("file:///etc/passwd", "blocked"),
        ("gopher://127.0.0.1:70/", "blocked"),
        ("", "blocked"),
    ],
)
async def test_a_redirect_to_where_it_must_not_lead_is_refused(location: str, kind: str) -> None:
    async with running_site() as site:
        site.answers["/loop"] = Reply(status=302, headers={"Location": location})
        assert (await refusal(site, "/loop")).kind == kind
        assert len(site.requests) == 1


@pytest.mark.parametrize(("location", "refused"), [("http://news.example/b", True), ("https://news.example/b", False)])
async def test_a_redirect_from_https_down_to_http_is_refused(location: str, refused: bool) -> None:
    class Redirected(HttpClient):
        """Answers as if over the network: a certificate for a public name is not to be had in a test."""

        async def _once(self, url: str, *_: Any) -> tuple[Answer, str | None]:
            answer = Answer(url, 301 if url.endswith("/a") else 200, {}, b"ok", 2, True, ())
            return answer, location if url.endswith("/a") else None

    async with Redirected(FetcherSettings()) as client:
        if refused:
            with pytest.raises(FetchError, match="from https down to"):
                await client.get("https://news.example/a", accept="*/*", timeout_s=5.0)
        else:
            assert (await client.get("https://news.example/a", accept="*/*", timeout_s=5.0)).body == b"ok"


async def test_a_chain_of_redirects_ends_after_five() -> None:
    async with running_site() as site:
        for n in range(30):
            site.answers[f"/{n}"] = Reply(status=302, headers={"Location": f"/{n + 1}"})
        assert (await refusal(site, "/0")).kind == "redirect"
        assert len(site.requests) == 6


@pytest.mark.parametrize("gap_s", [0.02, 5.0])
async def test_a_body_that_trickles_in_ends_at_the_deadline(gap_s: float) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(gap_s)

    async with running_site() as site:
        site.answers["/"] = trickle
        assert (await refusal(site, "/", timeout_s=0.3)).kind == "timeout"


async def test_a_server_that_never_answers_ends_at_the_deadline() -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with running_site() as site:
        site.answers["/"] = silence
        assert (await refusal(site, "/", timeout_s=0.2)).kind == "timeout"


async def test_an_endless_body_ends_at_the_cap() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            await writer.drain()

    async with running_site() as site:
        site.answers["/"] = endless
        error = await refusal(site, "/")
        assert error.kind == "body"
        assert "larger than" in str(error)


async def test_a_packed_bomb_ends_at_the_cap() -> None:
    async with running_site() as site:
        site.answers["/"] = Reply(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
        assert (await refusal(site, "/", max_body_bytes=100_000_000)).kind == "body"


async def test_a_body_that_breaks_off_is_kept_but_not_called_whole() -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>half")
        await writer.drain()

    async with running_site() as site:
        site.answers["/"] = cut
        answer = await get(site, "/")
        assert (answer.body, answer.whole) == (b"<rss>half", False)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"<html>HTTP/0.9</html>",
        b"HTTP/1.1 999999 Odd\r\n\r\n",
        b"",
    ],
)  # fmt: skip
async def test_what_breaks_http_is_one_clear_error(raw: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    async with running_site() as site:
        site.answers["/"] = answer
        assert (await refusal(site, "/", timeout_s=5)).kind in ("protocol", "connect")


async def test_a_storm_of_cookies_is_survived_and_forgotten() -> None:
    async def storm(writer: asyncio.StreamWriter) -> None:
        cookies = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"v" * 50) for n in range(80))
        writer.write(b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: 2\r\n\r\nok")
        await writer.drain()

    async with running_site() as site:
        site.answers["/"] = storm
        assert (await get(site, "/")).body == b"ok"
        assert "cookie" not in site.requests[-1].headers


async def test_a_server_that_does_not_speak_tls_is_a_tls_or_connection_error() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
        writer.close()

    site = Site()
    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        error = await refusal(site, site.url("/").replace("http:", "https:"))
    assert error.kind in ("tls", "connect")


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Any) -> None:
    process = await asyncio.create_subprocess_exec(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key"),
        "-out", str(tmp_path / "cert"), "-days", "1", "-subj", "/CN=site.localhost", stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        pytest.skip("openssl could not make a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        error = await refusal(site, f"https://site.localhost:{site.port}/")
    assert error.kind == "tls"
    assert site.requests == []


async def test_a_refused_connection_is_named() -> None:
    async with running_site() as site:
        pass
    error = await refusal(site, "/")
    assert error.kind == "connect"


async def test_doubled_slashes_and_escapes_in_a_path_are_sent_as_they_are() -> None:
    async with running_site() as site:
        site.answers["/a//b%2Fc?d=%C3%A9&e=f+g"] = lambda request: Reply(request.path.encode())
        assert (await get(site, "/a//b%2Fc?d=%C3%A9&e=f+g")).body == b"/a//b%2Fc?d=%C3%A9&e=f+g"


async def test_a_connection_is_kept_for_the_next_feed_of_a_site_that_says_nothing_is_new() -> None:
    async with running_site() as site:
        connections = set()
        serve = site.serve

        async def noted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(writer.get_extra_info("peername"))
            await serve(reader, writer)

        server = await asyncio.start_server(noted, "127.0.0.1", 0)
        site.port = server.sockets[0].getsockname()[1]
        site.answers["/"] = Reply(status=304)
        settings = FetcherSettings(allow_hosts=(f"127.0.0.1:{site.port}",))
        async with server, HttpClient(settings) as client:
            for _ in range(3):
                await client.get(site.url("/"), accept="*/*", timeout_s=5.0, validators=Validators("x"))
    assert len(site.requests) == 3
    assert len(connections) == 1
