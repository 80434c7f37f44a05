"""The inverted index over held events: candidates for a mention in time that does not grow with their number.

Memory, not speed, bounds a million events, so a key is a 64-bit number, a key of one event holds that event's slot
itself instead of a list, and what is needed to order events stands in flat arrays. Lists are ordered by (first seen,
id), never by arrival, so an index loaded in any order answers alike.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby, repeat
from sys import intern
from typing import Final

from services.linker.days import Days
from services.linker.entry import Entry
from services.linker.keys import key_number, query_keys
from services.linker.profile import Profile
from services.linker.timing import Times, time_score
from services.linker.traits import traits_of
from services.linker.words import WORD_SPACE

LOOKED_AT: Final = 24
"""Events looked at under one key, newest first."""
TELLING: Final = 10
"""Keys that promise less are words and countries; fewer events are looked at under them."""
LOOKED_AT_FOR_A_WORD: Final = 10
GATHERED: Final = 120
"""Events looked at under all keys together."""
WORTH_A_LOOK: Final = 0.34
"""Events whose shared keys promise less than this share of the best one's are passed over."""
PROMISES_MUCH: Final = 30
"""An event that promises less, and whose times fit worse than ``FAR``, is passed over as well: of 752 such pairs among
the candidates of 1,302 mentions of real texts one was linked, of 1,110 of a made-up stream none."""
FAR: Final = -1.0


