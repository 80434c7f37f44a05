"""The embedded log: topics as Redis Streams, stage state as hashes, and one script that commits a step whole.

Works on Valkey and Redis. Nothing here decides anything about articles or events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ALL, BY_NAME, DEAD_LETTERS, Topic
from services.runtime.dead_letters import Resent
from services.runtime.entry import Answer, Entry, headers_of
from services.runtime.stage import Emit, Unavailable, Write

PREFIX: Final = "dl:"
DATA_FORMAT: Final = 1
"""Version of everything below PREFIX. Raise it when an older Dateline could not read what this one writes."""

AWAY: Final = (redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError)
"""What redis-py raises while the server is gone, restarting or loading."""


FULL_OR_REPLICA: Final = (redis.OutOfMemoryError, redis.ReadOnlyError)
"""Answers of a server that cannot write now and that redis-py has classes for (it takes the code off their text)."""

CANNOT_NOW: Final = ("MISCONF", "NOREPLICAS", "NOGROUP", "UNBLOCKED", "no such key")
"""How the answers begin of a server that cannot write its file, misses its replicas, or was emptied."""


class LeaseLostError(Exception):
    """Another worker owns the stage now; what this one has in memory is out of date."""


class NewerDataError(Exception):
    """The data was written by a newer Dateline."""


def connect(url: str) -> redis.Redis:
    """Return a client for unix:///path or redis://host:port/db. It does not connect yet.

    Retries are left to the callers: they must know when the server was away, because they may have to rebuild.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=30,
        socket_connect_timeout=5,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        protocol=2,
    )


