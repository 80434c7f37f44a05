"""A fetcher on the embedded log, as a process of its own that kills itself at a given moment.

python -m tests.integration.killed_fetcher REDIS_URL FEED_URL DIES_AT: poll one feed until its record is stored. After
so many commits that the log has acknowledged, and before the fetcher hears of the last, it dies by SIGKILL; 0: never.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from services.contracts.topics import ARTICLES_RAW
from services.fetcher.service import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import Subscription
from services.runtime.embedded import EmbeddedOutbox
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Write
from services.runtime.stream_log import StreamLog, connect


class Mortal(EmbeddedOutbox):
    """Publishes as in production, and dies between the log's answer and whatever the fetcher would do next."""

    dies_at = 0
    done = asyncio.Event()

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        super().commit(emits, writes)
        self.dies_at -= 1
        if self.dies_at == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if any(write.key.startswith("feed:") for write in writes):
            self.loop.call_soon_threadsafe(self.done.set)

    def begin(self, loop: asyncio.AbstractEventLoop, dies_at: int) -> None:
        """Become the one source; a process that comes back under its name does so at once."""
        self.loop, self.dies_at = loop, dies_at
        if not self.open():
            raise SystemExit("another fetcher works on this log")


async def main(redis_url: str, feed_url: str, dies_at: int) -> None:
    """Poll until told to end by the outbox."""
    outbox = Mortal("fetcher", (ARTICLES_RAW,), StreamLog(connect(redis_url)), RuntimeSettings(worker="fetcher-0"))
    outbox.begin(asyncio.get_running_loop(), dies_at)
    port = urlsplit(feed_url).port
    settings = FetcherSettings(allow_hosts=(f"127.0.0.1:{port}",), reading_workers=1)
    await Fetcher(settings, outbox, lambda: [Subscription(feed_url)]).run(outbox.done)
    outbox.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
