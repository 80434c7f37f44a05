"""Waiting for a Kafka that is not there yet, and refusing one whose topics are not Dateline's."""

from __future__ import annotations

import threading
from typing import Final

import structlog

from services.runtime import kafka_broker, kafka_topics
from services.runtime.health import Pulse
from services.runtime.stage import Unavailable
from services.runtime.supervisor import StartError

LOOK_S: Final = 1.0
SAY_AGAIN_S: Final = 30.0
MISSING: Final = "missing"
"""What the check of topics finds in place of one that is not there."""

log = structlog.get_logger()


class TopicsNotReadyError(Exception):
    """Topics are missing or not as Dateline needs them; the text says what to do."""


def wait_for_kafka(bootstrap: str, pulse: Pulse, stop: threading.Event) -> bool:
    """Wait until Kafka answers and has Dateline's topics; False where ``stop`` was set first.

    A process that ended while its broker is away would be started again and again: it waits, and says so.
    Raises TopicsNotReadyError, because no waiting makes topics.
    """
    silent_s = SAY_AGAIN_S
    while not stop.is_set():
        pulse.turn()
        try:
            if kafka_broker.answers(bootstrap):
                _require_topics(bootstrap)
                return True
            why = f"Kafka at {bootstrap} does not answer"
        except Unavailable as error:
            why = str(error)
        pulse.not_ready(f"{why}: waiting for it")
        if silent_s >= SAY_AGAIN_S:
            log.warning("waiting for Kafka", reason=why, then=f"asked again every {LOOK_S:g} s")
            silent_s = 0.0
        silent_s += LOOK_S
        stop.wait(LOOK_S)
    return False


def _require_topics(bootstrap: str) -> None:
    """Raise TopicsNotReadyError where topics are missing; log what else is not as it should be."""
    problems = kafka_topics.check(bootstrap)
    missing = [problem.topic for problem in problems if problem.found == MISSING]
    if missing:
        named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise TopicsNotReadyError(
            f"Kafka at {bootstrap} has no topic {named}: run `dateline topics create --kafka {bootstrap}` "
            "(`dateline up` does so by itself)"
        )
    for problem in problems:
        log.warning("a topic is not as it should be", what=problem_text(problem))


def problem_text(problem: kafka_topics.Problem) -> str:
    """Return one problem as a line that says what to do."""
    return f"{problem.topic}: {problem.found} instead of {problem.wanted}: {problem.advice}"


def make_topics(bootstrap: str) -> None:
    """Make the topics that are missing. Raises StartError where that is not possible, Unavailable."""
    try:
        kafka_topics.create(bootstrap)
    except kafka_topics.TopicsError as error:
        raise StartError(str(error)) from error