class EventIndex:
    """Held events by what identifies them."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []
        self._types: list[str] = []
        self._statuses: list[str] = []
        self._times: array[int] = array("i")
        """Five numbers by slot: first and last day of reports, of the event (0: unknown), 1 where the text says so."""
        self._seen: array[int] = array("q")
        self._free: list[int] = []
        self._postings: dict[int, int | list[int]] = {}
        self._counts: dict[int, int] = {}
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
        number = key_number(key)
        counted = self._counts.get(number)
        if counted is not None:
            return counted
        held = self._postings.get(number)
        return len(held) if isinstance(held, list) else 0 if held is None else 1

    def count_word(self, word: int) -> int:
        """Return how many live events have a telling word."""
        return self._words[word]

    @property
    def gist_counts(self) -> Sequence[int]:
        """How many live events have a word in their gist, by word number. Read-only."""
        return self._gists

    def fill(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Take in events ordered by (first seen, id) where none is held yet: at a tenth of the cost of ``put``."""
        postings = self._postings
        for event_id, entry in entries:
            slot = self._take_slot(event_id)
            self._set(slot, entry)
            for number in entry.keys:
                held = postings.get(number)
                if held is None:
                    postings[number] = slot
                elif isinstance(held, list):
                    held.append(slot)
                else:
                    postings[number] = [held, slot]
            self._count(entry, 1)

    def put(self, event_id: str, entry: Entry, before: Entry | None) -> None:
        """Take in an event, or what it is found by now in the place of ``before``."""
        if before is None:
            slot = self._take_slot(event_id)
            old_keys: set[int] = set()
        else:
            slot = self._slots[event_id]
            old_keys = set(before.keys)
            if before.first_seen_us != entry.first_seen_us:
                # Lists are ordered by it: a merge may date an event back.
                for number in before.keys:
                    self._unpost(number, slot)
                old_keys = set()
        self._set(slot, entry)
        new_keys = set(entry.keys)
        for number in old_keys - new_keys:
            self._unpost(number, slot)
        for number in new_keys - old_keys:
            self._post(number, slot)
        self._recount(before, entry)

    def drop(self, event_id: str, entry: Entry) -> None:
        """Forget an event; ``entry`` is the one it was put with last."""
        slot = self._slots.pop(event_id)
        for number in entry.keys:
            self._unpost(number, slot)
        self._count(entry, -1)
        self._ids[slot] = ""
        self._free.append(slot)

    def candidates(self, profile: Profile, most: int) -> list[str]:
        """Return the ids of up to ``most`` events that share the most telling keys with a mention, best first."""
        promise: dict[int, int] = {}
        look_up, known = self._postings.get, promise.get
        looked_at, nothing = 0, repeat(0)
        for weight, keys in query_keys(profile):
            most_of_key = LOOKED_AT if weight >= TELLING else LOOKED_AT_FOR_A_WORD
            for key in keys:
                held = look_up(key)
                if held is None:
                    continue
                if isinstance(held, int):
                    promise[held] = known(held, 0) + weight
                    looked_at += 1
                else:
                    slots = held[-most_of_key:]
                    # No loop: most of the time of a search would go into it.
                    promise.update(zip(slots, map(weight.__add__, map(known, slots, nothing)), strict=False))
                    looked_at += len(slots)
                if looked_at >= GATHERED:
                    break
            if looked_at >= GATHERED:
                break
        return self._most_promising(profile, promise, most) if promise else []

    def _most_promising(self, profile: Profile, promise: dict[int, int], most: int) -> list[str]:
        """The ids of up to ``most`` of the events whose keys promise so much, best first, the newest among equals."""
        best_first = sorted(promise, key=promise.__getitem__, reverse=True)
        least = promise[best_first[0]] * WORTH_A_LOOK
        wanted = (profile.type, *traits_of(profile.type).confusable)
        types, ids, fitting = self._types, self._ids.__getitem__, list[str]()
        for promised, equals in groupby(best_first, promise.__getitem__):
            if promised < least:
                break
            # Newest first; the id makes the order total.
            for slot in sorted(sorted(equals, key=ids), key=self._seen.__getitem__, reverse=True):
                if types[slot] not in wanted:
                    continue
                if promised >= PROMISES_MUCH or time_score(profile, self._times_of(slot)) >= FAR:
                    fitting.append(ids(slot))
                    if len(fitting) == most:
                        return fitting
        return fitting

    def of_story(self, story: str, most: int) -> list[str]:
        """Return the ids of the newest events of a story, of whatever type, newest first."""
        held = self._postings.get(key_number(f"s|{story}"))
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
            self._statuses.append("")
            self._times.extend((0, 0, 0, 0, 0))
            self._seen.append(0)
        self._slots[event_id] = slot
        return slot

    def _set(self, slot: int, entry: Entry) -> None:
        event_type, status, days, first, last = entry.times
        self._seen[slot] = entry.first_seen_us
        self._types[slot] = event_type
        self._statuses[slot] = intern(status)
        start, end, explicit = days or (0, 0, False)
        self._times[5 * slot : 5 * slot + 5] = array("i", (first, last, start, end, explicit))

    def _times_of(self, slot: int) -> Times:
        first, last, start, end, explicit = self._times[5 * slot : 5 * slot + 5]
        days = Days(start, end, bool(explicit)) if start else None
        return Times(self._types[slot], self._statuses[slot], days, first, last)

    def _place(self, slot: int, held: list[int]) -> int:
        """Where an event stands in a list ordered by (first seen, id), or where it belongs."""
        seen, ids = self._seen, self._ids
        # By a key that is no function of Python: a list may hold thousands, and the id is asked for among equals alone.
        at = bisect_left(held, seen[slot], key=seen.__getitem__)
        while at < len(held) and seen[held[at]] == seen[slot] and ids[held[at]] < ids[slot]:
            at += 1
        return at

    def _post(self, number: int, slot: int) -> None:
        held = self._postings.get(number)
        if held is None:
            self._postings[number] = slot
        elif isinstance(held, list):
            if self._seen[held[-1]] < self._seen[slot]:
                held.append(slot)  # news is the newest as a rule
            else:
                held.insert(self._place(slot, held), slot)
        else:
            posted = [held]
            posted.insert(self._place(slot, posted), slot)
            self._postings[number] = posted

    def _unpost(self, number: int, slot: int) -> None:
        held = self._postings.get(number)
        if isinstance(held, list):
            at = self._place(slot, held)
            if at < len(held) and held[at] == slot:
                del held[at]
            if len(held) == 1:
                self._postings[number] = held[0]
        elif held == slot:
            del self._postings[number]

    def _recount(self, before: Entry | None, entry: Entry) -> None:
        if before is None:
            self._count(entry, 1)
            return
        if before.counted != entry.counted:
            self._count_keys(before.counted, -1)
            self._count_keys(entry.counted, 1)
        for counts, old, new in ((self._words, before.words, entry.words), (self._gists, before.gist, entry.gist)):
            if old != new:
                was, now = set(old), set(new)  # mostly the same words: one report more or less
                for word in was - now:
                    counts[word] -= 1
                for word in now - was:
                    counts[word] += 1

    def _count(self, entry: Entry, by: int) -> None:
        self._count_keys(entry.counted, by)
        # An archived event counts too: how usual a word is does not change because its news has grown old.
        for word in entry.words:
            self._words[word] += by
        for word in entry.gist:
            self._gists[word] += by

    def _count_keys(self, keys: Iterable[int], by: int) -> None:
        counts = self._counts
        for number in keys:
            counts[number] = counts.get(number, 0) + by
