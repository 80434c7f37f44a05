"""A gate lets one through at a time, keeps the gap, and stays shut while a host asks for rest."""

from __future__ import annotations

import asyncio

from services.fetcher.gates import Gates


class Time:
    """A monotonic clock that stands still."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_after_a_passage_the_gate_stays_shut_for_the_gap() -> None:
    time = Time()
    gates = Gates(4, time)
    async with gates.passing("a.example", 5.0):
        assert gates.queue("a.example") == 1
        time.now += 2
    assert gates.wait_s("a.example") == 5.0
    assert gates.wait_s("b.example") == 0.0


async def test_of_two_pauses_the_longer_counts() -> None:
    gates = Gates(4, Time())
    gates.pause("a.example", 60.0)
    gates.pause("a.example", 5.0)
    assert gates.wait_s("a.example") == 60.0


async def test_a_second_visitor_waits_until_the_first_has_left() -> None:
    gates, order = Gates(4, Time()), []

    async def visit(name: str) -> None:
        async with gates.passing("a.example", 0.0):
            order.append(f"{name} in")
            await asyncio.sleep(0)
            order.append(f"{name} out")

    await asyncio.gather(visit("one"), visit("two"))
    assert order == ["one in", "one out", "two in", "two out"]


async def test_the_width_bounds_all_domains_together() -> None:
    gates, inside, most = Gates(2, Time()), 0, 0

    async def visit(domain: str) -> None:
        nonlocal inside, most
        async with gates.passing(domain, 0.0):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit(f"{n}.example") for n in range(10)))
    assert most == 2


async def test_idle_gates_are_forgotten_and_paused_ones_are_not() -> None:
    gates = Gates(4, Time())
    async with gates.passing("idle.example", 0.0):
        pass
    gates.pause("paused.example", 60.0)
    gates.forget_idle()
    assert gates.wait_s("paused.example") == 60.0
    assert len(gates._gates) == 1
