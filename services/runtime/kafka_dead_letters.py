"""Dead letters on Kafka: listed, and replayed once.

A record cannot be taken out of a topic. So a replay publishes, in one transaction, the letter's message to its topic
and a *note* into the topic of dead letters: a record keyed by the letter's id, without a value. The list leaves out a
letter that a note of its id follows; a message that fails again gets a new letter, after the note, and is listed again.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import BY_NAME, DEAD_LETTERS
from services.runtime.kafka_client import unavailable_when_away
from services.runtime.kafka_log import records
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


def resend(bootstrap: str, position: str, letter: DeadLetter) -> bool:
    """Send one dead letter's message to its topic as it was; False where it was replayed before. Raises Unavailable."""
    with Replay(bootstrap) as replay:
        return replay.resend(position, letter)


class Replay:
    """Replays dead letters. One at a time on a Kafka: a second one that begins ends the first, which raises then."""

    def __init__(self, bootstrap: str) -> None:
        """Raises Unavailable."""
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

    def resend(self, position: str, letter: DeadLetter) -> bool:
        """Send a letter's message to its topic as it was, and note that; False where the letter is gone.

        Raises Unavailable where it is not known whether it was sent (list the letters to see), or where somebody else
        has begun to replay; KeyError where this Dateline has no such topic.
        """
        if position not in self._waiting:
            return False
        topic = BY_NAME[letter.topic]
        headers = tuple((name, text.encode()) for name, text in letter.headers.items())
        message = Record(topic.name, letter.key.encode(), letter.value, headers, partition_of(topic, letter.key))
        try:
            self._producer.publish([message, Record(DEAD_LETTERS.name, letter.id.encode(), None)])
        except FencedError as error:
            raise Unavailable(
                "somebody else replays dead letters at this moment: try again when they are done"
            ) from error
        self._waiting = {place: other for place, other in self._waiting.items() if other.id != letter.id}
        return True
