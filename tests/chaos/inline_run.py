"""A run without Kafka: every article goes through all stages before the next one comes. For tests of the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.cache.projection import project
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, MENTIONS
from services.dedup.stage import Dedup
from services.extractor.stage import Extractor
from services.linker.stage import Linker
from services.runtime.dead_letters import dead_letter
from services.runtime.entry import headers_of
from services.runtime.stage import Emit, Outcome, Stage
from tests.chaos.answers import answers
from tests.chaos.articles import Newsdesk
from tests.chaos.checks import DEDUP_TABLE, LINKER_TABLE, Poison, Run, events
from tests.chaos.record import Record
from tests.chaos.redis_dump import RedisDump, of_projections

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
ARTICLES = 150
LANGUAGES = ("en", "de", "fr", "es", "pt", "it")


class Topics:
    """A log in memory."""

    def __init__(self) -> None:
        self.log: dict[str, list[Record]] = {}

    def send(self, emit: Emit, partition: int) -> Record:
        value = emit.value.SerializeToString(deterministic=True)
        return self.put(emit.topic.name, partition, emit.key, value, headers_of(emit, "/dateline/test", ""))

    def put(
        self, topic: str, partition: int, key: str, value: bytes | None, headers: Mapping[str, bytes] | None = None
    ) -> Record:
        there = self.log.setdefault(topic, [])
        found = Record(topic, partition, len(there), key.encode(), value, headers or {})
        there.append(found)
        return found


def undisturbed_run() -> Run:
    """Every article goes through all stages before the next one comes; one message is poison."""
    extractor = Extractor("lead")
    topics, published = Topics(), {}
    dedups = {language: Dedup() for language in LANGUAGES}
    linkers = {family: Linker() for family in TOPIC_FAMILIES}

    def answer(stage: Stage, found: Record, table: str) -> Sequence[Emit]:
        message = found.message()
        assert message is not None
        (outcome,) = stage.handle_many([message], NOW)
        assert isinstance(outcome, Outcome)
        for write in outcome.writes:
            topics.put(table, found.partition, write.key, write.value)
        return outcome.emits

    for each in Newsdesk(11, NOW).publications(ARTICLES):
        published[each.article.id] = 1
        article = Emit(ARTICLES_RAW, each.article.language, each.article, each.article.id, each.at)
        raw = topics.send(article, LANGUAGES.index(each.article.language))
        for verdict in answer(dedups[each.article.language], raw, DEDUP_TABLE):
            for batch in answer(extractor, topics.send(verdict, 0), ""):
                sent = topics.send(batch, TOPIC_FAMILIES.index(batch.key))
                for event in answer(linkers[batch.key], sent, LINKER_TABLE):
                    topics.send(event, 0)
    topics.put(MENTIONS.name, 3, TOPIC_FAMILIES[3], b"\xff poison")
    letter = dead_letter(
        stage="linker",
        topic=MENTIONS.name,
        key=TOPIC_FAMILIES[3],
        message_id=topics.log[MENTIONS.name][-1].id,
        value=b"\xff poison",
        headers={},
        error=ValueError("no message"),
        now=NOW,
    )
    topics.send(letter, 0)
    return Run(
        published=published,
        poison=(Poison("linker", MENTIONS.name, b"\xff poison", ""),),
        log=topics.log,
        redis=redis_of(topics.log),
        dedup=answers(Dedup, only(topics.log, ARTICLES_RAW.name)),
        extractor=answers(lambda: extractor, only(topics.log, ARTICLES_UNIQUE.name, ARTICLES_DUPLICATES.name)),
        linker=answers(Linker, only(topics.log, MENTIONS.name)),
    )


def only(log: Mapping[str, Sequence[Record]], *topics: str) -> dict[str, Sequence[Record]]:
    return {topic: log[topic] for topic in topics}


def redis_of(log: Mapping[str, Sequence[Record]]) -> RedisDump:
    """What the cache makes of the newest states."""
    projections = {event_id: project(state) for event_id, state in events(log).items()}
    changes = tuple(change for shown in projections.values() for change in shown.changes)
    return replace(of_projections(projections), changes=changes)
