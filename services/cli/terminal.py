"""What a command that keeps processes running says to the person, and how that person ends it."""

from __future__ import annotations

import signal
from contextlib import suppress
from datetime import datetime
from types import FrameType

import click


class StopAskedError(Exception):
    """Ctrl-C or SIGTERM."""


class Stopping:
    """Turns the first Ctrl-C, SIGTERM or closed terminal into StopAskedError; further ones do not disturb the stop."""

    def __init__(self) -> None:
        self._begun = False

    def listen(self) -> None:
        """Take over the signals. Call it from the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def begin(self) -> None:
        """Say that the stop is under way, whoever asked for it: nothing may interrupt it any more."""
        self._begun = True

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if not self._begun:
            self._begun = True
            raise StopAskedError


def say(text: str) -> None:
    """Print, or be silent where the terminal is gone: a closed window must not keep anything from being stopped."""
    with suppress(OSError):
        click.echo(text)


def say_now(text: str) -> None:
    """Print with the time of day."""
    say(f"{datetime.now().astimezone():%H:%M:%S}  {text}")
