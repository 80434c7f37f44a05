"""What an event was at a past moment, of the states that are kept of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.api.answering import unknown_event
from services.api.problem import Problem
from services.contracts.redis_model import microseconds
from services.contracts.state_codec import State


def as_it_stood(states: Sequence[State], event_id: str, as_of: str) -> State:
    """Return the state of an event at a moment, of its states, the latest first.

    Raises Problem where the event was not there yet, or what it was then is not kept.
    """
    if not states:
        raise unknown_event(event_id)
    moment_us = microseconds(datetime.fromisoformat(as_of))
    after = None
    for state in states:
        if state.changed_us <= moment_us:
            if after is None or after.revision == state.revision + 1:
                return state
            break
        after = state
    oldest = states[-1]
    assert after is not None
    if oldest.revision == 1 and oldest.changed_us > moment_us:
        raise Problem(
            "unknown-event", f"The event {event_id} was not known at {as_of}: it was first told at {_told(oldest)}."
        )
    raise Problem(
        "state-not-kept",
        f"What the event {event_id} was at {as_of} is not kept. Kept are its state of {_told(after)} and "
        f"{'later ones' if after is not states[0] else 'no later one'}.",
    )


def until(states: Sequence[State], event_id: str, as_of: str) -> list[State]:
    """Return the states of an event that it had reached by a moment. Raises Problem as ``as_it_stood`` does."""
    stood = as_it_stood(states, event_id, as_of)
    return [state for state in states if state.revision <= stood.revision]


def _told(state: State) -> str:
    return datetime.fromtimestamp(state.changed_us / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
