"""Puts the extractor together; the runtime does the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from services.extractor.confidence import DEFAULT_THRESHOLD
from services.extractor.languages import PipelineError, Readers
from services.extractor.reading import Clock, Depth
from services.extractor.stage import Extractor
from services.runtime.guard import Guard
from services.runtime.settings import SettingsError


def build(
    depth: Depth = "full",
    pipelines: str = "",
    unread: Callable[[str], None] | None = None,
    *,
    min_confidence: float | None = None,
    clock: Clock | None = None,
    guard: Guard | None = None,
    cut: Callable[[str], None] | None = None,
    last_resort: Callable[[int], AbstractContextManager[object]] = nullcontext,
) -> Extractor:
    """Return the extractor at ``depth``: "full" reads every sentence with a trigger, "lead" title and first ones.

    ``pipelines``: which languages are read by which spaCy pipeline ("en=...,fr=..."); empty: all that can be.
    ``unread`` is told the language of each article in another one. ``clock`` limits the time that an article may take.
    Raises SettingsError, naming the package or the file, where one of them is missing.

    ``guard`` ends steps that do not end; ``cut`` is told every note of an article that was not read to its end;
    ``last_resort`` surrounds each batch.

    Mentions less sure than ``min_confidence`` are not sent; by default the threshold that measuring set.
    """
    try:
        readers = Readers(pipelines)
    except PipelineError as error:
        raise SettingsError(str(error)) from error
    threshold = DEFAULT_THRESHOLD if min_confidence is None else min_confidence
    return Extractor(
        depth,
        readers,
        unread,
        min_confidence=threshold,
        clock=clock,
        guard=guard,
        cut=cut,
        last_resort=last_resort,
    )
