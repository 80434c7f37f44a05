"""Which URLs and addresses Dateline connects to when somebody else chose them. Pure.

A feed, a redirect, a link in an article or a webhook address may point at the machine itself or at its private network
(server-side request forgery). This module decides; ``outbound.py`` asks it where connections are made.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import can_ada

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

# IANA IPv4 and IPv6 Special-Purpose Address Registries. Spelled out, because ``is_global`` of Python 3.11 says True for
# multicast, 6to4 and NAT64 addresses.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, cloud metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relay anycast, deprecated
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, with Teredo (2001::/32), benchmarking and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address; deprecated (RFC 7526)
        "3fff::/20",  # documentation
    )
)
_LOOPBACK: Final = ipaddress.IPv4Address("127.0.0.1")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class OutboundError(Exception):
    """A connection that Dateline does not make."""


class UrlRefused(OutboundError):
    """The URL itself is not acceptable: its scheme, its host or credentials in it."""


class AddressBlocked(OutboundError):
    """The host leads to an address that is not public and not on the allow-list."""


@lru_cache(maxsize=4096)
def is_public(address: Address) -> bool:
    """True for an address of the public internet; False for loopback, private, multicast, reserved and the like.

    IPv6 forms that carry an IPv4 address (mapped, NAT64) are judged by the address they carry, because that is where
    the connection would end up.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_UNICAST_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads, after the normalisation that browsers apply (WHATWG URL)."""

    url: str
    """The URL, normalised, without fragment."""
    scheme: str
    host: str
    """Lower case; an IPv6 address without brackets. "0x7f.1" has become "127.0.0.1"."""
    port: int
    address: Address | None
    """The address where the host is one, None where it is a name."""
    loopback: bool
    """True where the host leads to this machine and nowhere else; see is_loopback_name."""


@lru_cache(maxsize=4096)  # a request's URL is looked at half a dozen times on its way
def parse_target(url: str) -> Target:
    """Normalise a URL and take it apart. Raises UrlRefused, saying why, where it is no plain http(s) URL."""
    shown = url if len(url) <= 200 else url[:200] + "…"
    try:
        parsed = can_ada.parse(url)
    except ValueError as error:
        raise UrlRefused(f"{shown!r} is not a URL: write it as https://host/path") from error
    scheme = parsed.protocol.removesuffix(":")
    if scheme not in DEFAULT_PORTS:
        raise UrlRefused(f"{shown!r} has the scheme {scheme!r}: only http and https are fetched")
    if parsed.username or parsed.password:
        raise UrlRefused(f"the URL for host {parsed.hostname!r} carries a user name or password: remove it")
    host = parsed.hostname.removeprefix("[").removesuffix("]").rstrip(".")
    if not host:
        raise UrlRefused(f"{shown!r} names no host: write it as https://host/path")
    parsed.hash = ""
    port = int(parsed.port) if parsed.port else DEFAULT_PORTS[scheme]
    return Target(str(parsed.href), scheme, host, port, _literal(host), is_loopback_name(host))


class OutboundGuard:
    """Decides about targets and addresses. ``allow_hosts`` are the "host:port" that are permitted though not public.

    An entry "127.0.0.1:8090" or "localhost:8090" permits that port under every name that RFC 6761 reserves for
    loopback ("localhost", "anything.localhost"). Any other entry permits that one host, whatever it resolves to.
    ``allow_networks`` are the networks, "10.20.0.0/16", whose addresses are permitted at every port. ``setting`` is the
    environment variable of ``allow_hosts``, for the message to whoever is refused.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        allow_networks: Iterable[str] = (),
        setting: str = "DATELINE_FETCH_ALLOW_HOSTS",
    ) -> None:
        self._allowed = frozenset(_allow_entry(entry) for entry in allow_hosts)
        self._networks = tuple(_allow_network(entry) for entry in allow_networks)
        self._setting = setting
        self._resolved_by_permission: set[tuple[Address, int]] = set()

    def check(self, url: str) -> Target:
        """Return where ``url`` leads. Raises UrlRefused or AddressBlocked; a name's addresses are checked later."""
        target = parse_target(url)
        if target.address is not None:
            self.check_address(target.host, target.port, target.address)
        elif target.loopback:
            self.check_address(target.host, target.port, _LOOPBACK)
        return target

    def check_address(self, host: str, port: int, address: Address) -> None:
        """Raise AddressBlocked where ``host`` (name or address, as in the URL) must not lead to ``address``."""
        if self._is_open(address):
            return
        if self._permits(host, port):
            self._resolved_by_permission.add((address, port))
            return
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise AddressBlocked(
            f"{place} leads to {address}, which is not a public address; "
            f"if it is meant, add {place} to the allowed hosts ({self._setting})"
        )

    def check_socket(self, address: Address, port: int) -> None:
        """The last look, when a socket is opened: public, or permitted for some host before. Raises AddressBlocked."""
        if not self._is_open(address) and (address, port) not in self._resolved_by_permission:
            raise AddressBlocked(f"{address} port {port} is not a public address and was not permitted for its host")

    def _is_open(self, address: Address) -> bool:
        return is_public(address) or any(
            address.version == network.version and address in network for network in self._networks
        )

    def _permits(self, host: str, port: int) -> bool:
        name = "localhost" if is_loopback_name(host) else host.lower().rstrip(".")
        return (name, port) in self._allowed


def _allow_entry(entry: str) -> tuple[str, int]:
    host, separator, port = entry.strip().rpartition(":")
    host = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"allowed host {entry!r} is not host:port: write it as 127.0.0.1:8090")
    address = _literal(host)
    loopback = is_loopback_name(host) or (address is not None and address.is_loopback)
    return ("localhost" if loopback else host, int(port))


def _allow_network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(entry.strip())
    except ValueError as error:
        raise ValueError(f"allowed network {entry!r} is none: write it as 10.20.0.0/16 ({error})") from error


def is_loopback_name(host: str) -> bool:
    """True for "localhost", the names under it (RFC 6761, section 6.3) and loopback addresses."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _literal(name)
    return address is not None and address.is_loopback


def _literal(host: str) -> Address | None:
    if ":" not in host and not host[-1:].isdigit():
        return None  # a name: every IPv4 address ends in a digit, and every IPv6 address has a colon
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
