"""The inline runtime: stages in one process, one message after the other, nothing stored. `dateline replay` runs on it.

Every message is followed to its end before the next one enters, so the order of inputs is the order of everything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime

from services.contracts.cloudevents import Attributes, to_headers
from services.runtime.dead_letters import dead_letter
from services.runtime.stage import Emit, Failure, Message, Stage


class InlineFlow:
    """A chain of stages, wired by their topics."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._readers: dict[str, list[Stage]] = {}
        for stage in stages:
            for topic in stage.inputs:
                self._readers.setdefault(topic.name, []).append(stage)

    def send(self, emit: Emit, now: datetime) -> Iterator[Emit]:
        """Send one message and yield everything that the stages emit because of it, dead letters too, in order."""
        waiting = deque([emit])
        while waiting:
            current = waiting.popleft()
            message = Message(current.topic, current.key, current.value, current.id, current.time)
            for stage in self._readers.get(current.topic.name, ()):
                for sent in self._answer(stage, message, now):
                    waiting.append(sent)
                    yield sent

    @staticmethod
    def _answer(stage: Stage, message: Message, now: datetime) -> Sequence[Emit]:
        (outcome,) = stage.handle_many([message], now)
        if not isinstance(outcome, Failure):
            return outcome.emits
        attributes = Attributes(message.id, message.topic.ce_type, "/dateline/replay", message.time)
        return [
            dead_letter(
                stage=stage.name,
                topic=message.topic.name,
                key=message.key,
                message_id=message.id,
                value=message.value.SerializeToString(deterministic=True),
                headers=to_headers(attributes),
                error=outcome.error,
                now=now,
            )
        ]
