"""How far each reader had got when: from this follows who is behind, and how long a takeover took. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kafka import TopicPartition


@dataclass(frozen=True, slots=True)
class Owned:
    """A partition with the reader that works on it."""

    reader: str
    partition: TopicPartition


@dataclass(frozen=True, slots=True)
class Step:
    """What there was in a partition, and how far its reader had got."""

    at: float
    """Seconds, by a clock that never goes back."""
    end: int
    """Offset of the last committed message, plus one."""
    reached: int
    """The offset that the reader's group has committed."""


class Timeline:
    """The steps of every reader in every partition, in order."""

    def __init__(self) -> None:
        self._steps: dict[Owned, list[Step]] = {}
        self.changed_at = 0.0
        """When anything was different the last time."""

    def note(self, owned: Owned, step: Step) -> None:
        """Take in what was seen; only what changes is kept."""
        steps = self._steps.setdefault(owned, [])
        if not steps or (steps[-1].end, steps[-1].reached) != (step.end, step.reached):
            steps.append(step)
            self.changed_at = step.at

    def behind(self) -> dict[Owned, int]:
        """Return how many offsets each reader is behind in the partitions where it is."""
        last = {owned: steps[-1] for owned, steps in self._steps.items()}
        return {owned: step.end - step.reached for owned, step in last.items() if step.end > step.reached}

    def taken_over_s(self, owned: Iterable[Owned], left_at: float) -> tuple[float, bool]:
        """Return how long messages waited for a new owner where they waited longest, and whether all have one.

        A wait counts from when the old owner left, or from when a message came after that, until its group got further.
        """
        waits = [_wait(self._steps.get(each, ()), left_at) for each in owned]
        return max((seconds for seconds in waits if seconds is not None), default=0.0), None not in waits


def _wait(steps: Sequence[Step], left_at: float) -> float | None:
    """Return how long messages of a partition waited after ``left_at``; 0 where none did, None while they wait."""
    before = [step for step in steps if step.at <= left_at]
    reached = before[-1].reached if before else 0
    since = left_at if before and before[-1].end > reached else None
    for step in steps[len(before) :]:
        if since is None and step.end > reached:
            since = step.at
        if step.reached > reached:
            return step.at - since if since is not None else 0.0
    return None if since is not None else 0.0
