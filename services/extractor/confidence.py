"""How sure the extractor is of a mention: a sum of evidence that anybody can recompute.

The base says how seldom the words of the pattern mean something else; each part of the event that the sentence tells
adds to it, and what is only implied takes away. Not a probability: it orders mentions.
"""

from __future__ import annotations

from typing import Final

from services.extractor.drafts import Draft

BASE: Final = {3: 0.70, 2: 0.55, 1: 0.40}
"""By weight of the pattern."""
ACTOR: Final = 0.08
"""For a participant that was recognised, at most twice."""
DATE: Final = 0.05
"""For a date in the text."""
PLACE: Final = 0.04
QUANTITY: Final = 0.03
REFERENCE: Final = -0.10
"""For a noun that only refers to the event: nothing says that it took place."""
NOBODY: Final = -0.15
"""For an event without participants."""
WEIGHED: Final = -0.05
"""For an event that is only considered: conditions and wishes are the hardest to read."""


def confidence(draft: Draft) -> float:
    """Return the confidence in ``draft``, between 0.05 and 0.97."""
    total = BASE[draft.trigger.pattern.weight]
    total += ACTOR * min(2, len(draft.actors))
    total += DATE if draft.dated else 0.0
    total += PLACE if draft.place is not None else 0.0
    total += QUANTITY if draft.quantities else 0.0
    total += REFERENCE if not draft.status.explicit else 0.0
    total += NOBODY if not draft.participants else 0.0
    total += WEIGHED if draft.status.value == "considered" else 0.0
    return round(min(0.97, max(0.05, total)), 3)
