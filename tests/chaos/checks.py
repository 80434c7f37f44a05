"""The comparisons of sets after a run. Pure: what the topics and Redis hold in, what is wrong out.

``Run`` holds everything; each check returns one ``Problem`` for each thing that is wrong, none where all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import orjson

from services.cache.projection import project
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Event, Mention, MentionBatch
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.ids import derive
from services.contracts.topics import (
    ARTICLES_DUPLICATES,
    ARTICLES_RAW,
    ARTICLES_UNIQUE,
    BY_NAME,
    DEAD_LETTERS,
    EVENTS,
    MENTIONS,
)
from services.linker import ledger, profile, record
from services.linker.matching import aside
from services.linker.report import domain
from services.linker.table import ARTICLE, EVENT
from services.runtime.kafka_topics import changelog_of
from tests.chaos.answers import Answers
from tests.chaos.record import Log, Record, messages, newest
from tests.chaos.redis_dump import RedisDump, of_projections

DEDUP_TABLE: Final = changelog_of("dedup")
LINKER_TABLE: Final = changelog_of("linker")
RAN_AGAIN: Final = frozenset({"cache"})
"""Whoever fills an emptied Redis again reads its input again, and so may tell of the same dead letter again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    check: str
    id: str
    what: str
    harm: Literal["lost", "doubled", "wrong"] = "wrong"


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that a stage cannot process, as it was published."""

    stage: str
    topic: str
    value: bytes
    message_id: str
    """Its CloudEvents id; empty where it had none."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left behind."""

    published: Mapping[str, int]
    """By article id: how often Kafka acknowledged it (once, but for what is replayed)."""
    poison: Sequence[Poison]
    log: Log
    """Every topic and changelog, committed messages only."""
    redis: RedisDump
    dedup: Answers
    extractor: Answers
    linker: Answers


def problems(run: Run) -> list[Problem]:
    """Return everything that is wrong with a run."""
    return [problem for check in CHECKS for problem in check(run)]


# Articles and verdicts


def every_article_arrived_once(run: Run) -> Iterator[Problem]:
    """What Kafka acknowledged lies in articles.raw, as often as it was sent."""
    arrived = Counter(message.value.id for message in messages(_of(run.log, ARTICLES_RAW.name)) if _is_article(message))
    yield from _compare("published", Counter(run.published), arrived)


def every_article_has_one_verdict(run: Run) -> Iterator[Problem]:
    """Each published article lies in articles.unique or in articles.duplicates, not in both, and once."""
    unique = Counter(m.value.article.id for m in messages(_of(run.log, ARTICLES_UNIQUE.name)))
    copies = Counter(m.value.article_id for m in messages(_of(run.log, ARTICLES_DUPLICATES.name)))
    yield from _compare("verdict", Counter(run.published), unique + copies)
    for article in unique.keys() & copies.keys():
        yield Problem("verdict", article, "is both unique and a copy", "doubled")


# Mentions and events


def every_mention_is_in_one_live_event(run: Run) -> Iterator[Problem]:
    """Each mention that still counts is among the reports of exactly one live event of the linker's table.

    It counts unless a newer revision of its article was read. Two kinds are not looked for by id: mentions said in
    passing that name nothing, which the linker may leave aside, and those of an event with more reports than it keeps,
    which are counted by article.
    """
    batches = [m.value for m in messages(_of(run.log, MENTIONS.name)) if isinstance(m.value, MentionBatch)]
    superseded = {(batch.topic, batch.supersedes) for batch in batches if batch.supersedes}
    told = {
        mention.id: mention
        for batch in batches
        if (batch.topic, batch.article.id) not in superseded
        for mention in batch.mentions
    }
    holders, spilled = _holders(run.log)
    for mention_id, held in holders.items():
        if len(held) > 1:
            yield Problem("mention", mention_id, f"is in {len(held)} live events: {', '.join(sorted(held))}", "doubled")
        if mention_id not in told:
            yield Problem("mention", mention_id, "was withdrawn or never sent, yet a live event holds it")
    missing = {mention_id: mention for mention_id, mention in told.items() if mention_id not in holders}
    for mention_id, mention in sorted(missing.items()):
        if spilled[mention.article.id] > 0:
            spilled[mention.article.id] -= 1
        elif not _may_be_left_aside(mention):
            yield Problem("mention", mention_id, f"of article {mention.article.id} is in no live event", "lost")


