"""What makes the stage of a service. Only that service's packages need to be installed."""

from __future__ import annotations

import time
from collections.abc import Callable

from services.runtime import telemetry
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Sink, Stage


def stage_builder(service: str, settings: RuntimeSettings) -> Callable[[], Stage]:
    """Return what makes the stage of dedup, extractor or linker."""
    if service == "dedup":
        from services.dedup.service import build as build_dedup

        return build_dedup
    if service == "linker":
        from services.linker.service import build as build_linker

        return build_linker
    from services.extractor.service import build as build_extractor

    # Computing time of the thread: how busy the machine is must not decide what an article tells.
    return lambda: build_extractor(
        settings.depth,
        settings.pipelines,
        lambda language: telemetry.UNREAD.labels(language).inc(),
        min_confidence=settings.min_confidence,
        clock=time.thread_time,
    )


def cache_sink(settings: RuntimeSettings) -> Sink:
    """Return the sink that writes the states to Redis."""
    from services.cache.service import build as build_cache

    return build_cache(settings.redis_url)
