"""Printing one JSON object a line to whoever reads standard output, as soon as it is known."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class ReaderGoneError(Exception):
    """What reads our output (`dateline subscribe | head`) has ended."""


def print_line(line: str) -> None:
    """Print at once. Raises ReaderGoneError, which is no lost connection although its cause is an OSError."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGoneError("the reader of standard output has ended") from error


@contextmanager
def end_with_reader() -> Iterator[None]:
    """Let click end the command quietly when its reader has ended."""
    try:
        yield
    except ReaderGoneError as error:
        raise BrokenPipeError(errno.EPIPE, str(error)) from error