def every_live_event_is_told(run: Run) -> Iterator[Problem]:
    """The live events of the linker's table are those of `events`, with as many reports as their records hold."""
    states = events(run.log)
    live = {key: value for key, value in states.items() if not value.merged_into and not value.retracted}
    table = _table(run.log, LINKER_TABLE)
    known = {key.removeprefix(EVENT): value for key, value in table.items() if key.startswith(EVENT)}
    for missing in sorted(live.keys() ^ known.keys()):
        where = "in the linker's table" if missing in known else "among the live events of the topic"
        yield Problem("event", missing, f"is only {where}")
    for event_id in sorted(live.keys() & known.keys()):
        held = record.decode(known[event_id])
        reports = len(held.reports) + sum(spilled.mentions for spilled in held.spilled.values())
        if live[event_id].evidence_total != reports:
            yield Problem("event", event_id, f"tells {live[event_id].evidence_total} reports and holds {reports}")
        shown = {evidence.mention_id for evidence in live[event_id].evidence}
        if stranger := shown - {report.mention.id for report in held.reports}:
            yield Problem("event", event_id, f"shows evidence it does not hold: {', '.join(sorted(stranger))}")
    for event_id, state in states.items():
        into = state.merged_into
        if into and (into not in states or _end(states, event_id) not in live):
            yield Problem("event", event_id, f"was merged into {into}, which leads to no live event")


def no_event_counts_a_source_twice(run: Run) -> Iterator[Problem]:
    """Sources of a state are distinct and those of its reports; its copies are those its articles have."""
    table = _table(run.log, LINKER_TABLE)
    copied: dict[tuple[str, str], int] = {}
    for key, value in table.items():
        if key.startswith(ARTICLE):
            topic, _, article = key.removeprefix(ARTICLE).partition(":")
            copied[topic, article] = ledger.decode(value).copied
            if len(set(ledger.decode(value).copies)) != len(ledger.decode(value).copies):
                yield Problem("source", article, "counts the same copy twice", "doubled")
    for event_id, state in events(run.log).items():
        counted = [*state.independent_sources, *(origin.name for origin in state.origins)]
        if len(set(state.independent_sources)) + len({o.name for o in state.origins}) != len(counted):
            yield Problem("source", event_id, f"counts a source twice: {', '.join(counted)}", "doubled")
        stored = table.get(f"{EVENT}{event_id}")
        if stored is None:
            continue
        held = record.decode(stored)
        behind = {domain(report.mention.article) for report in held.reports}
        behind |= {spilled.domain for spilled in held.spilled.values()}
        if behind != {told for origin in state.origins for told in origin.domains}:
            yield Problem("source", event_id, "names other sources than its reports come from")
        articles = {report.mention.article.id for report in held.reports} | held.spilled.keys()
        copies = sum(copied.get((state.topic, article), 0) for article in articles)
        if copies != state.copies:
            yield Problem("source", event_id, f"tells {state.copies} copies, and its articles have {copies}")


# Every stage against its pure code


def dedup_answered_as_undisturbed(run: Run) -> Iterator[Problem]:
    """What dedup sent and stored is what its code answers to articles.raw."""
    yield from _as_undisturbed("dedup", run, run.dedup, DEDUP_TABLE, (ARTICLES_UNIQUE.name, ARTICLES_DUPLICATES.name))


def extractor_answered_as_undisturbed(run: Run) -> Iterator[Problem]:
    """What the extractor sent is what its code answers to articles.unique and articles.duplicates."""
    yield from _as_undisturbed("extractor", run, run.extractor, "", (MENTIONS.name,))


