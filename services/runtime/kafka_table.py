"""A stage's table on this machine: a Faust table whose RocksDB holds only what Kafka has committed.

Faust's own store writes to RocksDB before the changelog record is acknowledged, so after a crash it can hold entries
that were never committed (tests/integration/test_faust_losses.py shows it). Here RocksDB is a checkpoint of a prefix of
the changelog, and entries enter it together with the offset they reach, after their transaction. Deleting the folder
costs time, never data.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from faust.stores.rocksdb import Store
from faust.tables.table import Table
from rocksdict import WriteBatch

from services.runtime.stage import Write

PLACE: Final = b"__dateline\0place__"
"""Key of the changelog record that says, in each transaction, up to where in the input the table's state belongs."""
WRITTEN_AT: Final = b"__dateline\0at__"
TOO_OLD_S: Final = 24 * 3600.0
"""A checkpoint older than this is built anew: the changelog may have forgotten by then that an entry was deleted
(``delete.retention.ms`` of changelogs is a week, so a day leaves room)."""

OPTIONS: Final = {
    "driver": "rocksdict",
    "max_open_files": 64,
    "write_buffer_size": 8 << 20,
    "block_cache_size": 8 << 20,
}
"""A worker may hold dozens of partitions, and what is stored is read once, in order: small buffers will do."""

Record = tuple[bytes, bytes | None]
"""Key and value of a changelog record; None where the entry was removed."""


class CommittedStore(Store):  # type: ignore[misc]
    """Partitions of a table as RocksDB databases, each with the changelog offset it has reached."""

    def position(self, partition: int, now: float | None = None) -> int | None:
        """Return the changelog offset of the newest record that is in, or None where the partition starts empty."""
        offset = self._db_for_partition(partition).get(self.offset_key)
        written_at = self._db_for_partition(partition).get(WRITTEN_AT)
        if offset is None or written_at is None:
            return None
        if (time.time() if now is None else now) - float(written_at) > TOO_OLD_S:
            return None
        return int(offset)

    def write(self, partition: int, records: Sequence[Record], position: int) -> None:
        """Take in committed records and the offset they reach, in one step."""
        batch = WriteBatch(raw_mode=True)
        for key, value in records:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.offset_key, str(position).encode())
        batch.put(WRITTEN_AT, str(time.time()).encode())
        self._db_for_partition(partition).write(batch)

    def entries(self, partition: int) -> Iterator[Write]:
        """Yield every entry of a partition."""
        for key, value in self._db_for_partition(partition).items():
            if key not in (self.offset_key, WRITTEN_AT, PLACE):
                yield Write(key.decode(), value)

    def place(self, partition: int) -> int:
        """Return the place in the input that the entries belong to; 0 where nothing was ever answered."""
        return int(self._db_for_partition(partition).get(PLACE) or 0)

    def release(self, partition: int) -> None:
        """Close a partition's database, so that nothing holds its files."""
        database = self._dbs.pop(partition, None)
        if database is not None:
            database.close()

    def forget(self, partition: int) -> None:
        """Remove a partition's database: the next look at it begins with an empty one."""
        self.release(partition)
        shutil.rmtree(self.partition_path(partition), ignore_errors=True)

    async def stop(self) -> None:
        for partition in list(self._dbs):
            self.release(partition)


class StageTable(Table):  # type: ignore[misc]
    """The Faust table of a stage: it gives the assignor changelog partitions, active and stand-by, to hand out.

    Nothing is written through its dictionary interface: a lane's transaction writes the changelog.
    """

    def _new_store_by_url(self, url: Any) -> CommittedStore:
        return CommittedStore(
            url,
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            key_serializer="raw",
            value_type=bytes,
            value_serializer="raw",
            options=dict(OPTIONS),
        )

    async def on_rebalance(self, *_: Any, **__: Any) -> None:
        """Lanes open their partitions themselves, once they own them."""

    async def on_recovery_completed(self, *_: Any) -> None:
        """Lanes read the changelog themselves."""

    def on_key_set(self, key: Any, value: Any) -> None:
        raise TypeError("a stage's table is written by its transactions only")

    def on_key_del(self, key: Any) -> None:
        raise TypeError("a stage's table is written by its transactions only")
