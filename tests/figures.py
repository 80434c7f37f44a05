"""Run modules that measure something and print their figures as JSON lines: behind `make bench` and `make eval`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import orjson

Measure = Callable[..., Iterator[dict[str, Any]]]


def print_figures(
    kind: str, folder: Path, function: str, names: Sequence[str], *args: object, **options: object
) -> int:
    """Call ``function`` of every module in ``folder`` (or of those named), printing each dict it yields.

    ``options`` go to those that take them. A module that breaks is told as a line of its own and the others go on; the
    result is 1 then, else 0.
    """
    failed = False
    for found in sorted(iter_modules([str(folder)]), key=lambda module: module.name):
        if found.name.startswith("_") or (names and found.name not in names):
            continue
        measure: Measure | None = getattr(import_module(f"tests.{folder.name}.{found.name}"), function, None)
        if measure is None:
            continue
        began = time.monotonic()
        try:
            taken = {name: value for name, value in options.items() if name in signature(measure).parameters}
            for figures in measure(*args, **taken):
                print(orjson.dumps({kind: found.name, **figures}).decode(), flush=True)
        except Exception as error:
            failed = True
            print(orjson.dumps({kind: found.name, "broke": f"{type(error).__name__}: {error}"}).decode(), flush=True)
        print(f"{found.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if failed else 0
