"""Watching the stream of changes for every alert rule, in the one process that delivers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog

from services.api.alert_rules import Judge, absorbed, fired_json
from services.api.alert_store import MET_FOR_DAYS, AlertStore, Effect
from services.api.changes import Entry
from services.api.conditions import ConditionError
from services.api.metrics import Metrics
from services.api.stream_reader import StreamReader

AT_ONCE: Final = 100
WAIT_MS: Final = 500

log = structlog.get_logger("dateline.api.alerts")


class AlertEngine:
    """Judges changes in their order. What fires, and up to where was read, are written in one step: once each."""

    def __init__(self, store: AlertStore, changes: StreamReader[Entry], metrics: Metrics) -> None:
        self._store = store
        self._changes = changes
        self._metrics = metrics
        self._judges: list[Judge] = []
        self._generation: bytes | None = None

    def refresh(self) -> None:
        """Look at all rules anew before going on: something about them changed."""
        self._generation = None

    async def round(self) -> None:
        """Judge what has come, or wait up to half a second for something. Raises redis errors."""
        await self._renew()
        if not self._judges:
            await self._pass_over()
            return
        state = await self._changes.state()
        held = await self._store.position()
        after = held
        if after is None:  # from the first rule on
            after = min((judge.rule.since for judge in self._judges), default=state.last)
        if held is not None and state.lost_after(held):
            self._metrics.webhook_missed.inc()
            log.warning("alert rules missed changes: they are no longer kept")
            after = state.last
            await self._store.advance(held, after, (), 0)
            return
        slice_ = await self._changes.follow(after, AT_ONCE, WAIT_MS)
        if slice_.upto is None:
            return
        await self._renew()  # after reading: a rule made before these changes has to see them
        effects = await self._judge(slice_.entries)
        if await self._store.advance(held, slice_.upto, effects, _now_ms() - MET_FOR_DAYS * 86_400_000):
            self._metrics.alerts.inc(sum(bool(effect.alert) for effect in effects))

    async def _pass_over(self) -> None:
        """Wait, and go on behind all that has come: there is no rule to judge it by."""
        await asyncio.sleep(WAIT_MS / 1_000)
        last = (await self._changes.state()).last
        held = await self._store.position()
        await self._renew()  # after looking: a rule made before these changes has to see them
        if not self._judges and held is not None and held != last:
            await self._store.advance(held, last, (), _now_ms() - MET_FOR_DAYS * 86_400_000)

    async def _renew(self) -> None:
        generation = await self._store.generation()
        if generation == self._generation:
            return
        self._judges = []
        for rule in await self._store.all():
            if rule.enabled:
                try:
                    self._judges.append(Judge(rule))
                except ConditionError as error:
                    log.error("alert rule cannot be read and was left out", rule=rule.id, at=error.path, why=str(error))
        self._generation = generation

    async def _judge(self, entries: Sequence[Entry]) -> list[Effect]:
        if not self._judges:
            return []
        event_ids = {each for entry in entries for each in (entry.facets.event_id, *absorbed(entry.change))}
        met = await self._store.met([judge.rule.id for judge in self._judges], sorted(event_ids))
        effects = []
        for entry in entries:
            for judge in self._judges:
                if entry.position > judge.rule.since:
                    effect = _effect(judge, entry, met)
                    effects += [effect] if effect is not None else []
        return effects


def _effect(judge: Judge, entry: Entry, met: set[tuple[str, str]]) -> Effect | None:
    """Return what a change does to a rule, if anything, and keep ``met`` in step with it."""
    rule, event_id = judge.rule, entry.facets.event_id
    pair: tuple[str, str] = (rule.id, event_id)
    try:
        verdict = judge.judge(entry, lambda each: (rule.id, each) in met)
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # a change of another layout
        log.warning("a change could not be judged", rule=rule.id, event=event_id, error=repr(error))
        return None
    if not verdict.met:
        if pair not in met:
            return None
        met.discard(pair)
        return Effect(rule.id, event_id, 0, b"")
    met.add(pair)
    return Effect(rule.id, event_id, entry.position[0], fired_json(rule, entry) if verdict.fires else b"")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
