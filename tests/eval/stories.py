"""Storylines in short articles of our own: who told what of which event was marked before anything was run.

``stories/README.md`` has the form. Extraction and linking are judged together: a telling that no mention carries counts
as parted from all others. Nothing is set by these figures that the other evaluations speak against.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Mention, MentionBatch
from services.contracts.ontology import STATUSES, event_types
from services.runtime.stage import Message
from tests.eval.assignments import assignments
from tests.eval.clusterings import clustering_figures
from tests.eval.storylines import article_message, messages
from tests.unit.linker.newsdesk import Desk

FILE = Path(__file__).resolve().parent / "stories" / "open.txt"
YEAR = "2026-"
"""Stands before dates that give none."""
_NOTHING = "none: "


@dataclass(frozen=True, slots=True)
class Gold:
    """An event as it should stand in the end."""

    key: str
    """``story/event``."""
    types: frozenset[str]
    history: re.Pattern[str]
    killed: float | None
    sources: int | None
    flags: frozenset[str]
    """Of ``overdue`` and ``retracted``."""
    contradictions: tuple[frozenset[str], ...]
    """Of each one of the fields is shown to be contradicted."""


@dataclass(frozen=True, slots=True)
class Telling:
    """That an article tells an event, at which stage, and a word of the sentence where it tells several of a type."""

    gold: Gold
    status: str
    word: str


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article with what it tells."""

    message: Article
    tells: tuple[Telling, ...]
    replaced: bool
    """True where a later revision stands in its place."""


@dataclass(slots=True)
class _Story:
    name: str
    events: dict[str, Gold] = field(default_factory=dict)
    articles: list[tuple[datetime, str, str, list[str], str]] = field(default_factory=list)
    """Moment, domain, what it tells, lines, number of the address among those of the domain."""


def load(path: Path = FILE) -> list[StoryArticle]:
    """Return the articles of all storylines in the order told. Raises ValueError naming the line of a wrong mark."""
    stories: list[_Story] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            _read(line, stories)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"{path.name} line {number}: {error!s}") from error
    found = [article for story in stories for article in _articles(story)]
    return sorted(found, key=lambda each: each.message.first_seen_at.ToDatetime(tzinfo=UTC))


def _read(line: str, stories: list[_Story]) -> None:
    if line.startswith("=== "):
        stories.append(_Story(line[4:].strip()))
    elif line.startswith("@ "):
        gold = _gold(stories[-1].name, line[2:])
        stories[-1].events[gold.key] = gold
    elif line.startswith("--- "):
        told, domain, *marks = line[4:].split()
        moment = datetime.fromisoformat(told if told.count("-") == 2 else YEAR + told).replace(tzinfo=UTC)
        address = next((mark[1:] for mark in marks if mark.startswith("@")), "")
        tells = " ".join(mark for mark in marks if not mark.startswith("@"))
        for telling in tells.split():
            _telling(stories[-1], telling)
        stories[-1].articles.append((moment, domain, tells, [], address))
    elif line.strip():
        stories[-1].articles[-1][3].append(line)


def _gold(story: str, text: str) -> Gold:
    head, history, *rest = (part.strip() for part in text.split("|"))
    key, names = head.split()
    types = frozenset(names.split(","))
    if types - event_types().keys():
        raise ValueError(f"{sorted(types - event_types().keys())} are no types of ontology.tsv")
    facts = dict(each.partition("=")[::2] for each in (rest[0].split() if rest else ()) if each != "-")
    return Gold(
        f"{story}/{key}",
        types,
        re.compile("".join(map(_step, history.split(" > ")))),
        float(facts["killed"]) if "killed" in facts else None,
        int(facts["sources"]) if "sources" in facts else None,
        frozenset(facts) - {"killed", "sources"},
        tuple(frozenset(each.split("/")) for each in (rest[1].split() if len(rest) > 1 else ())),
    )


def _step(text: str) -> str:
    statuses = text.strip().removesuffix("?").split("/")
    if not set(statuses) <= set(STATUSES):
        raise ValueError(f"{text!r}: use {', '.join(STATUSES)}")
    return f"(?:(?:{'|'.join(statuses)}) )" + ("*" if text.strip().endswith("?") else "+")


