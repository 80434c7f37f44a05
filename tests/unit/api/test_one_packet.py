"""What leaves through a transport that keeps heads: the same bytes in the same order, in fewer packets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

from services.api.one_packet import HeadsHeld

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """A transport that notes its packets."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.packets.append(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.packets.append(b"".join(pieces))

    def close(self) -> None:
        self.closed = True


def held() -> tuple[Wire, HeadsHeld]:
    wire = Wire()
    return wire, HeadsHeld(cast(asyncio.Transport, wire))


def test_a_head_leaves_with_the_first_bytes_of_its_body_and_the_rest_as_it_comes() -> None:
    wire, transport = held()
    for data in (HEAD, b"ab", b"cd"):
        transport.write(data)
    assert wire.packets == [HEAD + b"ab", b"cd"]


def test_a_head_without_a_body_leaves_when_the_answer_is_complete() -> None:
    wire, transport = held()
    transport.write(HEAD)
    transport.flush()
    transport.flush()
    assert wire.packets == [HEAD]


def test_who_waits_to_be_told_to_go_on_is_told_at_once() -> None:
    wire, transport = held()
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert wire.packets == [b"HTTP/1.1 100 Continue\r\n\r\n"]


def test_closing_loses_no_head() -> None:
    wire, transport = held()
    transport.write(HEAD)
    transport.close()
    assert (wire.packets, wire.closed) == ([HEAD], True)
