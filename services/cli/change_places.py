"""Where a subscriber stands in Kafka's topics of changes, as one short text that each printed line carries.

A change lies in one of several partitions of its family's topic, so a place among all changes is an offset for each
partition: "1:12.0.3,4:0.7" says that of family 1 (TOPIC_FAMILIES counts from 0) the next offsets to read are 12, 0
and 3 in partitions 0, 1 and 2, and of family 4 those are 0 and 7. What is not named is read from its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from services.contracts.ontology import TOPIC_FAMILIES

BEGINNING: Final = "beginning"
"""What `--since` takes for everything that is kept."""

Places = Mapping[tuple[str, int], int]
"""Next offset to read, by family and partition."""

_PART: Final = re.compile(r"(\d{1,2}):(\d{1,19}(?:\.\d{1,19})*)", re.ASCII)


def format_places(places: Places) -> str:
    """Return places as a text that ``parse_places`` takes; "-" where nothing was ever read."""
    parts = []
    for number, family in enumerate(TOPIC_FAMILIES):
        offsets = {partition: offset for (name, partition), offset in places.items() if name == family and offset}
        if offsets:
            row = (str(offsets.get(partition, 0)) for partition in range(max(offsets) + 1))
            parts.append(f"{number}:{'.'.join(row)}")
    return ",".join(parts) or "-"


def parse_places(text: str) -> dict[tuple[str, int], int]:
    """Return the places that a text names. Raises ValueError saying what to pass."""
    places: dict[tuple[str, int], int] = {}
    if text.strip() == "-":
        return places
    for part in text.strip().split(","):
        match = _PART.fullmatch(part)
        if match is None or int(match[1]) >= len(TOPIC_FAMILIES):
            raise ValueError(
                f"{text!r} is no position on Kafka: pass the `position` of a line that `dateline subscribe --kafka` "
                f"printed, or {BEGINNING} for everything that is kept"
            )
        for partition, offset in enumerate(match[2].split(".")):
            places[TOPIC_FAMILIES[int(match[1])], partition] = int(offset)
    return places