def _telling(story: _Story, text: str) -> Telling:
    mark, _, word = text.partition("~")
    key, _, status = mark.partition("=")
    if status not in STATUSES:
        raise ValueError(f"{text!r}: no status; write event=status")
    return Telling(story.events[f"{story.name}/{key}"], status, word)


def _articles(story: _Story) -> Iterator[StoryArticle]:
    revisions: Counter[str] = Counter()
    last = {f"{domain}/{address}": at for at, (_, domain, _, _, address) in enumerate(story.articles) if address}
    for at, (moment, domain, tells, lines, address) in enumerate(story.articles):
        known = f"{domain}/{address}"
        url = f"https://{domain}/{story.name}-{address or f'n{at}'}"
        revisions[url] += 1
        yield StoryArticle(
            article_message(url, lines[0], lines[1:], moment, revisions[url]),
            tuple(_telling(story, each) for each in tells.split()),
            bool(address) and last[known] != at,
        )


def tellings_of(article: StoryArticle, mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    """Return by key of the event which mentions of an article tell it: those of its types, in the sentence marked."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        fits = [telling for telling in article.tells if mention.type in telling.gold.types]
        worded = [telling for telling in fits if telling.word and telling.word in mention.sentence]
        chosen = worded or [telling for telling in fits if not telling.word]
        if len(chosen) == 1:
            found[chosen[0].gold.key].append(mention)
    return found


@dataclass(slots=True)
class Judged:
    """What became of the events of some storylines."""

    carried: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By telling (``article key``): the mentions that carry it, each by its type and the event it went to."""
    truths: dict[str, str] = field(default_factory=dict)
    found: int = 0
    stages: int = 0
    """Tellings of which a mention has the status marked."""
    ids: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By key of an event: the events its tellings went to."""
    stories: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By event: the storylines whose mentions it holds."""
    faults: list[dict[str, Any]] = field(default_factory=list)

    def main(self, key: str) -> str:
        """Return the event that holds most of what tells ``key``."""
        return self.ids[key].most_common(1)[0][0]

    def told(self) -> dict[str, str]:
        """Return by telling the event it went to: the main one if it may be, one of its own if nothing carries it."""
        found = {}
        for name, carried in self.carried.items():
            ids = [event_id for _, event_id in carried]
            main = self.main(self.truths[name]) if ids else ""
            found[name] = main if main in ids else ids[0] if ids else f"{_NOTHING}{name}"
        return found

    def strays(self, key: str, main_type: str) -> int:
        """Return how many tellings of ``key`` are not, or not only, in its main event.

        A mention of another type may be an event of its own: the talks, and the meeting at which they were held.
        """
        main = self.main(key)
        own = [carried for name, carried in self.carried.items() if carried and self.truths[name] == key]
        return sum(
            main not in {event_id for _, event_id in carried}
            or any(event_id != main for event_type, event_id in carried if event_type == main_type)
            for carried in own
        )


def judge(articles: Sequence[StoryArticle], sent: Sequence[Message], desk: Desk) -> Judged:
    """Link what was read out of the articles and compare."""
    events = assignments(desk, sent)
    mentions: dict[str, list[Mention]] = defaultdict(list)
    for message in sent:
        if isinstance(message.value, MentionBatch):
            for mention in message.value.mentions:
                mentions[mention.article.id].append(mention)
    judged = Judged()
    for article in articles:
        own = [mention for mention in mentions[article.message.id] if mention.id in events]
        for mention in own:
            judged.stories[events[mention.id]].add(_story(article))
        if not article.replaced:
            _judge_article(judged, article, own, events)
    return judged


def _story(article: StoryArticle) -> str:
    return article.message.url.split("/")[-1].rpartition("-")[0]


def _judge_article(judged: Judged, article: StoryArticle, own: Sequence[Mention], events: dict[str, str]) -> None:
    told = tellings_of(article, own)
    for telling in article.tells:
        key = telling.gold.key
        name = f"{article.message.url} {key}"
        judged.truths[name] = key
        carried = told.get(key, [])
        if not carried:
            judged.carried[name] = []
            judged.faults.append({"missed": name, "read": [f"{m.type} {m.status}" for m in own]})
            continue
        judged.found += 1
        judged.ids[key].update(events[mention.id] for mention in carried)
        judged.carried[name] = [(mention.type, events[mention.id]) for mention in carried]
        statuses = {mention.status for mention in carried}
        judged.stages += telling.status in statuses
        if telling.status not in statuses:
            judged.faults.append({"stage": name, "is": telling.status, "read": sorted(statuses)})


def state_figures(golds: Sequence[Gold], judged: Judged, desk: Desk) -> dict[str, Any]:
    """Return how the events stand in the end: history, tolls, sources, contradictions, flags; with the faults."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()

    def ask(gold: Gold, what: str, fine: bool, **seen: Any) -> None:
        asked[what] += 1
        right[what] += fine
        if not fine:
            judged.faults.append({what: gold.key, **seen})

    for gold in golds:
        ids = judged.ids.get(gold.key)
        if "retracted" in gold.flags:
            ask(gold, "retracted", not ids)
            continue
        if not ids:
            ask(gold, "whole", False)
            continue
        event = desk.events[judged.main(gold.key)]
        ask(gold, "whole", not judged.strays(gold.key, event.type), events=_titles(ids, desk))
        history = "".join(f"{move.status} " for move in event.status_history)
        ask(gold, "history", gold.history.fullmatch(history) is not None, is_=history, by=gold.history.pattern)
        if gold.killed is not None:
            tolls = [state.latest.value for state in event.quantities if state.measure == "killed"]
            ask(gold, "toll", gold.killed in tolls, is_=tolls)
        if gold.sources is not None:
            ask(gold, "sources", len(event.origins) == gold.sources, is_=[each.name for each in event.origins])
        if "overdue" in gold.flags:
            ask(gold, "overdue", event.overdue)
        shown = {each.field: [claim.text for claim in each.values] for each in event.contradictions}
        for fields in gold.contradictions:
            ask(gold, "contradiction", not fields.isdisjoint(shown), shown=shown)
        beyond = shown.keys() - set().union(*gold.contradictions)
        ask(gold, "no_other_contradiction", not beyond, shown=shown)
    return {f"{what}_right": f"{right[what]}/{count}" for what, count in asked.items()}


def _titles(ids: Counter[str], desk: Desk) -> list[str]:
    return [f"{n} x {desk.events[each].type} {desk.events[each].title}" for each, n in ids.most_common()]


def figures(path: Path = FILE) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the figures of the storylines in a file, and the single faults."""
    articles = load(path)
    desk = Desk()
    sent = messages(article.message for article in articles)
    judged = judge(articles, sent, desk)
    golds = {telling.gold.key: telling.gold for article in articles for telling in article.tells}
    states = state_figures(list(golds.values()), judged, desk)
    holds: dict[str, set[str]] = defaultdict(set)
    for key, ids in judged.ids.items():
        for each in ids:
            holds[each].add(key)
    joined = [sorted(keys) for keys in holds.values() if len(keys) > 1]
    crossed = [sorted(names) for names in judged.stories.values() if len(names) > 1]
    judged.faults += [{"joined": keys} for keys in joined] + [{"crossed": names} for names in crossed]
    told = judged.told()
    read = {name: event_id for name, event_id in told.items() if not event_id.startswith(_NOTHING)}
    return {
        "articles": len(articles),
        "tellings": len(judged.truths),
        "found": round(judged.found / len(judged.truths), 4),
        "stage_right": round(judged.stages / max(1, judged.found), 4),
        **clustering_figures(told, judged.truths),
        "pair_recall_of_found": clustering_figures(read, {name: judged.truths[name] for name in read})["pair_recall"],
        "joined": len(joined),
        "crossed": len(crossed),
        **states,
    }, judged.faults


def evaluate(shared: Path, *, misses: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the figures of the storylines; with ``misses`` each single fault before them."""
    found, faults = figures()
    if misses:
        yield from ({"name": "stories.fault", **fault} for fault in faults)
    yield {"name": "stories", **found}
