"""The keys that the cache writes and the api reads: one place, so that neither can drift from the other.

All keys start with a prefix (several installations may share one Redis) and the layout number. On a Redis Cluster the
prefix must hold a hash tag, such as ``{dateline}:``, because one script touches all keys of an event.

| key | kind | what it holds |
|---|---|---|
| ``<p>event:<id>`` | hash | latest state of one event; fields below |
| ``<p>by:<term>`` | sorted set | members of all events that carry the term, all with score 0, so ordered by member |
| ``<p>changes`` | stream | every change in the order of writing, capped; field ``change`` holds its JSON |
| ``<p>history:<id>`` | list | JSON of the last changes of one event, oldest first, capped |
| ``<prefix>api-keys`` | hash | the API's keys by id: JSON with the hash of the secret (``api_keys.py``) |
| ``<prefix>rate:<key id>`` | string | requests with one key in the current minute; expires by itself |
| ``<p>written`` | hash | on Kafka: for each partition of ``events``, the offset up to which everything is written |

Event hash: ``revision``; ``json``, the whole event as its API representation; ``summary``, the same without evidence
and other long parts; ``member`` and ``terms`` (one a line), what the indexes hold for it now, so that the next revision
can take it out of them.

A member is the event's last change in microseconds since 1970 as 14 hex digits, ":" and the event id. Sorted by bytes,
members are in order of last change; reading an index backwards gives newest first, and a member is a position in it
that stays exact whatever is written meanwhile.

Merged and retracted events stay, so that their ids remain resolvable: under ``state:merged`` or ``state:retracted``
instead of ``state:live``, with all their other terms. Readers filter by ``state:live`` unless they ask for the others.

Hashes and indexes follow from the latest message of each event alone. Stream and histories are logs of what happened:
a rebuild from compacted messages starts them afresh.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LAYOUT: Final = "1"
"""Number of this layout. Another layout gets another number, so that it can be built beside the old one."""

DEFAULT_PREFIX: Final = "dateline:"

CHANGES_KEPT: Final = 100_000
"""Entries of the changes stream: about 150 MB, or a day and more of a world flow of one change a second."""

HISTORY_KEPT: Final = 200
"""Changes kept of each event."""

FIELD_REVISION: Final = "revision"
FIELD_JSON: Final = "json"
FIELD_SUMMARY: Final = "summary"
FIELD_MEMBER: Final = "member"
FIELD_TERMS: Final = "terms"
FIELD_CHANGE: Final = "change"
"""The one field of an entry of the changes stream."""

STATES: Final = ("live", "merged", "retracted")

ALL_EVENTS: Final = "all"
"""The term that every event carries, whatever its state."""

_MEMBER_DIGITS: Final = 14


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of all keys under one prefix."""

    prefix: str = DEFAULT_PREFIX

    @property
    def base(self) -> str:
        """What every key starts with."""
        return f"{self.prefix}{LAYOUT}:"

    def event(self, event_id: str) -> str:
        """The hash of one event."""
        return f"{self.base}event:{event_id}"

    @property
    def indexes(self) -> str:
        """What the key of every index starts with; the rest is its term."""
        return f"{self.base}by:"

    def index(self, term: str) -> str:
        """The sorted set of the events that carry a term."""
        return self.indexes + term

    def history(self, event_id: str) -> str:
        """The list of one event's changes."""
        return f"{self.base}history:{event_id}"

    @property
    def written(self) -> str:
        """The hash of the places up to which each partition of the log is written."""
        return f"{self.base}written"

    @property
    def api_keys(self) -> str:
        """The hash of all API keys by id (``api_keys``). No layout number: they outlive what is built from events."""
        return f"{self.prefix}api-keys"

    def rate(self, key_id: str) -> str:
        """The counter of one API key's requests in the current minute."""
        return f"{self.prefix}rate:{key_id}"

    @property
    def changes(self) -> str:
        """The stream of all changes."""
        return f"{self.base}changes"


def microseconds(instant: datetime) -> int:
    """Return an aware datetime as microseconds since 1970."""
    return round(instant.timestamp() * 1_000_000)


def position(instant_us: int) -> str:
    """Return where in an index the events stand that last changed at ``instant_us`` (microseconds since 1970)."""
    return f"{max(instant_us, 0):0{_MEMBER_DIGITS}x}"


def member(last_changed_us: int, event_id: str) -> str:
    """Return what the indexes hold for an event."""
    return f"{position(last_changed_us)}:{event_id}"


def event_id_of(member_of_index: str) -> str:
    """Return the event id in a member."""
    return member_of_index[_MEMBER_DIGITS + 1 :]


def normalised(text: str) -> str:
    """Return text as index terms hold it: no accents, case-folded, single spaces ("São  Paulo" → "sao paulo")."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())


def words(text: str) -> tuple[str, ...]:
    """Return the distinct words of a text as index terms hold them, in order of appearance."""
    separated = "".join(char if char.isalnum() else " " for char in normalised(text))
    return tuple(dict.fromkeys(separated.split()))


def type_term(event_type: str) -> str:
    return f"type:{event_type}"


def topic_term(topic: str) -> str:
    return f"topic:{topic}"


def status_term(status: str) -> str:
    return f"status:{status}"


def country_term(alpha3: str) -> str:
    """An event carries the country of its place and of each participant."""
    return f"country:{alpha3.upper()}"


def source_term(domain: str) -> str:
    return f"source:{domain.lower()}"


def sample_term(sample: bool) -> str:
    return "sample:true" if sample else "sample:false"


def state_term(state: str) -> str:
    """``state`` is one of STATES."""
    return f"state:{state}"


def participant_term(id_or_name: str) -> str:
    """An event carries each participant's entity id, whole name, and the single words of the name."""
    return f"participant:{normalised(id_or_name)}"


def word_term(word: str) -> str:
    """``word`` comes from ``words``."""
    return f"word:{word}"
