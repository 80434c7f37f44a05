"""The figures of a run, as dicts that can be printed: what there was, what went wrong, what was made harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from services.contracts.dateline.v1.event_pb2 import MentionBatch
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_UNIQUE, DEAD_LETTERS, MENTIONS
from tests.chaos.articles import DISTINCT, Publication
from tests.chaos.checks import Problem, Run, events
from tests.chaos.record import messages
from tests.chaos.system import Sample

SAID: Final = (ARTICLES_UNIQUE.name, ARTICLES_DUPLICATES.name, MENTIONS.name)

COUNTED: Final = {
    "repeated": ("dateline_messages_total", "repeated"),
    "redelivered": ("dateline_redelivered_total", ""),
    "transactions_committed": ("dateline_transactions_total", "committed"),
    "transactions_given_up": ("dateline_transactions_total", "given-up"),
    "transactions_fenced": ("dateline_transactions_total", "fenced"),
    "fetched_again": ("dateline_fetched_again_total", ""),
    "tables_rebuilt_from_changelog": ("dateline_rebuilt_total", "changelog"),
    "tables_rebuilt_from_checkpoint": ("dateline_rebuilt_total", "checkpoint"),
    "redis_partitions_refilled": ("dateline_refilled_total", ""),
}
"""What the workers counted, by metric and the value of a label. What a killed worker counted in its last seconds is
not in it."""


def sets(publications: Sequence[Publication], left: Run) -> dict[str, Any]:
    """Return how many there were of everything."""
    states = events(left.log).values()
    said = {topic: [each.value for each in messages(left.log[topic])] for topic in SAID}
    return {
        "what": "sets",
        "articles": len(publications),
        "distinct": sum(each.kind in DISTINCT for each in publications),
        "unique": len(said[ARTICLES_UNIQUE.name]),
        "copies": len(said[ARTICLES_DUPLICATES.name]),
        "mentions": sum(len(batch.mentions) for batch in said[MENTIONS.name] if isinstance(batch, MentionBatch)),
        "events": len(states),
        "live_events": sum(not state.merged_into and not state.retracted for state in states),
        "with_several_sources": sum(len(state.independent_sources) > 1 for state in states),
        "poisoned": len(left.poison),
        "dead_letters": len({each.id for each in messages(left.log[DEAD_LETTERS.name])}),
    }


def harm(wrong: Sequence[Problem]) -> dict[str, Any]:
    """Return how much was lost, doubled or otherwise wrong."""
    harms = Counter(each.harm for each in wrong)
    return {"what": "harm", **{harm: harms[harm] for harm in ("lost", "doubled", "wrong")}}


def taken_over(seconds: Mapping[str, Sequence[float]], session_s: float) -> Iterator[dict[str, Any]]:
    """Yield how long takeovers took, by kind of fault."""
    for kind, found in sorted(seconds.items()):
        yield {
            "what": f"taken over after {kind}",
            "times": len(found),
            "p50_s": round(median(found), 2),
            "max_s": round(max(found), 2),
            "session_s": session_s,
        }


def counted(figures: dict[Sample, float]) -> dict[str, int]:
    """Return what the workers counted, all added up."""
    return {
        name: int(
            sum(
                value
                for (seen, labels), value in figures.items()
                if seen == metric and (not label or label in dict(labels).values())
            )
        )
        for name, (metric, label) in COUNTED.items()
    }
