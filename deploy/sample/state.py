"""Remember when the newsroom started, so that a restart goes on with the same schedule."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

STATE_FILE = "newsroom.json"


class StateError(Exception):
    """The state file cannot be read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class NewsroomState:
    """``held_releases`` counts the articles released by hand, which matters with ``--hold`` only."""

    started_at: datetime
    speed: float = 1.0
    held_releases: int = 0


def format_moment(moment: datetime) -> str:
    """An RFC 3339 time in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    """Parse an RFC 3339 time to the second; ValueError if it is none or has no time zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write for example 2030-01-31T08:00:00Z")
    return moment.astimezone(UTC).replace(microsecond=0)


def load_state(directory: Path) -> NewsroomState | None:
    """The state kept in ``directory``, None if there is none yet. Raises StateError if it is damaged."""
    path = directory / STATE_FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        state = NewsroomState(parse_moment(fields["started_at"]), float(fields["speed"]), int(fields["held_releases"]))
        if not 0 < state.speed < float("inf") or state.held_releases < 0:
            raise ValueError("speed or held_releases out of range")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise StateError(f"{path} is damaged ({error}); delete it to start the schedule afresh") from error
    return state


def save_state(directory: Path, state: NewsroomState) -> None:
    """Write the state so that a crash leaves the old file or the new one, never half of it. Raises StateError."""
    path = directory / STATE_FILE
    partial = path.with_suffix(".json.partial")
    fields = {
        "started_at": format_moment(state.started_at),
        "speed": state.speed,
        "held_releases": state.held_releases,
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps(fields, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StateError(f"cannot write {path}: {error.strerror}") from error
