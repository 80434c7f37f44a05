"""The keys that the cache writes and the api reads: one place, so that neither can drift from the other.

docs/redis.md explains the model. All keys start with a prefix (several installations may share one Redis). Its hash
tag keeps the keys of one installation in one slot of a Redis Cluster, because one script touches the keys of an event,
its indexes and the stream. What follows from ``events`` stands under the number of the layout, so that another layout,
or the same one written anew, can be built beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

LAYOUT: Final = "2"
"""Number of this layout. Another layout gets another number, so that it can be built beside the old one."""

DEFAULT_PREFIX: Final = "{dateline}:"

CHANGES_KEPT: Final = 100_000
"""Entries of the changes stream: some 60 MB, or a day and more of a world flow of one change a second."""

HISTORY_KEPT: Final = 200
"""Earlier states kept of each event."""

REUSED_AFTER_S: Final = 60
"""A slot is given to another event so long after its last one went: no read under way may mistake the two."""

TOUCHED_KEPT: Final = 10_000
"""Writes that readers who keep the orders in memory can catch up on; one that is further behind reads them anew."""

SET_MOST: Final = 512
"""Slots that an index holds as a set; with more it becomes a bitmap. Redis keeps so many integers packed, two or four
bytes each (set-max-intset-entries)."""

FIELD_CHANGE: Final = "change"
"""The one field of an entry of the changes stream: a frame of ``state_codec``."""

STATES: Final = ("live", "merged", "retracted")
ACTIVITIES: Final = ("live", "quiet", "archived")

ALL_EVENTS: Final = "all"
"""The term that every event carries, whatever its state."""

CHANGED: Final = "last_changed"
FIRST_SEEN: Final = "first_seen"
TIME: Final = "time"
SOURCES: Final = "sources"
LATITUDE: Final = "lat"
LONGITUDE: Final = "lon"
ORDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        CHANGED: "when it changed last, in microseconds since 1970",
        FIRST_SEEN: "when it was first seen, in microseconds since 1970",
        TIME: "when it takes or took place (its start), in microseconds since 1970; unknown: left out",
        SOURCES: "number of independent sources; among equals the one that changed last is greater",
        LATITUDE: "latitude of its place in degrees",
        LONGITUDE: "longitude of its place in degrees",
    }
)
"""The orders in which events stand, with what their scores are."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of all keys under one prefix."""

    prefix: str = DEFAULT_PREFIX
    generation: str = ""
    """Which of several sets of keys of one layout: ``dateline cache rebuild`` builds another one beside the first."""

    @property
    def base(self) -> str:
        """What every key that follows from ``events`` starts with."""
        return f"{self.prefix}{LAYOUT}{self.generation}:"

    def event(self, event_id: str) -> str:
        """The state of one event: slot and a value of ``state_codec``."""
        return f"{self.base}e:{event_id}"

    def history(self, event_id: str) -> str:
        """The list of one event's earlier states, oldest first."""
        return f"{self.base}h:{event_id}"

    def index(self, term: str) -> str:
        """The slots of the events that carry a term: a set, or a bitmap."""
        return f"{self.base}t:{term}"

    def former(self, term: str) -> str:
        """The slots of events that carried a term in an earlier state and no longer do: a set, or a bitmap."""
        return f"{self.base}w:{term}"

    def order(self, name: str) -> str:
        """A sorted set of all slots by one of ``ORDERS``."""
        return f"{self.base}o:{name}"

    @property
    def earlier(self) -> str:
        """A sorted set of all earlier states, members ``<slot>:<revision>``, by when they were reached."""
        return f"{self.base}o:was"

    @property
    def holes(self) -> str:
        """A sorted set of the slots of events of whose earlier states some are not kept, by since when all are."""
        return f"{self.base}holes"

    @property
    def forgotten(self) -> str:
        """The latest last change of an event that was taken out because it had not changed for long, as its score."""
        return f"{self.base}forgotten"

    @property
    def touched(self) -> str:
        """A stream of the slots whose states or places in an order were written, capped."""
        return f"{self.base}touched"

    def articles(self, article_id: str) -> str:
        """The hash that holds, among others, one article: by its id (16 bytes) the slots (4 bytes each) it tells of."""
        return f"{self.base}a:{article_id[:3]}"

    @property
    def filling(self) -> str:
        """There while states are written anew from what the linker holds: what is interrupted begins again."""
        return f"{self.base}filling"

    @property
    def ids(self) -> str:
        """A string of 16 bytes a slot: the id of the event there."""
        return f"{self.base}ids"

    @property
    def next_slot(self) -> str:
        """The number of slots ever given."""
        return f"{self.base}next"

    @property
    def free_slots(self) -> str:
        """A sorted set of the slots that are free again, by when they became so (seconds since 1970)."""
        return f"{self.base}free"

    @property
    def feeds(self) -> str:
        """The hash of how each feed does."""
        return f"{self.base}feeds"

    @property
    def written(self) -> str:
        """The hash of the places up to which each partition of the log is written."""
        return f"{self.base}written"

    @property
    def changes(self) -> str:
        """The stream of all changes. It outlives what is built from events: subscribers hold positions in it."""
        return f"{self.prefix}changes"

    @property
    def api_keys(self) -> str:
        """The hash of all API keys by id (``api_keys``)."""
        return f"{self.prefix}api-keys"

    def rate(self, key_id: str) -> str:
        """The counter of one API key's requests in the current minute."""
        return f"{self.prefix}rate:{key_id}"


