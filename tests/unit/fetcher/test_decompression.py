"""Bodies are unpacked in bounded pieces; bombs end at the cap."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections import deque

import brotli
import pytest
import zstandard

from services.fetcher.decompression import BodyReader, BodyRefused

TEXT = b"".join(b"<item>story %d</item>" % n for n in range(5_000))
RAW_DEFLATE = zlib.compressobj(wbits=-15)
PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:]),
    "deflate": zlib.compress(TEXT),
    "DEFLATE": RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush(),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("step", [7, 1_000, 1_000_000])
def test_a_body_is_unpacked_however_it_is_cut(encoding: str, step: int) -> None:
    reader = BodyReader(encoding, 1_000_000)
    packed = PACKED[encoding]
    for start in range(0, len(packed), step):
        reader.feed(packed[start : start + step])
    assert reader.finish() == (TEXT, True)
    assert reader.wire_bytes == len(packed)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_bomb_is_refused_before_it_has_filled_the_memory(encoding: str) -> None:
    zeros = bytes(300_000_000)
    pack = {
        "gzip": lambda data: gzip.compress(data, 1),
        "deflate": lambda data: zlib.compress(data, 9),
        "br": lambda data: brotli.compress(data, quality=1),
    }
    bomb = pack[encoding](zeros)
    del zeros
    tracemalloc.start()
    reader = BodyReader(encoding, 10_000_000)
    pieces = (bomb[start : start + 65_536] for start in range(0, len(bomb), 65_536))
    with pytest.raises(BodyRefused, match=r"taken for an attack|larger than"):
        deque(map(reader.feed, pieces), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64_000_000


def test_a_body_over_the_cap_is_refused() -> None:
    reader = BodyReader("", 100)
    with pytest.raises(BodyRefused, match="larger than 100 bytes"):
        reader.feed(bytes(101))


@pytest.mark.parametrize("encoding", ["gzip, gzip", "zstd, gzip", "compress", "br,gzip"])
def test_a_packing_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(BodyRefused):
        BodyReader(encoding, 100)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_body_that_is_not_what_it_says_is_refused(encoding: str) -> None:
    with pytest.raises(BodyRefused, match="not what its Content-Encoding says"):
        BodyReader(encoding, 1_000).feed(b"<rss>plain</rss>" * 10)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_that_breaks_off_is_told_from_a_whole_one(encoding: str) -> None:
    reader = BodyReader(encoding, 1_000_000)
    reader.feed(PACKED[encoding][:-20])
    body, whole = reader.finish()
    assert not whole
    assert TEXT.startswith(body)


def test_zstd_is_unpacked_over_several_frames() -> None:
    packed = zstandard.compress(b"<rss>") + zstandard.compress(b"</rss>")
    reader = BodyReader("zstd", 1000)
    for byte in packed:
        reader.feed(bytes([byte]))
    assert reader.finish() == (b"<rss></rss>", True)


def test_a_zstd_bomb_ends_at_the_cap_without_being_unpacked() -> None:
    bomb = zstandard.compress(bytes(200_000_000))
    assert len(bomb) < 20_000
    tracemalloc.start()
    with pytest.raises(BodyRefused, match="taken for an attack"):
        BodyReader("zstd", 1_000_000_000).feed(bomb)
    assert tracemalloc.get_traced_memory()[1] < 32_000_000
    tracemalloc.stop()


def test_zstd_that_breaks_off_is_not_whole() -> None:
    reader = BodyReader("zstd", 1000)
    reader.feed(zstandard.compress(b"x" * 500)[:-3])
    assert reader.finish()[1] is False


def test_a_body_is_cut_where_the_caller_has_enough() -> None:
    reader = BodyReader("", 1_000_000, cut_at=10)
    reader.feed(b"x" * 7)
    assert not reader.enough
    reader.feed(b"x" * 70)
    assert reader.enough
    assert reader.finish() == (b"x" * 10, True)
