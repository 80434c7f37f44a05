"""A proxy on the loopback that cuts connections after a random number of bytes."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Cuts:
    """The proxy's address, and what it has done."""

    url: str = ""
    connections: int = 0
    on: bool = True
    """Set to False to let connections live from now on."""


@contextmanager
def cutting_proxy(url: str, seed: int, mean_bytes: int) -> Iterator[Cuts]:
    """Run a proxy to ``url``. Each connection is cut after a random number of bytes to the client."""
    dice, cuts, target = random.Random(seed), Cuts(), urlsplit(url)
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cuts.connections += 1
        rest = int(dice.expovariate(1 / mean_bytes)) if cuts.on else 1 << 40
        there, back = await asyncio.open_connection(target.hostname, target.port)

        async def ask() -> None:
            while data := await reader.read(65_536):
                back.write(data)

        asking = asyncio.create_task(ask())
        try:
            while rest > 0 and (data := await there.read(min(65_536, rest))):
                writer.write(data)
                await writer.drain()
                rest -= len(data)
        except OSError:
            pass
        finally:
            asking.cancel()
            for each in (writer, back):
                with suppress(Exception):
                    each.transport.abort()

    async def run() -> asyncio.Server:
        return await asyncio.start_server(serve, "127.0.0.1", 0)

    server = loop.run_until_complete(run())
    cuts.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield cuts
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
