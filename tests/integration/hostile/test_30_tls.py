"""Hostile inputs 30: whatever is wrong with a server's TLS is one typed error, and never a request without it."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.fetcher.http_client import FetchError, HttpClient
from services.fetcher.settings import FetcherSettings
from tests.integration.fetcher_site import Reply, Site
from tests.integration.virtual_time import virtual_time

HOST = "site.localhost"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of our own (ca.pem), which tests may trust, and certificates that it signed."""
    folder = tmp_path_factory.mktemp("tls")
    if shutil.which("openssl") is None:
        pytest.fail("openssl makes the certificates of these tests: install it")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test authority")
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
        "policy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n"
    )
    for name, host, start, end in (
        ("good", HOST, "20200101000000Z", "20990101000000Z"),
        ("expired", HOST, "20200101000000Z", "20210101000000Z"),
        ("future", HOST, "20980101000000Z", "20990101000000Z"),
        ("other", "other.localhost", "20200101000000Z", "20990101000000Z"),
    ):
        openssl(
            "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}",
            "-addext", f"subjectAltName=DNS:{host}",
        )  # fmt: skip
        openssl(
            "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
            "-out", f"{name}.pem", "-startdate", start, "-enddate", end, "-notext",
        )  # fmt: skip
    openssl(
        "req", "-x509", *key, "-keyout", "self.key", "-out", "self.pem", "-days", "30", "-subj", f"/CN={HOST}",
        "-addext", f"subjectAltName=DNS:{HOST}",
    )  # fmt: skip
    return folder


@asynccontextmanager
async def https(folder: Path, name: str, newest: ssl.TLSVersion | None = None) -> AsyncIterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if newest is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    site = Site()
    site.answers["/"] = Reply(b"ok")
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site


async def refusal(port: int, timeout_s: float = 10.0) -> FetchError:
    async with HttpClient(FetcherSettings(allow_hosts=(f"127.0.0.1:{port}",))) as client:
        with pytest.raises(FetchError) as caught:
            await client.get(f"https://{HOST}:{port}/", accept="*/*", timeout_s=timeout_s)
    return caught.value


@pytest.fixture
def trusted(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority's folder, while it is trusted as the system trusts its own."""
    context = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    context.set_alpn_protocols(("http/1.1",))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    return authority


async def test_a_certificate_in_order_is_accepted(trusted: Path) -> None:
    async with https(trusted, "good") as site:
        settings = FetcherSettings(allow_hosts=(f"127.0.0.1:{site.port}",))
        async with HttpClient(settings) as client:
            answer = await client.get(f"https://{HOST}:{site.port}/", accept="*/*", timeout_s=10.0)
    assert answer.body == b"ok"


@pytest.mark.parametrize(
    ("name", "said"),
    [("expired", "expired"), ("future", "not yet valid"), ("self", "self-signed"), ("other", "Hostname mismatch")],
)
async def test_a_certificate_that_is_not_in_order_is_a_tls_error_and_nothing_is_sent(
    trusted: Path, name: str, said: str
) -> None:
    async with https(trusted, name) as site:
        error = await refusal(site.port)
    assert error.kind == "tls"
    assert said in str(error)
    assert site.requests == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["tls1.0", "tls1.1"])
async def test_a_server_that_speaks_only_old_tls_is_a_tls_error(trusted: Path, newest: ssl.TLSVersion) -> None:
    async with https(trusted, "good", newest) as site:
        error = await refusal(site.port)
    assert error.kind == "tls"
    assert site.requests == []


async def test_a_server_that_does_not_speak_tls_is_a_tls_error() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        assert (await refusal(server.sockets[0].getsockname()[1])).kind == "tls"


@virtual_time
async def test_a_handshake_that_stalls_ends_at_the_deadline() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        assert (await refusal(server.sockets[0].getsockname()[1], timeout_s=15.0)).kind == "timeout"
