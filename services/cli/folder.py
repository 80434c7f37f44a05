"""The data folder of processes that must be alone on it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.runtime.supervisor import StartError


@contextmanager
def only_one(data: Path, name: str, otherwise: str) -> Iterator[None]:
    """Hold the lock ``name`` of a data folder. Raises StartError saying ``otherwise`` where another process has it."""
    folder = data / "run"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{name}.lock").open("a")
    except OSError as error:
        raise StartError(f"the data folder {data} cannot be written ({error.strerror}): set DATELINE_DATA") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(otherwise) from error
        yield


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
