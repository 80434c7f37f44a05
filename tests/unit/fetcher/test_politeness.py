"""Whom a request burdens: its registered domain, and the machine behind its name."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from services.fetcher.gates import Gates
from services.fetcher.politeness import LOOK_AGAIN_S, AddressBook, Politeness
from tests.unit.fetcher.test_gates import Time


class Names(AbstractResolver):
    """A name server that knows these names, and counts what it is asked."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host.partition(".")[0] not in self.addresses:
            raise OSError(f"no such name: {host}")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.addresses[host.partition(".")[0]]
        ]

    async def close(self) -> None:
        pass


def polite(names: Names, time: Time) -> Politeness:
    return Politeness(Gates(4, time), AddressBook(time, names), 0.25, 900.0)


async def test_names_of_one_machine_share_its_gate_and_others_do_not() -> None:
    politeness = polite(Names(one=["203.0.113.7"], two=["203.0.113.7"], other=["203.0.113.8"]), Time())
    for host in ("one", "two", "other"):
        await politeness._book.locate(f"{host}.example", 80)
    async with politeness.turn("http://one.example/feed", 5.0):
        pass
    waits = [politeness.wait_s(politeness.names(f"http://{host}.example/feed")) for host in ("one", "two", "other")]
    assert waits == [5.0, 0.25, 0.0]


async def test_the_order_of_a_names_addresses_does_not_matter() -> None:
    names = Names(one=["203.0.113.9", "203.0.113.7"], two=["203.0.113.7", "203.0.113.9"])
    book = AddressBook(Time(), names)
    assert await book.locate("one.example", 80) == await book.locate("two.example", 80) == "203.0.113.7"


async def test_a_pause_quiets_the_machine_for_a_bounded_time_and_the_domain_for_all_of_it() -> None:
    politeness = polite(Names(one=["203.0.113.7"], two=["203.0.113.7"]), Time())
    for host in ("one", "two"):
        await politeness._book.locate(f"{host}.example", 80)
    assert politeness.pause("http://one.example/", 7200.0) == {"one.example": 7200.0, "address 203.0.113.7": 900.0}
    assert politeness.wait_s(politeness.names("http://www.one.example/b")) == 7200.0
    assert politeness.wait_s(politeness.names("http://two.example/")) == 900.0


async def test_a_name_is_looked_up_once_and_again_after_an_hour() -> None:
    names, time = Names(one=["203.0.113.7"]), Time()
    politeness = polite(names, time)
    for later in (0.0, 10.0, LOOK_AGAIN_S):
        time.now += later
        async with politeness.turn("http://one.example/", 0.0):
            pass
    assert names.asked == ["one.example"] * 2


async def test_a_name_that_leads_nowhere_stops_nobody() -> None:
    async with polite(Names(), Time()).turn("http://nowhere.example/", 1.0):
        pass


@pytest.mark.parametrize("url", ["http://a.localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"])
async def test_this_machine_has_no_gate_of_its_address(url: str) -> None:
    assert len(polite(Names(), Time()).names(url)) == 1


def test_an_address_as_host_has_both_gates() -> None:
    assert polite(Names(), Time()).names("http://203.0.113.7/") == ("203.0.113.7:80", "address 203.0.113.7")
