"""Behaviour 13: beside all hostile servers at once, good feeds are found as soon as without them."""

from __future__ import annotations

from tests.integration.hostile_servers import p95_delay_s
from tests.integration.virtual_time import virtual_time

GOOD = 100


def test_good_feeds_are_found_as_soon_beside_every_hostile_server() -> None:
    delays_s: list[float] = []

    @virtual_time
    async def measure(with_hostile: bool) -> None:
        delays_s.append(await p95_delay_s(GOOD, with_hostile))

    measure(False)
    measure(True)
    alone, beside = delays_s
    assert beside <= 1.05 * alone
