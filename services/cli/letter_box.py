"""Where the dead letters are: on the embedded log or on Kafka, whichever this machine's Dateline uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from services.cli.environment import command_settings
from services.cli.kafka_address import kafka_of_this_folder, require_packages
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.runtime.dead_letters import Resent
from services.runtime.stream_log import StreamLog, connect
from services.runtime.valkey import redis_url


class LetterBox(ABC):
    """The dead letters of one log. Its methods raise Unavailable while the log is away."""

    advice: str
    """What to do where the log is away."""

    @abstractmethod
    def letters(self) -> list[tuple[str, DeadLetter]]:
        """Return all with their positions, oldest first."""

    @abstractmethod
    def replay(self, letters: Sequence[tuple[str, DeadLetter]]) -> Iterator[Resent]:
        """Send the messages of letters to their topics once more and remove the letters, one step each.

        Yields for each what became of it.
        """


class EmbeddedBox(LetterBox):
    """On the embedded log."""

    advice = "Start Dateline with `dateline up`, or set DATELINE_REDIS_URL or DATELINE_KAFKA."

    def __init__(self, url: str) -> None:
        self._log = StreamLog(connect(url), source="dead-letters")

    def letters(self) -> list[tuple[str, DeadLetter]]:
        """Return all with their positions, oldest first."""
        return self._log.dead_letters()

    def replay(self, letters: Sequence[tuple[str, DeadLetter]]) -> Iterator[Resent]:
        """Replay letters as the base says."""
        for position, letter in letters:
            yield self._log.resend(position, letter)


class KafkaBox(LetterBox):
    """On Kafka."""

    advice = "Start Kafka, or correct DATELINE_KAFKA."

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def letters(self) -> list[tuple[str, DeadLetter]]:
        """Return all with their positions, oldest first."""
        from services.runtime.kafka_dead_letters import dead_letters

        return dead_letters(self._bootstrap)

    def replay(self, letters: Sequence[tuple[str, DeadLetter]]) -> Iterator[Resent]:
        """Replay letters as the base says."""
        from services.runtime.kafka_dead_letters import Replay

        with Replay(self._bootstrap) as replay:
            for position, letter in letters:
                yield replay.resend(position, letter)


def open_box() -> LetterBox:
    """Return the box that the settings name: DATELINE_KAFKA's, DATELINE_REDIS_URL's, or the data folder's.

    Raises ClickException for wrong settings.
    """
    settings = command_settings()
    kafka = settings.kafka or ("" if settings.redis_url else kafka_of_this_folder(settings.data))
    if not kafka:
        return EmbeddedBox(settings.redis_url or redis_url(settings.data))
    require_packages()
    return KafkaBox(kafka)
