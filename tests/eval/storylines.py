"""Real mentions for measuring the linker: what the extractor reads in the sample newsroom and in ECB+ articles.

The sample newsroom's gold is the ``storyline`` of each article: its main events, told in headline and lead, are one
event each. ECB+ articles with the same ``cluster`` tell the same seminal event (Cybulska and Vossen 2014); nothing in
the linker was set by them, so they show whether what was set by other texts holds.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from deploy.sample.articles import Article as SampleArticle
from deploy.sample.articles import fill_dates, load_articles
from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Source
from services.contracts.dateline.v1.event_pb2 import Mention, MentionBatch
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.instants import to_timestamp
from services.contracts.topics import ARTICLES_RAW, MENTIONS
from services.dedup.service import build as build_dedup
from services.extractor.service import build as build_extractor
from services.runtime.inline import InlineFlow
from services.runtime.stage import Emit, Message
from tests.eval.assignments import assignments
from tests.eval.clusterings import clustering_figures
from tests.unit.linker.newsdesk import Desk

START = datetime(2026, 3, 11, 9, tzinfo=UTC)
LEAD = 600
"""Mentions that begin within so many characters tell what the article is about."""
MAIN = {
    "lake-accord": ("agreement",),
    "prisoner-exchange": ("prisoner-exchange",),
    "farm-protest": ("protest",),
    "ferry-sinking": ("transport-accident", "arrest"),
    "dock-strike": ("labour-strike", "merger"),
    "cancelled-summit": ("meeting", "storm"),
    "denied-visit": ("visit",),
    "grid-outage": ("outage",),
    "factory-fires": ("fire",),
    "kenya-rates": ("rate-decision",),
    "ceasefire": ("ceasefire",),
    "fraud-case": ("arrest", "charge"),
    "sanctions": ("sanctions",),
}
"""The main event types of each storyline."""
ECB_DAYS = {"ecb": datetime(2012, 9, 18, tzinfo=UTC), "ecbplus": datetime(2013, 4, 10, tzinfo=UTC)}
"""ECB+ adds to each seminal event of ECB another of its kind, of another year. It gives no dates of publication, so
these stand in, within what the linker remembers."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event's id with a mention that tells it."""

    event_id: str
    mention: Mention


def messages(articles: Iterable[Article]) -> list[Message]:
    """Return what the linker is sent about articles: dedup and extractor at full depth read them in order."""
    flow = InlineFlow([build_dedup(), build_extractor("full")])
    found: list[Message] = []
    for article in articles:
        now = article.first_seen_at.ToDatetime(tzinfo=UTC)
        for emit in flow.send(Emit(ARTICLES_RAW, article.language, article, article.id, now), now):
            if emit.topic is MENTIONS:
                found.append(Message(emit.topic, emit.key, emit.value, emit.id, emit.time))
    return found


def linked(sent: Sequence[Message]) -> list[Told]:
    """Link all mentions; return each with its event."""
    found = assignments(Desk(), sent)
    batches = [message.value for message in sent if isinstance(message.value, MentionBatch)]
    mentions = {mention.id: mention for batch in batches for mention in batch.mentions}
    return [Told(event_id, mentions[mention_id]) for mention_id, event_id in found.items()]


def article_message(url: str, title: str, paragraphs: Sequence[str], told: datetime, revision: int = 1) -> Article:
    """Return the message of an article, as from a fetcher that found it when it was published."""
    domain = url.split("/")[2]
    lineage = lineage_id(domain, url)
    return Article(
        id=article_id(lineage, revision),
        lineage_id=lineage,
        revision=revision,
        supersedes=article_id(lineage, revision - 1) if revision > 1 else "",
        url=url,
        canonical_url=url,
        source=Source(domain=domain, name=domain),
        title=title,
        text="\n".join(paragraphs),
        paragraphs=paragraphs,
        language="en",
        published_at=DatedFrom(at=to_timestamp(told), origin="input"),
        first_seen_at=to_timestamp(told),
        text_origin="input",
        completeness="full",
        content_hash=derive("content", title, *paragraphs),
    )


