"""What makes the stage of a service. Only that service's packages need to be installed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.runtime import telemetry
from services.runtime.settings import RuntimeSettings, SettingsError
from services.runtime.stage import Sink, Stage
from services.runtime.watchdog import Watchdog, last_resort

if TYPE_CHECKING:
    from services.linker.activity import Memory


def stage_builder(service: str, settings: RuntimeSettings) -> Callable[[], Stage]:
    """Return what makes the stage of dedup, extractor or linker."""
    if service == "dedup":
        from services.dedup.service import build as build_dedup

        return build_dedup
    if service == "linker":
        from services.linker.service import build as build_linker

        memory = linker_memory(settings)
        return lambda: build_linker(memory)
    from services.extractor.service import build as build_extractor

    guard = Watchdog()  # one for all partitions of a process
    # Computing time of the thread: how busy the machine is must not decide what an article tells.
    return lambda: build_extractor(
        settings.depth,
        settings.pipelines,
        lambda language: telemetry.UNREAD.labels(language).inc(),
        min_confidence=settings.min_confidence,
        clock=time.thread_time,
        guard=guard,
        cut=lambda note: telemetry.CUT.labels(note).inc(),
        last_resort=last_resort,
    )


def linker_memory(settings: RuntimeSettings) -> Memory:
    """Return how long the linker keeps events in which way. Raises SettingsError where the days do not rise."""
    from services.linker.activity import Memory

    try:
        return Memory(settings.quiet_days, settings.archive_days, settings.horizon_days)
    except ValueError as error:
        raise SettingsError(f"Wrong settings in the environment: {error}.") from error


def cache_sink(settings: RuntimeSettings) -> Sink:
    """Return the sink that writes the states to Redis."""
    from services.cache.service import build as build_cache

    return build_cache(settings.redis_url, kept_days=settings.kept_days)
