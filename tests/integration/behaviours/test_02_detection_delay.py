"""Behaviour 2: with as many requests, items are found sooner than by asking every feed at the same interval."""

from __future__ import annotations

import random
from datetime import timedelta
from statistics import fmean
from unittest.mock import patch

from services.fetcher.pace import POLL_WORTH_S
from tests.bench import detecting


def test_items_are_found_sooner_than_by_fixed_polling_with_as_many_requests() -> None:
    with (
        patch.object(detecting, "_LEARNING", timedelta(days=7)),
        patch.object(detecting, "_MEASURED", timedelta(days=3)),
    ):
        feeds = [detecting._newsroom(random.Random(n)) for n in range(12)]
        adaptive = detecting._adaptive(feeds, POLL_WORTH_S)
        every = timedelta(days=3) * len(feeds) / adaptive.polls
        fixed = detecting._fixed(feeds, every)
    assert abs(fixed.polls - adaptive.polls) < 0.03 * adaptive.polls
    assert fmean(adaptive.delays_s) < 0.9 * fmean(fixed.delays_s)
    assert adaptive.missed == 0
