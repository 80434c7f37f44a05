"""The fetcher as a process: it works while it is the one source of the log, and stands by otherwise."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from services.cli.subscriptions import subscribed_feeds
from services.runtime import heap
from services.runtime.health import Pulse
from services.runtime.settings import read_settings
from services.runtime.stage import Unavailable
from services.runtime.stream_log import LeaseLostError

if TYPE_CHECKING:
    from services.runtime.embedded import EmbeddedOutbox
    from services.runtime.kafka_outbox import KafkaOutbox

    OwnedOutbox: TypeAlias = EmbeddedOutbox | KafkaOutbox

LOOK_S: Final = 0.5
"""How often a fetcher renews its ownership, and a stand-by asks for it."""

log = structlog.get_logger()


def run_fetcher(
    make_outbox: Callable[[], OwnedOutbox], data: Path, pulse: Pulse, stop: threading.Event, redis_url: str = ""
) -> None:
    """Fetch, or stand by while another fetcher works, until ``stop`` is set. Raises SettingsError.

    ``redis_url`` is where the api looks for how the feeds do; "" where there is none.
    """
    import uvloop

    while not stop.is_set():
        outbox = make_outbox()
        pulse.turn()
        try:
            if outbox.open():
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    runner.run(_fetch(data, outbox, pulse, stop, redis_url))
                outbox.close()
                continue
            pulse.not_ready("standing by: another fetcher works")
        except Unavailable as error:
            pulse.not_ready(str(error))
        stop.wait(LOOK_S)


async def _fetch(data: Path, outbox: OwnedOutbox, pulse: Pulse, stop: threading.Event, redis_url: str) -> None:
    """Fetch until told to stop or until another fetcher has taken over."""
    from services.fetcher.noticeboard import Noticeboard
    from services.fetcher.service import Fetcher
    from services.fetcher.settings import FetcherSettings

    stopping = asyncio.Event()

    async def watch() -> None:
        while not stop.is_set():
            pulse.turn()
            try:
                await asyncio.to_thread(outbox.keep)
                pulse.ready()
            except Unavailable as error:
                pulse.not_ready(str(error))
            except LeaseLostError as error:
                log.warning("lease lost, standing by", reason=str(error))
                break
            await asyncio.sleep(LOOK_S)
        stopping.set()

    watching = asyncio.create_task(watch())
    fetcher = Fetcher(
        read_settings(FetcherSettings),
        outbox,
        lambda: subscribed_feeds(data),
        board=Noticeboard(redis_url),
        loaded=heap.settle,
    )
    await fetcher.run(stopping)
    watching.cancel()