def linker_answered_as_undisturbed(run: Run) -> Iterator[Problem]:
    """What the linker sent and stored is what its code answers to mentions."""
    topics = (EVENTS.name, *(name for name in BY_NAME if name.startswith("changes.")))
    yield from _as_undisturbed("linker", run, run.linker, LINKER_TABLE, topics)


def _as_undisturbed(stage: str, run: Run, answers: Answers, table: str, topics: Sequence[str]) -> Iterator[Problem]:
    poison = {(each.topic, each.value) for each in run.poison}
    for topic in topics:
        good = [each for each in _of(run.log, topic) if (topic, each.value) not in poison and each.message()]
        if BY_NAME[topic].compacted:
            held = {key.decode(): _canonical(each) for key, each in newest(good).items()}
            wanted = answers.last.get(topic, {})
            for key in sorted(held.keys() | wanted.keys()):
                if held.get(key) != wanted.get(key):
                    yield Problem(f"{stage} undisturbed", key, f"differs in {topic}: {_which(key, held, wanted)}")
            continue
        sent = Counter((each.id, _canonical(each)) for each in good)
        should = answers.sent.get(topic, Counter())
        for message_id, _ in sorted((sent - should).keys()):
            yield Problem(f"{stage} undisturbed", message_id, f"lies in {topic} too often, or changed", "doubled")
        for message_id, _ in sorted((should - sent).keys()):
            yield Problem(f"{stage} undisturbed", message_id, f"is missing in {topic}", "lost")
    if table:
        stored = _table(run.log, table)
        for key in sorted(stored.keys() | answers.stored.keys()):
            if stored.get(key) != answers.stored.get(key):
                yield Problem(f"{stage} table", key, f"differs: {_which(key, stored, answers.stored)}")


