"""Captured fetching as a source of articles: WARC files are polled again, offline."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import structlog

from services.cli.environment import from_environment
from services.contracts.dateline.v1.article_pb2 import Article

if TYPE_CHECKING:
    from services.runtime.stage import Emit


def captured_articles(paths: Sequence[Path], feeds: Path | None) -> Iterator[Article]:
    """Yield the articles that a fetcher published from what ``paths`` hold, in order, while it is read.

    Raises ClickException saying what is wrong and what to do.
    """
    from services.cli.subscriptions import read_list
    from services.fetcher.replay import Replay
    from services.fetcher.settings import FetcherSettings
    from services.fetcher.warc import Capture, WarcError

    settings = from_environment(FetcherSettings)
    sent: list[Emit] = []
    try:
        subscriptions = read_list(feeds) if feeds is not None else []
        steps = Replay(settings, Capture(paths), subscriptions, sent.append).steps()
        with asyncio.Runner() as runner:
            more = True
            while more:
                with _quiet():
                    more = runner.run(_step(steps))
                yield from (cast("Article", emit.value) for emit in sent)
                sent.clear()
    except WarcError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, ValueError) as error:
        raise click.ClickException(f"the capture cannot be read: {error}") from error


async def _step(steps: AsyncIterator[None]) -> bool:
    """Go one step on; False where there is none."""
    try:
        await anext(steps)
    except StopAsyncIteration:
        return False
    return True


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the fetcher tells of its polls off the standard output, on which the articles are printed."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)
