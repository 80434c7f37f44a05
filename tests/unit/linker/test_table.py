"""What the linker's table makes of entries it did not write just so: damaged, of an older version, of other rules."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import orjson
import pytest
import zstandard

from services.contracts.dateline.v1 import event_pb2
from services.linker import overdue, record
from services.linker.activity import AT_ONCE
from services.linker.service import build
from services.runtime.stage import Message, Write
from tests.unit.linker.newsdesk import Desk, article, batch, says
from tests.unit.linker.newsstream import stream


def fire(city: str) -> event_pb2.Mention:
    return says("fire", "occurred", where=city, time="2025-05-20", killed=3, sentence=f"A mill burned in {city}")


def visit(name: str) -> Message:
    told = says("visit", "planned", (f"source={name}/DEU/GOV",), where="KEN", time="2025-06-10")
    return batch(article(name, f"{name[-3:].lower()}.example", "2025-06-01"), told)


def older(value: bytes) -> bytes:
    """The same event as formats 4 stored it."""
    held = record.decode(value)
    held.event.ClearField("activity")
    mine = held.profile
    compared = [mine.told_first, mine.told_last, sorted(mine.words), mine.gist, []]
    reports = b"".join(
        struct.pack("<qqI", r.arrived_us, r.since_us, r.mention.ByteSize())
        + r.mention.SerializeToString(deterministic=True)
        for r in held.reports
    )
    frames = (held.event.SerializeToString(deterministic=True), orjson.dumps(compared), zlib.compress(reports))
    return b"\4" + b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)


def deflated(value: bytes) -> bytes:
    """The same event as format 5 stored it: the reports deflated."""
    held, entry = record.decode(value), record.read_entry(value)
    reports = zlib.compress(zstandard.decompress(held.packed), 1)
    rest = without_times(value)[5 : -4 - len(held.packed)] + struct.pack("<I", len(reports)) + reports
    assert not entry.archived
    return struct.pack("<BI", 5, zlib.crc32(rest)) + rest


def without_times(value: bytes) -> bytes:
    """The same event as format 6 stored it: its entry tells no times."""
    head = bytearray(value[5:32])
    head[16] &= 7  # that the text tells the day
    rest = bytes(head) + value[49:]
    return struct.pack("<BI", 6, zlib.crc32(rest)) + rest


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "other format"])
def test_a_damaged_record_is_left_out_counted_and_stops_nothing(damage: str) -> None:
    desk = Desk()
    (porto,) = desk.take(batch(article("a", "one.example", "2025-05-20"), fire("Porto")))
    (lyon,) = desk.take(batch(article("b", "one.example", "2025-05-20"), fire("Lyon")))
    good = desk.stored[f"e:{porto.id}"]
    bad = {
        "flipped": good[:-9] + bytes([good[-9] ^ 1]) + good[-8:],
        "cut": good[:40],
        "empty": b"",
        "other format": b"\x63" + good[1:],
    }[damage]
    desk.stored[f"e:{porto.id}"] = bad
    desk.restart(seed=1)
    gauges = desk.linker.health().gauges
    assert (gauges["events"], gauges["faulty_entries"]) == (1, 1)
    (event,) = desk.take(batch(article("c", "two.example", "2025-05-20"), fire("Lyon")))
    assert (event.id, event.evidence_total) == (lyon.id, 2)
    (fresh,) = desk.take(batch(article("d", "two.example", "2025-05-20"), fire("Porto")))
    assert fresh.id != porto.id


def test_a_damaged_article_entry_is_left_out_and_counted() -> None:
    linker = build()
    linker.load([Write("a:disaster-accident-emergency:x", b"[")])
    assert linker.health().gauges["faulty_entries"] == 1


@pytest.mark.parametrize("earlier", [older, deflated, without_times])
def test_events_that_an_earlier_version_stored_are_taken_up(earlier: Callable[[bytes], bytes]) -> None:
    desk = Desk()
    (porto,) = desk.take(batch(article("a", "one.example", "2025-05-20"), fire("Porto")))
    desk.stored[f"e:{porto.id}"] = earlier(desk.stored[f"e:{porto.id}"])
    desk.restart(seed=1)
    assert desk.linker.health().gauges["faulty_entries"] == 0
    (event,) = desk.take(batch(article("c", "two.example", "2025-05-20"), fire("Porto")))
    assert (event.id, event.evidence_total, event.revision) == (porto.id, 2, 2)


def test_loading_at_once_and_applying_one_by_one_answer_alike() -> None:
    desk = Desk()
    messages = [told.message for told in stream(5, 60, days=40)]
    desk.take(*messages[:-30])
    loaded, applied = build(), build()
    writes = [Write(key, value) for key, value in sorted(desk.stored.items())]
    loaded.load(writes)
    for write in reversed(writes):
        applied.apply(write)
    assert loaded.health() == applied.health()
    for message in messages[-30:]:
        one, other = loaded.handle(message, message.time), applied.handle(message, message.time)
        assert one == other
        for write in one.writes:
            loaded.apply(write)
            applied.apply(write)


def test_rules_that_changed_since_an_event_was_stored_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    for number in range(AT_ONCE + 3):
        desk.take(visit(f"Eva {'abcdefghijklmnopqrstuvwxyz'[number].upper()}ol"))
    plans = [event.id for event in desk.live()]
    assert len(plans) == AT_ONCE + 3
    # By the rules of a new version half of them were never to be marked, though they are noted for that day.
    spared = set(sorted(plans)[:AT_ONCE])
    true_rule = overdue.overdue_from
    for module in ("telling", "activity"):
        monkeypatch.setattr(
            f"services.linker.{module}.overdue_from",
            lambda event, profile: None if event.id in spared else true_rule(event, profile),
        )
    lind = says("resignation", "occurred", ("source=Bo Lind/CAN/GOV",), time="2025-06-13")
    for number in range(2):
        desk.take(batch(article(f"z{number}", "other.example", "2025-06-13"), lind))
    assert {known for known in plans if desk.events[known].overdue} == set(plans) - spared
    assert all(desk.events[known].revision == 1 for known in spared)


def test_an_event_just_worked_on_is_read_as_its_stored_bytes_say() -> None:
    desk = Desk()
    for told in stream(3, 30, 20, 4):
        desk.take(told.message)
    stored = {key.removeprefix("e:"): value for key, value in desk.stored.items() if key.startswith("e:")}
    assert stored
    for event_id, value in stored.items():
        assert desk.linker._table.record(event_id) == record.decode(value)