def sample_articles() -> Iterator[tuple[SampleArticle, Article]]:
    """Yield the articles of the sample newsroom in the order of their release, each with its article message."""
    chosen = sorted(load_articles(), key=lambda each: (each.release_s, each.id))
    slugs = {each.id: each.slug for each in chosen}
    revisions: Counter[str] = Counter()
    for each in chosen:
        url = f"http://{each.outlet}.localhost/news/{slugs[each.revision_of] if each.revision_of else each.slug}"
        revisions[url] += 1
        text = [fill_dates(part, START.date()) for part in each.paragraphs]
        told = START + timedelta(seconds=each.release_s)
        yield each, article_message(url, fill_dates(each.title, START.date()), text, told, revisions[url])


def main_events(sent: Iterable[Message], samples: Mapping[str, SampleArticle]) -> dict[str, str]:
    """Return by mention which gold event it tells, of those in headline and lead; ``samples`` by id of the article."""
    found: dict[str, str] = {}
    batches = [message.value for message in sent if isinstance(message.value, MentionBatch)]
    for batch in batches:
        for mention in batch.mentions:
            sample, span = samples[mention.article.id], mention.sentence_span
            if mention.type not in MAIN[sample.storyline] or not (span.in_title or span.start < LEAD):
                continue
            truth = f"{sample.storyline}/{mention.type}"
            if sample.storyline == "factory-fires":
                truth += "/" + sample.id.split("-")[1]
            found[mention.id] = truth
    return found


def sample_figures() -> dict[str, Any]:
    """Return clustering figures over the main events of the storylines, which are split, and what is joined wrongly."""
    both = list(sample_articles())
    storyline = {article.id: sample for sample, article in both}
    sent = messages(article for _, article in both)
    told = linked(sent)
    known = main_events(sent, storyline)
    truths = {each.mention.id: known[each.mention.id] for each in told if each.mention.id in known}
    split: dict[str, Counter[str]] = defaultdict(Counter)
    crossed: dict[str, set[str]] = defaultdict(set)
    for each in told:
        crossed[each.event_id].add(storyline[each.mention.article.id].storyline)
        if each.mention.id in truths:
            split[truths[each.mention.id]][each.event_id] += 1
    events = {each.mention.id: each.event_id for each in told}
    return {
        "mentions": len(truths),
        **clustering_figures(events, truths),
        "split": {truth: sorted(n.values(), reverse=True) for truth, n in sorted(split.items()) if len(n) > 1},
        "joined_storylines": sorted(" and ".join(sorted(names)) for names in crossed.values() if len(names) > 1),
    }


def ecb_figures(shared: Path) -> dict[str, Any]:
    """Return how well articles meet in events: a pair is linked if it shares an event, right if of one cluster."""
    path = shared / "data" / "ecbplus-dev" / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(5).shuffle(rows)
    dated = sorted(rows, key=_ecb_day)
    clusters: dict[str, str] = {}
    articles: list[Article] = []
    for number, row in enumerate(dated):
        told = _ecb_day(row) + timedelta(minutes=number)
        article = article_message(f"http://source{number}.example/{row['id']}", row["title"], [row["body"]], told)
        clusters[article.id] = row["cluster"]
        articles.append(article)
    events: dict[str, set[str]] = defaultdict(set)
    for each in linked(messages(articles)):
        events[each.event_id].add(each.mention.article.id)
    pairs = {pair for told_by in events.values() for pair in combinations(sorted(told_by), 2)}
    right = sum(clusters[one] == clusters[other] for one, other in pairs)
    telling = set().union(*events.values())
    return {
        "articles": len(articles),
        "articles_with_events": len(telling),
        "events": len(events),
        "pairs_linked": len(pairs),
        "precision": round(right / max(1, len(pairs)), 4),
        "recall": round(right / max(1, _pairs_of(clusters.values())), 4),
        "recall_of_articles_with_events": round(right / max(1, _pairs_of(clusters[a] for a in telling)), 4),
    }


def _ecb_day(row: dict[str, Any]) -> datetime:
    return ECB_DAYS["ecbplus" if str(row["cluster"]).endswith("plus") else "ecb"]


def _pairs_of(clusters: Iterable[str]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(clusters).values())
