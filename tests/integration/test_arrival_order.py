"""Whatever the order of arrival, the sample newsroom's storylines become the same events.

Mentions arrive shuffled, some of them twice, copies before what they copy and revisions before what they revise. What
may differ is what speaks of the arrival itself: an event's id (that of its founding mention), when it was first seen
and changed, its revision and changes.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker import record
from services.runtime.stage import Message
from tests.eval.storylines import main_events, messages, sample_articles
from tests.unit.linker.newsdesk import Desk

ORDERS = range(16)
REDELIVERED = 0.2
SAME_PAIRS = 0.98
"""F1 of the pairs of mentions that are held for one event against those in order, over all events. Weak mentions,
such as "the fighting" far down in an article, join what is there when they come."""
SCRIPT = {
    "lake-accord/agreement": ["occurred"],
    "prisoner-exchange/prisoner-exchange": ["considered", "agreed", "occurred"],
    "farm-protest/protest": ["ongoing", "occurred"],
    "ferry-sinking/transport-accident": ["occurred"],
    "ferry-sinking/arrest": ["occurred"],
    "dock-strike/labour-strike": ["planned", "occurred"],
    "dock-strike/merger": ["agreed"],
    "cancelled-summit/meeting": ["planned", "cancelled"],
    "cancelled-summit/storm": ["ongoing", "occurred"],
    "denied-visit/visit": ["planned", "denied"],
    "grid-outage/outage": ["occurred"],
    "factory-fires/fire/porto": ["occurred"],
    "factory-fires/fire/bursa": ["occurred"],
    "kenya-rates/rate-decision": ["occurred"],
    "ceasefire/ceasefire": ["occurred"],
    "fraud-case/arrest": ["occurred"],
    "fraud-case/charge": ["occurred"],
    "sanctions/sanctions": ["occurred"],
}
"""The gold events with the statuses that the newsroom scripts for them."""


@dataclass(frozen=True)
class Wire:
    """Everything the linker is sent about the newsroom, and which mentions tell which gold event."""

    messages: list[Message]
    truths: dict[str, str]


@pytest.fixture(scope="module")
def wire() -> Wire:
    both = list(sample_articles())
    sent = messages(article for _, article in both)
    samples = {article.id: sample for sample, article in both}
    return Wire(sent, main_events(sent, samples))


def linked(wire: Wire, order: Sequence[Message]) -> Desk:
    """Link messages in an order, a second apart, after everything was published."""
    desk = Desk()
    start = max(message.time for message in wire.messages)
    for number, message in enumerate(order):
        desk.take(replace(message, time=start + timedelta(seconds=number)))
    return desk


def together(desk: Desk) -> set[tuple[str, str]]:
    """Return the pairs of mentions that any one event holds, whether a storyline's gold knows it or not."""
    held = (record.decode(value).reports for key, value in desk.stored.items() if key.startswith("e:"))
    return {pair for reports in held for pair in combinations(sorted(report.id for report in reports), 2)}


def told(wire: Wire, desk: Desk) -> dict[str, list[event_pb2.Event]]:
    """Return the events of each gold one."""
    found: dict[str, dict[str, event_pb2.Event]] = defaultdict(dict)
    for key, value in desk.stored.items():
        if key.startswith("e:"):
            event = desk.events[key.removeprefix("e:")]
            for report in record.decode(value).reports:
                if report.mention.id in wire.truths:
                    found[wire.truths[report.mention.id]][event.id] = event
    return {truth: list(events.values()) for truth, events in found.items()}


def content(event: event_pb2.Event) -> dict[str, object]:
    """What an event tells a reader; a sentence in passing far down in an article may add to its evidence or not."""
    named = (p for p in event.participants if p.entity.kind in ("person", "organisation", "country"))
    return {
        "status": event.status,
        "history": [
            (m.status, m.told_at.seconds, m.source.domain, m.origin, m.basis, m.mention_id)
            for m in event.status_history
        ],
        "title": event.title,
        "participants": {(p.role, p.entity.name) for p in named},
        "place": (event.place.name, event.place.country),
        "time": (event.time.start, event.time.end),
        "quantities": {q.measure + q.unit: (q.latest.value, q.latest.qualifier, q.low, q.high) for q in event.quantities
                       if q.measure in ("killed", "injured", "missing")},
        "sources": [(o.name, list(o.domains), o.first_told_at.seconds) for o in event.origins],
        "copies": event.copies,
    }  # fmt: skip


def shuffled(wire: Wire, seed: int) -> list[Message]:
    chance = random.Random(seed)
    order = list(wire.messages)
    chance.shuffle(order)
    for message in [m for m in order if chance.random() < REDELIVERED]:
        order.insert(chance.randrange(order.index(message) + 1, len(order) + 1), message)
    return order


@pytest.fixture(scope="module")
def desks(wire: Wire) -> dict[str | int, Desk]:
    orders: dict[str | int, list[Message]] = {"in order": wire.messages, **{n: shuffled(wire, n) for n in ORDERS}}
    return {name: linked(wire, order) for name, order in orders.items()}


@pytest.fixture(scope="module")
def in_order(wire: Wire, desks: dict[str | int, Desk]) -> dict[str, dict[str, object]]:
    found = told(wire, desks["in order"])
    assert {truth: len(events) for truth, events in found.items()} == dict.fromkeys(SCRIPT, 1)
    return {truth: content(event) for truth, (event,) in found.items()}


def test_each_storyline_is_told_as_scripted(in_order: dict[str, dict[str, object]]) -> None:
    assert {truth: [move[0] for move in event["history"]] for truth, event in in_order.items()} == SCRIPT  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", ORDERS)
def test_the_order_of_arrival_changes_nothing_that_is_told(
    seed: int, wire: Wire, desks: dict[str | int, Desk], in_order: dict[str, dict[str, object]]
) -> None:
    found = told(wire, desks[seed])
    assert {truth: len(events) for truth, events in found.items()} == dict.fromkeys(SCRIPT, 1)
    assert {truth: content(event) for truth, (event,) in found.items()} == in_order


@pytest.mark.parametrize("seed", ORDERS)
def test_the_order_of_arrival_hardly_changes_what_is_held_for_one_even_of_what_is_told_in_passing(
    seed: int, desks: dict[str | int, Desk]
) -> None:
    mine, others = together(desks["in order"]), together(desks[seed])
    assert 2 * len(mine & others) / (len(mine) + len(others)) >= SAME_PAIRS
