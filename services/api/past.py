"""What an event was at a past moment, of the states that are kept of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from services.api.problem import Problem, unknown_event
from services.contracts.instants import to_rfc3339
from services.contracts.redis_model import microseconds
from services.contracts.state_codec import State


def standing(states: Iterable[State], moment_us: int) -> State | None:
    """Return the state that stood at a moment, of an event's states, the latest first.

    None where the event was not there yet, or what it was then is not kept.
    """
    after = None
    for state in states:
        if state.changed_us <= moment_us:
            return state if after is None or after.revision == state.revision + 1 else None
        after = state
    return None


def require_lists(moment_us: int, forgotten_us: int) -> None:
    """Raise Problem where events that stood at a moment have left the store, the last of which changed last then.

    Both in microseconds since 1970.
    """
    if moment_us < forgotten_us:
        raise Problem(
            "state-not-kept",
            f"What events stood at {_instant(moment_us)} is not kept: those that have not changed for long have left "
            f"the store. Lists are kept from {_instant(forgotten_us)} on; one event can be asked for by its id.",
        )


def as_it_stood(states: Sequence[State], event_id: str, as_of: str) -> State:
    """Return the state of an event at a moment, of its states, the latest first.

    Raises Problem where the event was not there yet, or what it was then is not kept.
    """
    if not states:
        raise unknown_event(event_id)
    moment_us = microseconds(datetime.fromisoformat(as_of))
    stood = standing(states, moment_us)
    if stood is not None:
        return stood
    later = [state for state in states if state.changed_us > moment_us]
    after, oldest = later[-1], states[-1]
    if oldest.revision == 1 and oldest.changed_us > moment_us:
        first = _instant(oldest.changed_us)
        raise Problem("unknown-event", f"The event {event_id} was not known at {as_of}: it was first told at {first}.")
    raise Problem(
        "state-not-kept",
        f"What the event {event_id} was at {as_of} is not kept. Kept are its state of {_instant(after.changed_us)} and "
        f"{'later ones' if after is not states[0] else 'no later one'}.",
    )


def until(states: Sequence[State], event_id: str, as_of: str) -> list[State]:
    """Return the states of an event that it had reached by a moment. Raises Problem as ``as_it_stood`` does."""
    stood = as_it_stood(states, event_id, as_of)
    return [state for state in states if state.revision <= stood.revision]


def _instant(moment_us: int) -> str:
    return to_rfc3339(datetime.fromtimestamp(moment_us / 1_000_000, UTC))
