"""The embedded runtime's ground: one Valkey is the log, the table of every stage and the states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.cli.embedded_states import states_are_missing
from services.cli.ground import Ground, Progress
from services.cli.terminal import say
from services.contracts.redis_model import CHANGED, Keys
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, DEAD_LETTERS, EVENTS, MENTIONS
from services.runtime.stage import Unavailable
from services.runtime.stream_log import StreamLog, connect, unavailable_when_away
from services.runtime.supervisor import Child, Supervisor
from services.runtime.valkey import answers, redis_url, server_command


class EmbeddedGround(Ground):
    """Everything on the Valkey of a data folder."""

    again = "make up"

    def __init__(self, data: Path) -> None:
        self._data = data
        self.redis_url = redis_url(data)
        self.log = StreamLog(connect(self.redis_url), source="up")

    def start(self, supervisor: Supervisor) -> None:
        """Start Valkey and make the streams. Raises StartError, ValkeyMissingError, NewerDataError, Unavailable."""
        supervisor.start(Child("valkey", server_command(self._data), ready=lambda: answers(self.redis_url)))
        self.log.prepare()
        if states_are_missing(self.log, Keys()):
            say("What the board shows was written by an older Dateline, or is gone: it is written anew now.")

    def environment(self) -> Mapping[str, str]:
        """Return the address of the log, and that it is no Kafka, whatever the surroundings say."""
        return {"DATELINE_REDIS_URL": self.redis_url, "DATELINE_KAFKA": ""}

    def note(self) -> Mapping[str, str]:
        """Return nothing: the log's address follows from the data folder."""
        return {}

    def progress(self) -> Progress | None:
        """Return how far things are; None while the log is away."""
        try:
            with unavailable_when_away():
                return Progress(
                    articles=self.log.sent(ARTICLES_RAW),
                    copies=self.log.sent(ARTICLES_DUPLICATES),
                    events=int(self.log.client.zcard(Keys().order(CHANGED))),
                    updates=self.log.sent(EVENTS),
                    waiting=sum(self.log.backlog(topic) for topic in (ARTICLES_RAW, MENTIONS, EVENTS)),
                    dead_letters=self.log.sent(DEAD_LETTERS),
                )
        except Unavailable:
            return None
