from __future__ import annotations

import random

from services.api.slots import candidates


def bitmap(slots: set[int], size: int) -> bytes:
    """As Redis holds it: bit 0 is the highest of the first byte."""
    held = bytearray(size // 8 + 1)
    for slot in slots:
        held[slot // 8] |= 0x80 >> slot % 8
    return bytes(held)


def test_candidates_lie_in_every_dimension_in_any_of_its_postings() -> None:
    chance = random.Random(2)
    size = 3_000
    sets = [{slot for slot in range(size) if chance.random() < share} for share in (0.5, 0.1, 0.02, 0.9)]
    few = [" ".join(map(str, sets[2])).encode()]
    found = candidates([[bitmap(sets[0], size), few], [bitmap(sets[1], size)], [bitmap(sets[3], size)]], size)
    wanted = (sets[0] | sets[2]) & sets[1] & sets[3]
    assert found.slots().tolist() == sorted(wanted)
    assert found.count == len(wanted)


def test_an_index_that_is_not_there_holds_nothing() -> None:
    assert candidates([[[b""]]], 100).count == 0


def test_a_bitmap_may_end_before_the_last_slot_and_go_beyond_it() -> None:
    assert candidates([[b"\x80"]], 100).slots().tolist() == [0]
    assert candidates([[b"\x80" + b"\xff" * 99]], 8).slots().tolist() == [0]


def test_without_events_there_are_no_candidates() -> None:
    assert candidates([[[b"3"]]], 0).count == 0
