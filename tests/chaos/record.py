"""One message as it was read from Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from services.contracts.topics import BY_NAME
from services.runtime.entry import Entry
from services.runtime.stage import Message


@dataclass(frozen=True, slots=True)
class Record:
    """A message with its place."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """CloudEvents id, or the place where there is none: the name that a dead letter gives it."""
        return self._entry().name()

    def message(self) -> Message | None:
        """Decode; None where the bytes are no message of the topic."""
        try:
            return self._entry().message()
        except (ValueError, DecodeError):
            return None

    def _entry(self) -> Entry:
        key = (self.key or b"").decode("utf-8", "replace")
        place = f"{self.partition}:{self.offset}"
        return Entry(BY_NAME[self.topic], place, key, self.value or b"", self.headers)


Log = Mapping[str, Sequence[Record]]
"""What each topic holds, each partition in order."""


def messages(records: Iterable[Record]) -> Iterator[Message]:
    """Yield the readable ones, decoded."""
    for record in records:
        message = record.message()
        if message is not None:
            yield message


def newest(records: Iterable[Record]) -> dict[bytes, Record]:
    """Return the last record of each key, as compaction would leave them; removed keys are absent."""
    found: dict[bytes, Record] = {}
    for record in records:
        found[record.key or b""] = record
    return {key: record for key, record in found.items() if record.value is not None}


def by_partition(records: Iterable[Record]) -> dict[int, list[Record]]:
    """Return the records of each partition, in order."""
    found: dict[int, list[Record]] = {}
    for record in records:
        found.setdefault(record.partition, []).append(record)
    return {number: sorted(each, key=lambda record: record.offset) for number, each in sorted(found.items())}
