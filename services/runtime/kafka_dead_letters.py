"""Dead letters on Kafka: listed, and replayed once.

A record cannot be taken out of a topic. So a replay publishes, in one transaction, the letter's message to its topic
and a *note* into the topic of dead letters: a record keyed by the letter's id, without a value. The list leaves out a
letter that a note of its id follows; a message that fails again gets a new letter, after the note, and is listed again.

A compacted topic keeps the newest message of a key. An older one, sent again, would be the newest and in the end the
only one: such a letter is noted as done with and its message is not sent.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import BY_NAME, DEAD_LETTERS, Topic
from services.runtime.dead_letters import Resent
from services.runtime.kafka_client import unavailable_when_away
from services.runtime.kafka_log import entry_of, records
from services.runtime.kafka_producer import FencedError, Record, TransactionalProducer, partition_of
from services.runtime.stage import Unavailable

TRANSACTIONAL_ID: Final = "dateline-dead-letters"


def dead_letters(bootstrap: str) -> list[tuple[str, DeadLetter]]:
    """Return the dead letters that nobody has replayed, with their positions "partition:offset", oldest first.

    Raises Unavailable.
    """
    waiting: dict[str, DeadLetter] = {}
    with unavailable_when_away(bootstrap):
        for record in records(bootstrap, DEAD_LETTERS.name):
            if record.value is not None:
                waiting[f"{record.partition}:{record.offset}"] = DeadLetter.FromString(record.value)
            elif record.key:
                replayed = record.key.decode("utf-8", "replace")
                waiting = {position: letter for position, letter in waiting.items() if letter.id != replayed}
    return list(waiting.items())


def resend(bootstrap: str, position: str, letter: DeadLetter) -> Resent:
    """Send one dead letter's message to its topic as it was, if it is still waiting. Raises Unavailable."""
    with Replay(bootstrap) as replay:
        return replay.resend(position, letter)


class Replay:
    """Replays dead letters. One at a time on a Kafka: a second one that begins ends the first, which raises then."""

    def __init__(self, bootstrap: str) -> None:
        """Raises Unavailable."""
        self._bootstrap = bootstrap
        self._known: dict[str, dict[str, str]] = {}
        self._producer = TransactionalProducer(bootstrap, TRANSACTIONAL_ID)
        try:
            # Read only now that nobody else can replay any more: what is waiting here is waiting until we send it.
            self._waiting = dict(dead_letters(bootstrap))
        except BaseException:
            self._producer.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._producer.close()

    def resend(self, position: str, letter: DeadLetter) -> Resent:
        """Send a letter's message to its topic as it was, and note that. Nothing is sent where the letter is gone or,
        in a compacted topic, a newer message of its key is there.

        Raises Unavailable where it is not known whether it was sent (list the letters to see), or where somebody else
        has begun to replay; KeyError where this Dateline has no such topic.
        """
        if position not in self._waiting:
            return Resent.GONE
        topic = BY_NAME[letter.topic]
        superseded = topic.compacted and self._newest(topic).get(letter.key, letter.message_id) != letter.message_id
        headers = tuple((name, text.encode()) for name, text in letter.headers.items())
        message = Record(topic.name, letter.key.encode(), letter.value, headers, partition_of(topic, letter.key))
        note = Record(DEAD_LETTERS.name, letter.id.encode(), None)
        try:
            self._producer.publish([note] if superseded else [message, note])
        except FencedError as error:
            raise Unavailable(
                "somebody else replays dead letters at this moment: try again when they are done"
            ) from error
        self._waiting = {place: other for place, other in self._waiting.items() if other.id != letter.id}
        return Resent.SUPERSEDED if superseded else Resent.SENT

    def _newest(self, topic: Topic) -> dict[str, str]:
        """Return what the newest message of each key is known by, as letters name it. Raises Unavailable."""
        if topic.name not in self._known:
            with unavailable_when_away(self._bootstrap):
                found = (entry_of(topic, record) for record in records(self._bootstrap, topic.name))
                self._known[topic.name] = {entry.key: entry.name() for entry in found}
        return self._known[topic.name]
