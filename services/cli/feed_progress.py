"""What a person sees while feeds that were just imported are asked for the first time.

On a terminal a bar that moves; elsewhere a line for each tenth, so that a log stays readable.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

import click

LOOK_S: Final = 1.0
_STEPS: Final = 10
_PATIENCE: Final = 30
"""Looks at which a fetcher may know none of the feeds: it reads the list every few seconds."""


@dataclass(frozen=True, slots=True)
class FirstPolls:
    """How far the first polls of some feeds have come."""

    wanted: int
    known: int
    """Of which a fetcher has told."""
    asked: int
    failing: tuple[tuple[str, str], ...]
    """Address and last error of those that were asked and did not answer with a feed."""


def first_polls(feeds: Collection[Mapping[str, Any]], wanted: Collection[str]) -> FirstPolls:
    """Return how far the ``wanted`` feeds have come by what GET /v1/feeds tells. Paused ones count as asked."""
    told = {feed["url"]: feed for feed in feeds if feed["url"] in wanted}
    done = [feed for feed in told.values() if feed["condition"] != "waiting"]
    failing = tuple((feed["url"], feed["last_error"]) for feed in done if feed["errors"])
    return FirstPolls(len(wanted), len(told), len(done), failing)


def follow(
    look: Callable[[], Collection[Mapping[str, Any]]],
    wanted: Collection[str],
    sleep: Callable[[float], None] = time.sleep,
    out: TextIO | None = None,
) -> FirstPolls:
    """Show how far the first polls are until all are done; ``look`` returns the feeds as the API tells them.

    Raises what ``look`` raises, and ClickException where no fetcher tells of any of them. Ctrl-C ends the showing only:
    polling goes on.
    """
    out = out or sys.stderr
    with click.progressbar(length=len(wanted), label="asking each for the first time", file=out) as bar:
        shown, step, looks = 0, 0, 0
        while True:
            now = first_polls(look(), wanted)
            looks += 1
            if not now.known and looks > _PATIENCE:
                raise click.ClickException(
                    "The feeds are in the list, but no fetcher has told of them: is one running, and does it have the "
                    "same DATELINE_DATA and, on Kafka, a DATELINE_REDIS_URL?"
                )
            bar.update(now.asked - shown)
            shown = now.asked
            if not out.isatty() and now.asked * _STEPS // max(now.wanted, 1) > step:
                step = now.asked * _STEPS // now.wanted
                click.echo(f"{now.asked:,} of {now.wanted:,} asked, {len(now.failing):,} failing", file=out)
            if now.asked >= now.wanted:
                return now
            sleep(LOOK_S)
