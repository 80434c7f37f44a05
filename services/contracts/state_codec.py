"""How the state of an event stands in Redis: small, and read without being parsed.

A state is the event's JSON in three parts: the members that both forms have, those of the summary alone, those of the
whole alone; either form is two of the parts joined. The text is one Zstandard frame (RFC 8878) with a dictionary that
was trained on events (``event_states.zdict``), because what events share is most of each of them.

An earlier state is a frame whose dictionary is the text of the state after it: what both have in common costs nothing.
Reading goes back from the latest, one step a state.

Not for several threads at a time: a frame is packed and unpacked in contexts that are used again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import zstandard

MOST_BYTES: Final = 16 << 20
"""A text longer than this is none of ours."""

LEVEL: Final = 9
"""An eighth smaller than level 3, for 0.1 ms more a state."""
DELTA_LEVEL: Final = 3

_PART: Final = b"\0"
"""Divides the parts: no JSON holds it."""

_SLOT: Final = 4
"""The script that writes a state puts its slot before it, in so many bytes."""

_HEAD: Final = struct.Struct(">IQ")
"""Revision; last change in microseconds since 1970."""


class CodecError(ValueError):
    """Bytes are no state, or one of another version."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of one event."""

    revision: int
    changed_us: int
    """Microseconds since 1970."""
    text: bytes
    """The three parts."""

    def whole(self) -> bytes:
        """Return the event's JSON."""
        common, _, long = self.text.split(_PART)
        return b"{" + common + b"," + long + b"}"

    def summary(self) -> bytes:
        """Return the JSON of the event's summary."""
        common, short, _ = self.text.split(_PART)
        return b"{" + common + b"," + short + b"}"


def text_of(common: bytes, short: bytes, long: bytes) -> bytes:
    """Return the text of a state from three JSON objects, none of them empty."""
    return _PART.join(part[1:-1] for part in (common, short, long))


class Codec:
    """Packs and unpacks states."""

    def __init__(self) -> None:
        raw = files("services.contracts").joinpath("event_states.zdict").read_bytes()
        dictionary = zstandard.ZstdCompressionDict(raw)
        dictionary.precompute_compress(level=LEVEL)
        self._pack = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary, write_checksum=False)
        self._unpack = zstandard.ZstdDecompressor(dict_data=dictionary)

    def pack(self, state: State) -> bytes:
        """Return a state as the script that writes it takes it."""
        return _HEAD.pack(state.revision, state.changed_us) + self.zip(state.text)

    def unpack(self, value: bytes) -> State:
        """Return the state in a value as it stands in Redis. Raises CodecError."""
        try:
            revision, changed_us = _HEAD.unpack_from(value, _SLOT)
        except struct.error as error:
            raise CodecError(f"{len(value)} bytes are no state of an event") from error
        return State(revision, changed_us, self.unzip(value[_SLOT + _HEAD.size :]))

    def pack_earlier(self, state: State, after: State) -> bytes:
        """Return an earlier state, packed by the state after it."""
        dictionary = zstandard.ZstdCompressionDict(after.text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        packer = zstandard.ZstdCompressor(level=DELTA_LEVEL, dict_data=dictionary, write_checksum=False)
        return _HEAD.pack(state.revision, state.changed_us) + packer.compress(state.text)

    def back(self, latest: State, earlier: Sequence[bytes]) -> Iterator[State]:
        """Yield a state and those before it, the latest first. ``earlier`` is the history, oldest first.

        Raises CodecError.
        """
        yield latest
        after = latest
        for packed in reversed(earlier):
            dictionary = zstandard.ZstdCompressionDict(after.text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            try:
                revision, changed_us = _HEAD.unpack_from(packed)
                unpacker = zstandard.ZstdDecompressor(dict_data=dictionary)
                text = unpacker.decompress(packed[_HEAD.size :], max_output_size=MOST_BYTES)
            except (struct.error, zstandard.ZstdError) as error:
                raise CodecError(
                    f"an earlier state before revision {after.revision} cannot be read: {error}"
                ) from error
            after = State(revision, changed_us, text)
            yield after

    def zip(self, text: bytes) -> bytes:
        """Return a frame."""
        return self._pack.compress(text)

    def unzip(self, frame: bytes) -> bytes:
        """Return what a frame holds. Raises CodecError."""
        try:
            return self._unpack.decompress(frame, max_output_size=MOST_BYTES)
        except zstandard.ZstdError as error:
            raise CodecError(f"{len(frame)} bytes are no frame of this version: {error}") from error


def earlier_revision(packed: bytes) -> tuple[int, int]:
    """Return revision and time (microseconds since 1970) of an entry of a history."""
    revision, changed_us = _HEAD.unpack_from(packed)
    return revision, changed_us
