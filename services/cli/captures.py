"""Captured fetching as a source of articles: WARC files are polled again, offline."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import structlog

from services.cli.environment import from_environment
from services.contracts.dateline.v1.article_pb2 import Article

if TYPE_CHECKING:
    from services.runtime.stage import Emit


def captured_articles(paths: Sequence[Path], feeds: Path | None) -> list[Article]:
    """Return the articles that a fetcher published from what ``paths`` hold, in order.

    Raises ClickException saying what is wrong and what to do.
    """
    from services.cli.subscriptions import read_list
    from services.fetcher.replay import Replay
    from services.fetcher.settings import FetcherSettings
    from services.fetcher.warc import WarcError, read_warc

    settings = from_environment(FetcherSettings)
    sent: list[Emit] = []
    try:
        subscriptions = read_list(feeds) if feeds is not None else []
        exchanges = [exchange for path in paths for exchange in read_warc(path)]
    except WarcError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, ValueError) as error:
        raise click.ClickException(f"the capture cannot be read: {error}") from error
    with _quiet():
        asyncio.run(Replay(settings, exchanges, subscriptions, sent.append).run())
    return [cast("Article", emit.value) for emit in sent]


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
