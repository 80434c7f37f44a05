"""How well mentions are linked: on a stream of made-up news, by the seed articles' links, and on real mentions.

Real are those that the extractor reads in the sample newsroom and in ECB+ articles (see ``storylines``). Nothing in the
linker was set by ECB+; its precision tells whether the rest holds for news that nobody here wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ontology import event_types
from services.linker import record, weights
from tests.eval import dividing
from tests.eval.assignments import assignments
from tests.eval.clusterings import clustering_figures
from tests.eval.storylines import ecb_figures, sample_figures
from tests.unit.linker.newsdesk import COUNTRIES, Desk, article, batch, entity
from tests.unit.linker.newsstream import stream

SEEDS = (11, 12)
EVENTS = 900
THRESHOLDS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
_PERSONAL = frozenset({"arrest", "release", "sentencing", "extradition", "guilty-plea"})


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield one record for each threshold on the made-up stream, and one for the seed articles' gold in both orders."""
    chosen = weights.LINK_AT
    for threshold in THRESHOLDS:
        weights.LINK_AT = threshold  # type: ignore[misc]
        try:
            figures = stream_figures(EVENTS, SEEDS)
        finally:
            weights.LINK_AT = chosen  # type: ignore[misc]
        yield {"eval": "linking", "of": "stream", "threshold": threshold, "chosen": threshold == chosen, **figures}
    for figures in dividing.figures(EVENTS, SEEDS):
        yield {"eval": "linking", "of": "pairs thrown together", **figures}
    yield {"eval": "linking", "of": "seed gold", **seed_figures(shared)}
    yield {"eval": "linking", "of": "sample storylines", **sample_figures()}
    yield {"eval": "linking", "of": "ECB+ articles", **ecb_figures(shared)}


def stream_figures(events: int, seeds: tuple[int, ...]) -> dict[str, Any]:
    """Link a stream for each seed; return pairwise and B³ precision, recall and F1 over all."""
    told: dict[str, str] = {}
    truths: dict[str, str] = {}
    for seed in seeds:
        desk = Desk()
        items = list(stream(seed, events))
        for item in items:
            truths.update({mention: f"{seed}:{number}" for mention, number in item.truths.items()})
        told.update(assignments(desk, (item.message for item in items)))
    return {"mentions": len(truths), "events": len(set(truths.values())), "found": len(set(told.values())),
            **clustering_figures(told, truths)}  # fmt: skip


def seed_figures(shared: Path) -> dict[str, Any]:
    """Turn the gold events of the seed articles into mentions, link them in both orders, and check who met whom."""
    gold = json.loads((shared / "gold" / "seed-events.json").read_text(encoding="utf-8"))
    wrong: list[str] = []
    checked = 0
    for articles in (gold["articles"], gold["articles"][::-1]):
        found = _link_gold(articles, gold["events"])
        for number, one in enumerate(gold["events"]):
            for other in gold["events"][number + 1 :]:
                same = other["id"] in one.get("same_as", ()) or one["id"] in other.get("same_as", ())
                checked += 1
                if (found[one["id"]] == found[other["id"]]) != same:
                    wrong.append(f"{one['id']} and {other['id']} {'parted' if same else 'joined'}")
    return {"pairs": checked, "wrong": wrong}


def _link_gold(articles: list[dict[str, Any]], events: list[dict[str, Any]]) -> dict[str, str]:
    desk = Desk()
    names: dict[str, str] = {}
    for told in articles:
        ref = article(told["file"], told["source"], told["published_at"].removesuffix("Z"), title=told["title"])
        families: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            if event["file"] == told["file"]:
                families.setdefault(event_types()[event["type"]].topic, []).append(event)
        for family, members in families.items():
            message = batch(ref, *(_gold_mention(event) for event in members), topic=family)
            desk.take(message)
            assert isinstance(message.value, event_pb2.MentionBatch)
            names.update({m.id: event["id"] for m, event in zip(message.value.mentions, members, strict=True)})
    return {
        names[report.mention.id]: key
        for key, value in desk.stored.items()
        if key.startswith("e:")
        for report in record.decode(value).reports
    }


def _gold_mention(event: dict[str, Any]) -> event_pb2.Mention:
    mention = event_pb2.Mention(
        type=event["type"], status=event["status"], confidence=0.8, sentence=event.get("about", "")
    )
    for name in event["who"]:
        named = entity(name)
        role = "party"
        if event["type"] in _PERSONAL:
            role = "source" if name in COUNTRIES else "target"
        mention.participants.add(role=role, text=named.name, entity=named)
    if event["time"]:
        mention.time.start, mention.time.end = event["time"]
        mention.time.origin = "text"
    if event.get("place"):
        mention.place.text = mention.place.name = event["place"]
        mention.place.precision = "city"
    return mention
