"""A worker written as the documentation of Faust has it, for the test beside it. Arguments: servers, folder, mode."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import faust

SERVERS, FOLDER, MODE = sys.argv[1:]

app = faust.App(
    f"alone-{MODE}",
    broker=f"kafka://{SERVERS}",
    store="rocksdb://",
    datadir=Path(FOLDER),
    web_enabled=False,
    topic_partitions=1,
)
numbers = app.topic(f"alone-{MODE}", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
table = app.Table("seen", partitions=1, key_type=bytes, value_type=bytes)


@app.agent(numbers)
async def remember(stream: faust.StreamT[bytes]) -> None:
    """Put every message into the table; fail on one, or die where the mode says so."""
    async for value in stream:
        if value == b"poison":
            raise ValueError("cannot be processed")
        table[value] = value
        print("table", len(table), flush=True)
        if MODE == "dies" and value == b"last":
            os._exit(9)  # before the producer has sent the changelog record


async def main() -> None:
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