def _which(key: str, held: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> str:
    return "missing" if key not in held else "not wanted" if key not in wanted else "other content"


# Redis


def redis_equals_events(run: Run) -> Iterator[Problem]:
    """Redis holds the projection of the newest state of every event, byte for byte, and nothing else. Articles lead to
    events as long as an earlier state named them: they are not compared."""
    yield from redis_problems(run.log, run.redis)


def redis_problems(log: Log, redis: RedisDump) -> Iterator[Problem]:
    """Return where Redis differs from the newest states of `events`."""
    wanted = of_projections({event_id: project(state) for event_id, state in events(log).items()})
    for event_id in sorted(wanted.events.keys() | redis.events.keys()):
        held, should = redis.events.get(event_id), wanted.events.get(event_id)
        if held is None or should is None:
            yield Problem("redis", event_id, "is missing" if held is None else "is no event of the topic")
        elif held != should:
            yield Problem("redis", event_id, f"differs from its revision {should.revision}")
    for term in sorted(wanted.indexes.keys() | redis.indexes.keys()):
        if not term.startswith("article:") and wanted.indexes.get(term) != redis.indexes.get(term):
            yield Problem("redis", term, "the index holds other events")
    for order in sorted(wanted.orders.keys() | redis.orders.keys()):
        if wanted.orders.get(order) != redis.orders.get(order):
            yield Problem("redis", order, "events stand elsewhere in the order")


def no_change_is_told_twice(run: Run) -> Iterator[Problem]:
    """Each change stands in the stream of changes once."""
    for change, times in Counter(orjson.loads(raw)["id"] for raw in run.redis.changes).items():
        if times > 1:
            yield Problem("redis", change, f"stands {times} times in the stream of changes", "doubled")


# Dead letters


def dead_letters_are_the_poison(run: Run) -> Iterator[Problem]:
    """Each poisoned message has its dead letter, byte for byte, and nothing else has one."""
    letters: dict[str, DeadLetter] = {}
    times: Counter[str] = Counter()
    for message in messages(_of(run.log, DEAD_LETTERS.name)):
        if isinstance(message.value, DeadLetter):
            letters[message.value.id] = message.value
            times[message.value.id] += 1
    found = {(letter.stage, letter.topic, letter.value): letter for letter in letters.values()}
    for poison in run.poison:
        letter = found.pop((poison.stage, poison.topic, poison.value), None)
        if letter is None:
            yield Problem(
                "dead letter", poison.message_id or poison.topic, f"poison for {poison.stage} has none", "lost"
            )
            continue
        wanted = derive("dead-letter", poison.stage, poison.topic, poison.message_id or letter.message_id)
        if letter.id != wanted:
            yield Problem("dead letter", letter.id, f"should be {wanted}")
        if times[letter.id] > 1 and poison.stage not in RAN_AGAIN:
            yield Problem("dead letter", letter.id, f"of {poison.stage} was sent {times[letter.id]} times", "doubled")
    if len(letters) != len({(each.stage, each.topic, each.value) for each in letters.values()}):
        yield Problem("dead letter", "", "one message has two dead letters")
    for letter in found.values():
        yield Problem("dead letter", letter.id, f"{letter.stage} refused what was no poison: {letter.error}")


CHECKS: Final[Sequence[Callable[[Run], Iterator[Problem]]]] = (
    every_article_arrived_once,
    every_article_has_one_verdict,
    every_mention_is_in_one_live_event,
    every_live_event_is_told,
    no_event_counts_a_source_twice,
    dedup_answered_as_undisturbed,
    extractor_answered_as_undisturbed,
    linker_answered_as_undisturbed,
    redis_equals_events,
    no_change_is_told_twice,
    dead_letters_are_the_poison,
)


# Reading what a run left


def events(log: Log) -> dict[str, Event]:
    """Return the newest state of each event; what is none (a poisoned message) is left out."""
    found: dict[str, Event] = {}
    for each in newest(_of(log, EVENTS.name)).values():
        message = each.message()
        if message is not None and isinstance(message.value, Event) and message.value.id:
            found[message.value.id] = message.value
    return found


def _of(log: Log, topic: str) -> Sequence[Record]:
    return log.get(topic, ())


def _is_article(message: object) -> bool:
    value = getattr(message, "value", None)
    return isinstance(value, Article) and len(value.id) == len(derive(""))


def _table(log: Log, topic: str) -> dict[str, bytes]:
    return {key.decode(): each.value for key, each in newest(_of(log, topic)).items() if each.value is not None}


def _canonical(each: Record) -> bytes:
    """The value as this machine's Protobuf would write it."""
    message = each.message()
    return message.value.SerializeToString(deterministic=True) if message is not None else b""


def _holders(log: Log) -> tuple[dict[str, set[str]], Counter[str]]:
    """Return the live events that hold each mention, and how many mentions of each article are only counted."""
    holders: dict[str, set[str]] = {}
    spilled: Counter[str] = Counter()
    for key, value in _table(log, LINKER_TABLE).items():
        if not key.startswith(EVENT):
            continue
        held = record.decode(value)
        for report in held.reports:
            holders.setdefault(report.mention.id, set()).add(key.removeprefix(EVENT))
        for article, counted in held.spilled.items():
            spilled[article] += counted.mentions
    return holders, spilled


def _may_be_left_aside(mention: Mention) -> bool:
    return profile.of_mention(mention, profile.mention_words(mention)).bare and aside(mention)


def _end(states: Mapping[str, Event], event_id: str) -> str:
    for _ in range(len(states)):
        into = states[event_id].merged_into if event_id in states else ""
        if not into:
            break
        event_id = into
    return event_id


def _compare(check: str, wanted: Counter[str], found: Counter[str]) -> Iterator[Problem]:
    for missing, times in sorted((wanted - found).items()):
        yield Problem(check, missing, f"is missing ({times} of {wanted[missing]})", "lost")
    for extra, times in sorted((found - wanted).items()):
        yield Problem(check, extra, f"came {times} times too often", "doubled")
