"""Unpack a response body piece by piece, and stop as soon as it grows beyond what a document can be. Pure.

A megabyte of gzip can hold a gigabyte. So nothing is unpacked whole: each step yields a bounded piece, and both the
size and the ratio to what came over the wire are watched (hostile inputs 15 and 16).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final, Protocol

import brotli
import zstandard

MAX_RATIO: Final = 200
"""Text shrinks 3 to 20 times, the most repetitive feeds 60 times; deflate ends at 1032."""
_RATIO_FROM: Final = 100_000
"""Bytes of output below which the ratio is not looked at: a short run of spaces may shrink a lot."""
_STEP: Final = 65_536
ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"
_ZSTD_WINDOW: Final = 8 * 1024 * 1024
"""RFC 9659: the largest window that a body sent over HTTP may need."""
_ZSTD_BITE: Final = 128
"""Packed bytes that are unpacked at once: four of them may stand for 128 KiB (RFC 8878, section 3.1.1.2)."""


class BodyRefused(Exception):
    """A body that is too large, unpacks to too much, or is not what its Content-Encoding says."""


class _Unpacker(Protocol):
    def pieces(self, data: bytes) -> Iterator[bytes]: ...

    @property
    def finished(self) -> bool: ...


class BodyReader:
    """Collects a body. ``feed`` takes what comes over the wire, ``finish`` returns the whole."""

    def __init__(self, content_encoding: str, max_bytes: int, cut_at: int | None = None) -> None:
        self._unpacker = _unpacker(content_encoding)
        self._max_bytes = max_bytes
        self._cut_at = cut_at
        self._wire_bytes = 0
        self._body = bytearray()

    @property
    def wire_bytes(self) -> int:
        """Bytes received so far, still packed."""
        return self._wire_bytes

    @property
    def enough(self) -> bool:
        """True once the body is as long as the caller wants to know it."""
        return self._cut_at is not None and len(self._body) >= self._cut_at

    def feed(self, data: bytes) -> None:
        """Take a piece from the wire. Raises BodyRefused."""
        self._wire_bytes += len(data)
        if self._unpacker is None:
            self._take(data)
            return
        try:
            for piece in self._unpacker.pieces(data):
                self._take(piece)
                if self.enough:
                    break
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BodyRefused(f"the body is not what its Content-Encoding says ({error})") from error

    def finish(self) -> tuple[bytes, bool]:
        """Return the body, and whether it was whole: False where the packed stream breaks off."""
        if self.enough:
            return bytes(self._body[: self._cut_at]), True
        return bytes(self._body), self._unpacker is None or self._unpacker.finished or not self._wire_bytes

    def _take(self, piece: bytes) -> None:
        self._body += piece
        size = len(self._body)
        if size > self._max_bytes:
            raise BodyRefused(f"the body is larger than {self._max_bytes:,} bytes; raise DATELINE_FETCH_MAX_BODY_BYTES")
        if self._unpacker is not None and size > _RATIO_FROM and size > MAX_RATIO * self._wire_bytes:
            raise BodyRefused(f"the body unpacks to more than {MAX_RATIO} times its size: taken for an attack")


class _Zlib:
    """gzip and deflate; deflate in both its forms, with and without the zlib wrapper."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflater = zlib.decompressobj(wbits)
        self._started = False
        self.finished = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if not self._started and data:
            self._started = True
            # RFC 9110, section 8.4.1.2: some servers send deflate without the wrapper it should have.
            if self._wbits == zlib.MAX_WBITS and not (
                data[0] & 0x0F == 8 and len(data) > 1 and data[:2] != b"\x08\x08"
            ):
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            if self._inflater.eof:
                if self._wbits != zlib.MAX_WBITS | 16 or not data.startswith(b"\x1f\x8b"):
                    return  # what follows the end is padding
                self._inflater = zlib.decompressobj(self._wbits)
            yield self._inflater.decompress(data, _STEP)
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
        self.finished = self._inflater.eof


class _Brotli:
    def __init__(self) -> None:
        self._decoder: Any = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._decoder.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield self._decoder.process(data, output_buffer_limit=_STEP)
        # It may hold output back even when it says that it can take more.
        while piece := self._decoder.process(b"", output_buffer_limit=_STEP):
            yield piece


class _Zstd:
    def __init__(self) -> None:
        self._decoder = self._fresh()
        self.finished = False

    @staticmethod
    def _fresh() -> Any:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_BITE):
            bite = data[start : start + _ZSTD_BITE]
            while bite:
                if self._decoder.eof:
                    self._decoder = self._fresh()  # a body may be several frames
                yield self._decoder.decompress(bite)
                bite = self._decoder.unused_data
        self.finished = self._decoder.eof


def _unpacker(content_encoding: str) -> _Unpacker | None:
    names = [
        name.strip().lower() for name in content_encoding.split(",") if name.strip().lower() not in ("", "identity")
    ]
    if not names:
        return None
    if len(names) > 1:
        raise BodyRefused(f"the body is packed {len(names)} times over ({content_encoding[:60]}): taken for an attack")
    match names[0]:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
    raise BodyRefused(f"the body is packed as {names[0][:40]!r}, which was not asked for ({ACCEPT_ENCODING})")