def microseconds(instant: datetime) -> int:
    """Return an aware datetime as microseconds since 1970."""
    return round(instant.timestamp() * 1_000_000)


def normalised(text: str) -> str:
    """Return text as index terms hold it: no accents, case-folded, single spaces ("São  Paulo" → "sao paulo")."""
    if text.isascii():  # most are, and have nothing to take apart
        return " ".join(text.casefold().split())
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


def activity_term(activity: str) -> str:
    """``activity`` is one of ACTIVITIES."""
    return f"activity:{activity or 'live'}"


def entity_term(id_or_name: str) -> str:
    """An event carries each participant's entity id, whole name, and the single words of the name."""
    return f"entity:{normalised(id_or_name)}"


def place_term(name_or_id: str) -> str:
    """An event carries the name of its place, the single words of the name, and its GeoNames id."""
    return f"place:{normalised(name_or_id)}"


def story_term(story_id: str) -> str:
    return f"story:{story_id}"


def word_term(word: str) -> str:
    """``word`` comes from ``words``."""
    return f"word:{word}"


@dataclass(frozen=True, slots=True)
class SubscriptionKeys:
    """Where webhooks and alert rules are kept: beside the states, because nothing can rebuild them. Back them up.

    | key | kind | what it holds |
    |---|---|---|
    | ``<s>webhooks`` | sorted set | ids by the millisecond in which they were made |
    | ``<s>webhook:<id>`` | hash | settings, secrets, whether it is enabled, how far it has read the streams |
    | ``<s>webhook:<id>:due`` | sorted set | messages that wait, by the millisecond of their next attempt |
    | ``<s>webhook:<id>:messages`` | hash | body of each message that waits |
    | ``<s>webhook:<id>:attempts`` | hash | failed attempts of each message that waits |
    | ``<s>webhook:<id>:log`` | stream | the last attempts with their outcome, capped |
    | ``<s>generation`` | counter | grows with every change of a webhook or a rule |
    | ``<s>deliverer`` | string | lease of the one process that delivers |
    | ``<s>alerts:rules`` | hash | each alert rule as JSON by its id |
    | ``<s>alerts:position`` | string | up to where the rules have seen the stream of changes |
    | ``<s>alerts:met:<rule>`` | sorted set | events that meet a rule now, by the millisecond of their last change |
    | ``<s>alerts:fired`` | stream | fired alerts, capped; field ``alert`` holds the JSON |
    | ``<s>alerts:fired:<rule>`` | list | the last fired alerts of one rule, newest first, capped |
    """

    prefix: str = DEFAULT_PREFIX

    @property
    def base(self) -> str:
        """What every key starts with."""
        return f"{self.prefix}subscriptions:1:"

    @property
    def webhooks(self) -> str:
        return f"{self.base}webhooks"

    def webhook(self, webhook_id: str) -> str:
        """The hash of one webhook; its other keys start with it."""
        return f"{self.base}webhook:{webhook_id}"

    def due(self, webhook_id: str) -> str:
        return f"{self.webhook(webhook_id)}:due"

    def messages(self, webhook_id: str) -> str:
        return f"{self.webhook(webhook_id)}:messages"

    def attempts(self, webhook_id: str) -> str:
        return f"{self.webhook(webhook_id)}:attempts"

    def log(self, webhook_id: str) -> str:
        return f"{self.webhook(webhook_id)}:log"

    @property
    def generation(self) -> str:
        return f"{self.base}generation"

    @property
    def deliverer(self) -> str:
        return f"{self.base}deliverer"

    @property
    def rules(self) -> str:
        return f"{self.base}alerts:rules"

    @property
    def rules_position(self) -> str:
        return f"{self.base}alerts:position"

    def met(self, rule_id: str) -> str:
        return f"{self.base}alerts:met:{rule_id}"

    @property
    def fired(self) -> str:
        return f"{self.base}alerts:fired"

    def fired_by(self, rule_id: str) -> str:
        return f"{self.base}alerts:fired:{rule_id}"
