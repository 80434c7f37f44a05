"""Keeps where events stand in every order in step with Redis.

It is read whole once, by slots. From then on every look at the indexes brings the slots written since the last one, in
the same instant. Where the log of these does not reach back that far, or another Redis answers, it is read whole again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from services.api.ranking import Ranking, Scores
from services.api.rendered import Rendered
from services.api.script import Script
from services.api.sse import Position, parse_position
from services.contracts.redis_model import CHANGED, ORDERS, Keys

READ_AT_ONCE: Final = 250
"""Slots in one call of the script that reads all: some 2 ms of Redis."""

CAUGHT_UP_AT_ONCE: Final = 500
"""Touched slots that come with one look at the indexes, at most."""


NEVER: Final = "0-0"
"""Id of the last entry where there was none."""


class Ranks:
    """The orders of one Redis."""

    def __init__(self, keys: Keys, script: Script, rendered: Rendered) -> None:
        """``rendered`` is made to forget the slots that were written."""
        self._keys = keys
        self._rendered = rendered
        self._script = script
        self._ranking: Ranking | None = None
        self._reading: asyncio.Task[Ranking] | None = None
        self._just_read = False
        """True until the first look after the orders were read for it: what was written in between says nothing."""
        self.since = ""
        """Id of the last entry of the touched slots that is known."""

    async def ready(self) -> Ranking:
        """Return the orders as of the last look, reading them first where that was never done. Raises redis errors."""
        if self._ranking is not None:
            return self._ranking
        if self._reading is None or self._reading.done():  # all who come meanwhile share it
            self._reading = asyncio.create_task(self._read(), name="reading the orders")
        return await asyncio.shield(self._reading)

    async def prepare(self) -> None:
        """Read the orders before anybody asks. Raises redis errors."""
        await self.ready()
        self._just_read = False

    def take_up(self, asked_since: str, touched: Sequence[Any] | None) -> bool:
        """Take up what a look told that was asked for ``asked_since``; False where another look is needed."""
        if touched is None:
            if asked_since == self.since:  # nobody has noticed yet
                self._ranking = None
            return False
        last, more, slots, newest, newest_score, *scores = touched
        if self._ranking is None:  # given up meanwhile
            return False
        if asked_since == NEVER and newest and not self._just_read:
            # Nothing was ever noted: a cache of before this log may be writing.
            held = self._ranking.score(CHANGED, int(newest))
            if not slots and held != float(newest_score):
                self._ranking = None
                return False
        self._just_read = False
        if slots and _position(last.decode()) > _position(self.since):
            columns = dict(zip(self._ranking.orders, map(_numbers, scores), strict=True))
            written = _numbers(slots).astype(np.int64)
            self._ranking.put(written, columns)
            self._rendered.forget(written.tolist())
            self.since = last.decode()
        return not more

    def stand(self, ranking: Ranking, since: str) -> bool:
        """True where nothing was taken up after an entry of the touched slots: what is read now may be kept."""
        return self._ranking is ranking and self.since == since

    async def _read(self) -> Ranking:
        ranking, since, at = Ranking(ORDERS), "", 0
        size = READ_AT_ONCE  # until it is known
        while at < size:
            last = at + READ_AT_ONCE - 1
            first, count, *scores = await self._script(
                [self._keys.touched, self._keys.next_slot], [self._keys.base, " ".join(ORDERS), at, last]
            )
            if not at:
                since, size = first.decode(), int(count)
            columns = dict(zip(ranking.orders, map(_numbers, scores), strict=True))
            ranking.put(np.arange(at, last + 1), columns)
            at += READ_AT_ONCE
        self._rendered.forget_all()
        self._ranking, self.since, self._just_read = ranking, since, True
        return ranking


def _numbers(text: bytes) -> Scores:
    return np.fromstring(text.decode(), np.float64, sep=" ")


def _position(text: str) -> Position:
    return parse_position(text)