class StreamLog:
    """The log of one Dateline on one server. Safe to use from one thread at a time."""

    def __init__(self, client: redis.Redis, source: str = "", prefix: str = PREFIX) -> None:
        self.client = client
        self._source = f"/dateline/{source}"
        self._service = source
        self._prefix = prefix
        self._commit = client.register_script(files("services.runtime").joinpath("commit.lua").read_text())

    # names

    def stream(self, topic: Topic) -> str:
        """Key of a topic's stream."""
        return f"{self._prefix}log:{topic.name}"

    def state(self, stage: str) -> str:
        """Key of the hash with a stage's table."""
        return f"{self._prefix}state:{stage}"

    def lease(self, stage: str) -> str:
        """Key that names the owner of a stateful stage."""
        return f"{self._prefix}lease:{stage}"

    # preparing

    def prepare(self) -> None:
        """Make every stream and consumer group that is missing, and check the data's format.

        Raises NewerDataError where a newer Dateline has written here, Unavailable while the server is away.
        """
        with unavailable_when_away():
            found: Any = self.client.set(f"{self._prefix}format", DATA_FORMAT, nx=True, get=True)
            if found is not None and int(found) > DATA_FORMAT:
                raise NewerDataError(
                    f"The data has format {int(found)}, written by a newer Dateline; this one knows {DATA_FORMAT}. "
                    "Update Dateline, or point DATELINE_DATA at another folder."
                )
            for topic in ALL:
                for reader in topic.readers:
                    try:
                        self.client.xgroup_create(self.stream(topic), reader, id="0", mkstream=True)
                    except redis.ResponseError as error:
                        if not str(error).startswith("BUSYGROUP"):
                            raise

    def load_state(self, stage: str, tick: Callable[[], None] = lambda: None) -> Iterator[Write]:
        """Yield every stored entry of a stage's table, calling ``tick`` now and then."""
        with unavailable_when_away():
            for count, (key, value) in enumerate(self.client.hscan_iter(self.state(stage), count=1000)):
                if count % 10_000 == 0:
                    tick()
                yield Write(key.decode(), value)

    # ownership

    def acquire(self, stage: str, owner: str, lease_s: float) -> bool:
        """Try to own a stateful stage. ``owner`` is "name:incarnation".

        A process that comes back under its name takes the lease at once: whoever starts workers runs one process a
        name, and what its predecessor may still send carries the old incarnation and is refused.
        """
        with unavailable_when_away():
            key = self.lease(stage)
            held: Any = self.client.get(key)
            if held is None:
                return bool(self.client.set(key, owner, nx=True, px=int(lease_s * 1000)))
            if held.decode().rpartition(":")[0] == owner.rpartition(":")[0]:
                self.client.set(key, owner, px=int(lease_s * 1000))
                return True
            return False

    def renew(self, stage: str, owner: str, lease_s: float) -> None:
        """Keep a lease. Raises LeaseLostError where another has it."""
        with unavailable_when_away():
            self.commit(stage, [], owner=owner, lease_s=lease_s)

    def give_up(self, stage: str, owner: str) -> None:
        """Let go of a lease, so that a stand-by takes over without waiting."""
        with unavailable_when_away():
            if self.client.get(self.lease(stage)) == owner.encode():
                self.client.delete(self.lease(stage))

    # time

    def delay(self, stage: str) -> timedelta | None:
        """Return the least delay of a stage's messages that was noted, None where none was."""
        with unavailable_when_away():
            held: Any = self.client.get(f"{self._prefix}delay:{stage}")
        return None if held is None else timedelta(seconds=float(held))

    def note_delay(self, stage: str, delay: timedelta) -> None:
        """Note the least delay of a stage's messages."""
        with unavailable_when_away():
            self.client.set(f"{self._prefix}delay:{stage}", delay.total_seconds())

    def oldest(self, topic: Topic) -> datetime | None:
        """Return when the oldest message that is kept was sent; None where there is none.

        A topic with readers keeps what one of them has not answered, and for a second what all have.
        """
        with unavailable_when_away():
            rows: Any = self.client.xrange(self.stream(topic), count=1)
        return datetime.fromtimestamp(_position(rows[0][0])[0] / 1000, UTC) if rows else None

    # reading

    def read_new(self, topics: Sequence[Topic], stage: str, consumer: str, count: int, block_ms: int) -> list[Entry]:
        """Return up to ``count`` entries a topic that nobody in the stage's group has been given yet."""
        streams: dict[Any, Any] = {self.stream(topic): ">" for topic in topics}
        with unavailable_when_away():
            return self._entries(topics, self.client.xreadgroup(stage, consumer, streams, count=count, block=block_ms))

    def read_unanswered(
        self, topics: Sequence[Topic], stage: str, consumer: str, count: int
    ) -> list[tuple[Entry, int]]:
        """Return entries given to ``consumer`` and not answered, oldest first, with how often they were delivered."""
        found: list[tuple[Entry, int]] = []
        with unavailable_when_away():
            for topic in topics:
                stream = self.stream(topic)
                entries = self._entries([topic], self.client.xreadgroup(stage, consumer, {stream: "0"}, count=count))
                if not entries:
                    continue
                pending: Any = self.client.xpending_range(
                    stream, stage, entries[0].position, entries[-1].position, count + 1_000, consumer
                )
                times = {item["message_id"].decode(): int(item["times_delivered"]) for item in pending}
                found += [(entry, times.get(entry.position, 1)) for entry in entries]
        return found

    def take_over(self, topics: Sequence[Topic], stage: str, consumer: str, idle_ms: int, count: int) -> int:
        """Make entries that other workers have not answered for ``idle_ms`` this consumer's; return how many."""
        taken = 0
        with unavailable_when_away():
            for topic in topics:
                answer = self.client.xautoclaim(
                    self.stream(topic), stage, consumer, idle_ms, start_id="0-0", count=count, justid=True
                )
                taken += len(answer)
        return taken

    def _entries(self, topics: Sequence[Topic], answer: Any) -> list[Entry]:
        by_stream = {self.stream(topic).encode(): topic for topic in topics}
        return [
            self.entry(by_stream[stream], position, fields)
            for stream, rows in answer or []
            for position, fields in rows
            if fields
        ]

    def entry(self, topic: Topic, position: bytes, fields: Mapping[bytes, bytes]) -> Entry:
        """Return a raw stream entry of ``topic`` as an Entry."""
        headers = {name.decode(): value for name, value in fields.items() if name not in (b"key", b"value")}
        return Entry(
            topic,
            position.decode(),
            fields.get(b"key", b"").decode("utf-8", "replace"),
            fields.get(b"value", b""),
            headers,
        )

    # writing

    def commit(
        self,
        stage: str,
        answers: Sequence[Answer],
        *,
        owner: str = "",
        lease_s: float = 0.0,
        token: str = "",
    ) -> int:
        """Store the answers in one transaction; return how many counted (were not answered by another before).

        Raises LeaseLostError, and Unavailable where it is not known whether they were stored.
        """
        keys = [self.lease(stage), self.state(stage), f"{self._prefix}token:{stage}"]
        numbers: dict[str, int] = {}

        def number(stream: str) -> int:
            if stream not in numbers:
                keys.append(stream)
                numbers[stream] = len(keys) - 3
            return numbers[stream]

        args: list[str | bytes | int] = [owner, int(lease_s * 1000), token, stage, len(answers)]
        for answer in answers:
            if answer.entry is None:
                args += [0, ""]
            else:
                args += [number(self.stream(answer.entry.topic)), answer.entry.position]
            args.append(len(answer.emits))
            for emit in answer.emits:
                fields = self._fields(emit, answer.traceparent)
                args += [number(self.stream(emit.topic)), emit.topic.keep, len(fields), *fields]
            args.append(len(answer.writes))
            for write in answer.writes:
                args += [write.key, 0 if write.value is None else 1, write.value or b""]
        with unavailable_when_away():
            try:
                return int(self._commit(keys=keys, args=args))
            except redis.ResponseError as error:
                if "LEASELOST" in str(error):
                    raise LeaseLostError(str(error)) from error
                raise

    def _fields(self, emit: Emit, parent: str) -> list[str | bytes]:
        fields: list[str | bytes] = []
        for name, value in headers_of(emit, self._source, parent).items():
            fields += [name, value]
        return [*fields, "key", emit.key, "value", emit.value.SerializeToString(deterministic=True)]

    # dead letters

    def dead_letters(self) -> list[tuple[str, DeadLetter]]:
        """Return all dead letters with their positions, oldest first. Raises Unavailable."""
        with unavailable_when_away():
            rows: Any = self.client.xrange(self.stream(DEAD_LETTERS))
        return [(position.decode(), DeadLetter.FromString(fields[b"value"])) for position, fields in rows]

    def resend(self, position: str, letter: DeadLetter) -> Resent:
        """Send a dead letter's message to its topic as it was, and remove the letter, unless that was gone."""
        fields: dict[Any, Any] = {**letter.headers, "key": letter.key, "value": letter.value}
        stream = self.stream(DEAD_LETTERS)
        with unavailable_when_away():
            while True:
                with self.client.pipeline() as pipe:
                    try:
                        pipe.watch(stream)  # type: ignore[no-untyped-call]
                        if not pipe.xrange(stream, position, position):
                            return Resent.GONE
                        pipe.multi()
                        pipe.xadd(self.stream(BY_NAME[letter.topic]), fields)
                        pipe.xdel(stream, position)
                        pipe.execute()
                        return Resent.SENT
                    except redis.WatchError:  # a new dead letter came in between: look again
                        continue

    # bounding

    def trim(self, topic: Topic) -> int:
        """Remove what every consumer group has answered; return how many messages are left.

        Nothing is removed before every declared reader has its group.
        """
        stream = self.stream(topic)
        with unavailable_when_away():
            groups = {group["name"].decode(): group for group in self.client.xinfo_groups(stream)}
            if not groups.keys() >= set(topic.readers):
                return int(self.client.xlen(stream))
            bounds: list[tuple[int, int]] = []
            for name, group in groups.items():
                pending: Any = self.client.xpending(stream, name) if group["pending"] else None
                if pending and pending["pending"]:
                    bounds.append(_position(pending["min"]))
                else:
                    milliseconds, sequence = _position(group["last-delivered-id"])
                    bounds.append((milliseconds, sequence + 1))
            if bounds:
                self.client.xtrim(stream, minid="{}-{}".format(*min(bounds)), approximate=False)
            return int(self.client.xlen(stream))

    def backlog(self, topic: Topic) -> int:
        """Return how many messages of a topic wait for its readers, give or take those answered since the last trim."""
        with unavailable_when_away():
            return int(self.client.xlen(self.stream(topic))) if topic.readers else 0

    def sent(self, topic: Topic) -> int:
        """Return how many messages were ever sent to a topic."""
        with unavailable_when_away():
            try:
                return int(self.client.xinfo_stream(self.stream(topic))["entries-added"])
            except redis.ResponseError:  # no such stream yet
                return 0


def _position(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.decode().partition("-")
    return int(milliseconds), int(sequence)


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Turn what redis-py raises while the server is away, full or emptied into Unavailable."""
    try:
        yield
    except AWAY as error:
        raise Unavailable(f"the log does not answer: {error}") from error
    except redis.ResponseError as error:
        if isinstance(error, FULL_OR_REPLICA) or str(error).startswith(CANNOT_NOW):
            raise Unavailable(f"the log cannot take this now: {error}") from error
        raise
