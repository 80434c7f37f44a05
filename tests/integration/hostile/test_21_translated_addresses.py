"""Hostile inputs 21: IPv6 forms that carry a private IPv4 address, and multicast, are not public."""

from __future__ import annotations

import ipaddress

import pytest

from services.runtime.outbound import is_public


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1",
        "255.255.255.255", "2001:db8::1", "fe80::1%eth0", "fec0::1", "::", "::1",
    ],
)  # fmt: skip
def test_an_address_that_leads_inside_or_to_many_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
