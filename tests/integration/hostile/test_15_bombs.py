"""Hostile inputs 15: what unpacks to a thousand times its size ends at the cap, in little memory."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import zlib

import brotli
import pytest
import zstandard

MEGABYTE = 1_000_000
CHILD = """
import resource, sys
from services.fetcher.decompression import BodyReader, BodyRefused

body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    reader = BodyReader(sys.argv[1], 10_000_000)
    for start in range(0, len(body), 65_536):
        reader.feed(body[start:start + 65_536])
except BodyRefused as error:
    print(int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before), error)
else:
    sys.exit("it was not refused")
"""


def packed(encoding: str, size: int) -> bytes:
    """``size`` zero bytes, packed piece by piece so that the test itself stays small."""
    zeros = bytes(MEGABYTE)
    if encoding == "br":
        compressor = brotli.Compressor(quality=5)
        return b"".join([*(compressor.process(zeros) for _ in range(size // MEGABYTE)), compressor.finish()])
    if encoding == "zstd":
        squeezing = zstandard.ZstdCompressor().compressobj()
        return b"".join([*(squeezing.compress(zeros) for _ in range(size // MEGABYTE)), squeezing.flush()])
    deflating = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    return b"".join([*(deflating.compress(zeros) for _ in range(size // MEGABYTE)), deflating.flush()])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_of_a_thousand_times_its_size_ends_at_the_cap_within_64_megabytes(encoding: str) -> None:
    bomb = packed(encoding, 200 * MEGABYTE)
    assert len(bomb) < 0.21 * MEGABYTE
    child = subprocess.run(
        [sys.executable, "-c", CHILD, encoding],
        input=bomb,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (600 * MEGABYTE, 600 * MEGABYTE)),
    )
    assert child.returncode == 0, child.stderr.decode()
    grown_kb, _, reason = child.stdout.decode().partition(" ")
    assert int(grown_kb) < 64_000
    assert "larger than" in reason or "attack" in reason


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,br", "zstd, zstd"])
def test_a_bomb_in_a_bomb_is_not_opened(encoding: str) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, encoding], input=gzip.compress(packed("gzip", MEGABYTE)), capture_output=True
    )
    assert b"packed 2 times over" in child.stdout
