"""What the services of `dateline up` stand on: a log, and the Redis that holds the states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from services.runtime.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Progress:
    """What has come in and what was made of it."""

    articles: int
    copies: int
    events: int
    updates: int
    waiting: int
    dead_letters: int
    since_start: bool = False
    """True where articles, copies and updates are those of this run, and not of all runs on this log."""

    def __str__(self) -> str:
        span = " since the start" if self.since_start else ""
        text = (
            f"{self.articles} articles ({self.copies} copies){span} -> {self.events} events, {self.updates} updates, "
            f"{self.waiting} waiting"
        )
        return text + (f", {self.dead_letters} DEAD LETTERS (dateline dead-letters list)" if self.dead_letters else "")


class Ground(ABC):
    """One way of laying the log: the embedded one, or Kafka's."""

    redis_url: str
    """Where cache and api have the states."""

    again: str
    """The command that goes on from here after a stop."""

    @abstractmethod
    def start(self, supervisor: Supervisor) -> None:
        """Start what is needed before any service, and make the topics. Raises what cannot be helped, with advice."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Return what a service must be told to find it; known once it has started."""

    @abstractmethod
    def note(self) -> Mapping[str, str]:
        """Return what other commands on the same data folder must know to find it."""

    @abstractmethod
    def progress(self) -> Progress | None:
        """Return how far things are; None while that cannot be known."""
