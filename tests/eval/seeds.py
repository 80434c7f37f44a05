"""How many of the events that a careful reader finds in the seed texts the extractor mentions, before any linking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.dateline.v1.event_pb2 import Mention
from services.contracts.instants import from_rfc3339
from services.contracts.topics import ARTICLES_UNIQUE
from services.extractor.stage import Extractor
from services.runtime.stage import Message


def mentions_of(extractor: Extractor, title: str, text: str, published: datetime, identity: str = "a") -> list[Mention]:
    """Return the mentions that ``extractor`` finds in one English article, in reading order."""
    article = Article(
        id=identity, revision=1, title=title, text=text, language="en", url=f"https://wire.example/{identity}"
    )
    article.published_at.at.FromDatetime(published)
    article.first_seen_at.FromDatetime(published)
    message = Message(ARTICLES_UNIQUE, identity, UniqueArticle(article=article), identity, published)
    outcome = extractor.handle(message, published)
    found = [mention for emit in outcome.emits for mention in emit.value.mentions]  # type: ignore[attr-defined]
    return sorted(found, key=lambda mention: (not mention.trigger_span.in_title, mention.trigger_span.start))


def names(mention: Mention) -> set[str]:
    """Return everything by which a participant or the place can be recognised, lower case."""
    found = set()
    for each in mention.participants:
        found |= {value.lower() for value in (each.text, each.entity.name, each.entity.country) if value}
    found |= {value.lower() for value in (mention.place.text, mention.place.name, mention.place.country) if value}
    return found


def _has(wanted: str, found: set[str]) -> bool:
    wanted = wanted.lower()
    return any(wanted == name or (len(wanted) > 3 and (wanted in name or wanted.split()[-1] == name)) for name in found)


def _overlaps(wanted: Sequence[str] | None, mention: Mention) -> bool:
    if not wanted:
        return True
    start, end = mention.time.start[:10], (mention.time.end or mention.time.start)[:10]
    return bool(start) and start <= wanted[1] and end >= wanted[0]


def _facts(event: dict[str, Any], mentions: Sequence[Mention]) -> dict[str, bool]:
    """Return which facts of ``event`` hold of ``mentions`` taken together: they are what a linker would join."""
    found = set().union(*(names(mention) for mention in mentions)) if mentions else set()
    return {
        "found": bool(mentions),
        "who": all(_has(name, found) for name in event["who"]),
        "time": any(_overlaps(event["time"], mention) for mention in mentions),
    }


def _best(event: dict[str, Any], mentions: Sequence[Mention]) -> dict[str, bool]:
    """Return the facts of the mention that tells most, or of all that share somebody with it where that is more."""
    same = [mention for mention in mentions if mention.type == event["type"] and mention.status == event["status"]]
    if not same:
        return _facts(event, ())
    single = max((_facts(event, [mention]) for mention in same), key=lambda facts: sum(facts.values()))
    if all(single.values()):
        return single
    about = [
        mention
        for mention in same
        if (_overlaps(event["time"], mention) or mention.time.origin != "text")
        and any(_has(n, names(mention)) for n in event["who"])
    ]
    together = _facts(event, about)
    return together if sum(together.values()) > sum(single.values()) else single


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield one line per gold event that is missed, and the shares found: of those that must be, and of all."""
    gold = json.loads((shared / "gold" / "seed-events.json").read_text(encoding="utf-8"))
    extractor = Extractor()
    found: dict[str, list[Mention]] = {}
    for article in gold["articles"]:
        text = (shared / "seeds" / article["file"]).read_text(encoding="utf-8")
        published = from_rfc3339(article["published_at"])
        found[article["file"]] = mentions_of(extractor, article["title"], text, published, article["file"])
    hits = {True: 0, False: 0}
    totals = {True: 0, False: 0}
    for event in gold["events"]:
        facts = _best(event, found[event["file"]])
        totals[event["must"]] += 1
        hits[event["must"]] += all(facts.values())
        if not all(facts.values()):
            missing = ", ".join(name for name, holds in facts.items() if not holds)
            line = f"{event['id']} {event['type']} {event['status']} {'/'.join(event['who'])}"
            yield {"name": "extractor.seeds.missed", "event": line, "must": event["must"], "fails_on": missing}
    yield {"name": "extractor.seeds.must", "value": round(hits[True] / totals[True], 3), "of": totals[True]}
    everything = sum(totals.values())
    yield {"name": "extractor.seeds.all", "value": round(sum(hits.values()) / everything, 3), "of": everything}
    yield {"name": "extractor.seeds.mentions", "value": sum(len(mentions) for mentions in found.values())}
