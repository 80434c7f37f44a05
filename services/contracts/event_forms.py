"""The two forms of an event's JSON: the whole, and a summary for lists and changes without the long parts."""

from __future__ import annotations

from typing import Final

LEFT_OUT_OF_SUMMARY: Final = ("evidence", "story_ids", "related", "codes")
"""What lists and change messages do without; the event itself has it."""

LEFT_OUT_OF_QUANTITIES: Final = ("reports",)
"""What a quantity of a summary does without."""

SUMMARY_OF_CHANGE: Final = ("id", "kind", "at", "fields")
"""What a summary has of the changes of its revision."""

APART: Final = frozenset((*LEFT_OUT_OF_SUMMARY, "quantities", "changes"))
"""Members that the summary does without, or holds in a shorter form."""
