"""The inverted index over live events: candidates for a mention in time that does not grow with their number.

Memory, not speed, bounds a million events, so a key is a 64-bit number, a key of one event holds that event's slot
itself instead of a list, and what is needed to order events stands in flat arrays. Lists are ordered by (first seen,
id), never by arrival, so an index loaded in any order answers alike.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Sequence
from functools import lru_cache
from sys import intern
from typing import Final

import xxhash

from services.linker.keys import counted_keys, event_keys, query_keys
from services.linker.profile import Profile
from services.linker.traits import traits_of
from services.linker.words import WORD_SPACE

LOOKED_AT: Final = 24
"""Events looked at under one key, newest first."""
TELLING: Final = 1.0
"""Keys that promise less are words and countries; fewer events are looked at under them."""
LOOKED_AT_FOR_A_WORD: Final = 10
GATHERED: Final = 120
"""Events looked at under all keys together."""
WORTH_A_LOOK: Final = 0.34
"""Events whose shared keys promise less than this share of the best one's are passed over."""


@lru_cache(maxsize=65_536)
def _number(key: str) -> int:
    return int(xxhash.xxh3_64_intdigest(key.encode("utf-8", "surrogatepass")))


class EventIndex:
    """Live events by what identifies them."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []
        self._types: list[str] = []
        self._seen: array[int] = array("q")
        self._free: list[int] = []
        self._postings: dict[int, int | list[int]] = {}
        self._counts: dict[str, int] = {}
        self._words: array[int] = array("I", bytes(4 * WORD_SPACE))
        self._gists: array[int] = array("I", bytes(4 * WORD_SPACE))

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def keys(self) -> int:
        """How many keys it holds."""
        return len(self._postings)

    def count(self, key: str) -> int:
        """Return how many live events have a key: exact for countries, people, bodies and towns alike."""
        counted = self._counts.get(key)
        if counted is not None:
            return counted
        held = self._postings.get(_number(key))
        return len(held) if isinstance(held, list) else 0 if held is None else 1

    def count_word(self, word: int) -> int:
        """Return how many live events have a telling word."""
        return self._words[word]

    @property
    def gist_counts(self) -> Sequence[int]:
        """How many live events have a word in their gist, by word number. Read-only."""
        return self._gists

    def put(self, event_id: str, profile: Profile, first_seen_us: int, before: Profile | None) -> None:
        """Take in an event, or its new profile in the place of ``before``."""
        if before is None:
            slot = self._take_slot(event_id)
            self._seen[slot] = first_seen_us
            old_keys: set[str] = set()
        else:
            slot = self._slots[event_id]
            old_keys = set(event_keys(before))
            self._count(before, -1)
        self._types[slot] = intern(profile.type)
        new_keys = set(event_keys(profile))
        for key in old_keys - new_keys:
            self._unpost(key, slot)
        for key in new_keys - old_keys:
            self._post(key, slot)
        self._count(profile, 1)

    def drop(self, event_id: str, profile: Profile) -> None:
        """Forget an event; ``profile`` is the one it was put with last."""
        slot = self._slots.pop(event_id)
        for key in set(event_keys(profile)):
            self._unpost(key, slot)
        self._count(profile, -1)
        self._ids[slot] = ""
        self._free.append(slot)

    def candidates(self, profile: Profile, most: int) -> list[str]:
        """Return the ids of up to ``most`` events that share the most telling keys with a mention, best first."""
        wanted = {profile.type, *traits_of(profile.type).confusable}
        promise: dict[int, float] = {}
        looked_at = 0
        for key, weight in query_keys(profile):
            held = self._postings.get(_number(key))
            if held is None:
                continue
            if isinstance(held, int):
                promise[held] = promise.get(held, 0.0) + weight
                looked_at += 1
            else:
                newest = held[-LOOKED_AT:] if weight >= TELLING else held[-LOOKED_AT_FOR_A_WORD:]
                for slot in newest:
                    promise[slot] = promise.get(slot, 0.0) + weight
                looked_at += len(newest)
            if looked_at >= GATHERED:
                break
        if not promise:
            return []
        least = max(promise.values()) * WORTH_A_LOOK
        types = self._types
        found = [slot for slot, sum_ in promise.items() if sum_ >= least and types[slot] in wanted]
        if len(found) > 1:
            # Newest first among equals; the id makes the order total.
            found.sort(key=lambda slot: (-promise[slot], -self._seen[slot], self._ids[slot]))
        return [self._ids[slot] for slot in found[:most]]

    def of_story(self, story: str, most: int) -> list[str]:
        """Return the ids of the newest events of a story, of whatever type, newest first."""
        held = self._postings.get(_number(f"s|{story}"))
        if held is None:
            return []
        slots: Sequence[int] = held[-most:] if isinstance(held, list) else (held,)
        return [self._ids[slot] for slot in reversed(slots)]

    def _take_slot(self, event_id: str) -> int:
        if self._free:
            slot = self._free.pop()
            self._ids[slot] = event_id
        else:
            slot = len(self._ids)
            self._ids.append(event_id)
            self._types.append("")
            self._seen.append(0)
        self._slots[event_id] = slot
        return slot

    def _order(self, slot: int) -> tuple[int, str]:
        return self._seen[slot], self._ids[slot]

    def _post(self, key: str, slot: int) -> None:
        number = _number(key)
        held = self._postings.get(number)
        if held is None:
            self._postings[number] = slot
        elif isinstance(held, list):
            insort(held, slot, key=self._order)
        else:
            self._postings[number] = sorted((held, slot), key=self._order)

    def _unpost(self, key: str, slot: int) -> None:
        number = _number(key)
        held = self._postings.get(number)
        if isinstance(held, list):
            at = bisect_left(held, self._order(slot), key=self._order)
            if at < len(held) and held[at] == slot:
                del held[at]
            if len(held) == 1:
                self._postings[number] = held[0]
        elif held == slot:
            del self._postings[number]

    def _count(self, profile: Profile, by: int) -> None:
        for key in counted_keys(profile):
            self._counts[key] = self._counts.get(key, 0) + by
        for word in profile.words:
            self._words[word] += by
        for word in profile.gist:
            self._gists[word] += by
