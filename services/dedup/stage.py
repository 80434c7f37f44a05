"""The dedup stage: every article in, new ones and revisions out, copies told apart."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

import numpy as np

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle, Verdict
from services.contracts.ids import derive
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, Topic
from services.dedup.decide import Decision, decide
from services.dedup.entry import DECISIONS, RECORD, Entry, Record, decode, encode, id_text, id_words, is_canonical
from services.dedup.fingerprint import Fingerprint, fingerprint
from services.dedup.memory import Memory
from services.dedup.thresholds import EXPIRED_A_MESSAGE, HORIZON
from services.runtime.stage import Emit, Health, Message, Outcome, Stage, Write

_HORIZON_S: Final = int(HORIZON.total_seconds())


class Dedup(Stage):
    """Decides for each article: new, copy or revision. One instance for one language.

    ``of_article_id`` of a copy is the latest revision that went on of the article it copies: the id under which that
    article's mentions stand now. Table: one entry an article, keyed by its id, removed once older than HORIZON by the
    time of the messages.
    """

    name: ClassVar[str] = "dedup"
    inputs: ClassVar[tuple[Topic, ...]] = (ARTICLES_RAW,)
    outputs: ClassVar[tuple[Topic, ...]] = (ARTICLES_UNIQUE, ARTICLES_DUPLICATES)
    stateful: ClassVar[bool] = True

    def __init__(self) -> None:
        self._memory = Memory()

    def handle(self, message: Message, now: datetime) -> Outcome:
        """Answer one article. Raises ValueError for an article id that is none, TypeError for another message."""
        article = message.value
        if not isinstance(article, Article):
            raise TypeError(f"dedup reads Article from {ARTICLES_RAW.name}, got {type(article).__name__}")
        at_s = max(0, int(message.time.timestamp()))
        record = _record(article, fingerprint(article), at_s)
        found = self._memory.matches(record)
        if found.same_id is not None:  # delivered again: the same answer, nothing to store
            return Outcome(emits=(_emit(article, self._memory.records(found.same_id), self._memory, message.time),))
        decision = decide(record, found, self._memory)
        self._settle(record, decision)
        url = article.url if is_canonical(decision.decision) else ""
        writes = [Write(article.id, encode(Entry(record, url)))]
        writes += [Write(old, None) for old in self._memory.expired(at_s - _HORIZON_S, EXPIRED_A_MESSAGE)]
        return Outcome(emits=(_emit(article, record, self._memory, message.time),), writes=tuple(writes))

    def apply(self, write: Write) -> None:
        """Remember or forget one article. Raises ValueError for an entry of another version."""
        if write.value is None:
            self._memory.forget(write.key)
        else:
            self._memory.put(decode(write.value))

    def health(self) -> Health:
        """Articles remembered, and bytes of the tables that hold them."""
        return Health({"articles": float(len(self._memory)), "table_bytes": float(self._memory.nbytes)})

    def _settle(self, record: Record, decision: Decision) -> None:
        record["decision"] = decision.decision
        record["similarity"] = decision.similarity
        record["containment"] = decision.containment
        if decision.row is not None:
            record["of"] = self._memory.records(decision.row)["id"]


def _record(article: Article, read: Fingerprint, at_s: int) -> Record:
    """Return the record of an article that goes on; ``_settle`` makes another one of it."""
    record = np.zeros(1, dtype=RECORD)
    record["decision"] = 1
    record["revision"] = min(article.revision, 0xFFFF)
    record["at"] = at_s
    record["size"] = read.size
    record["id"] = id_words(article.id)
    record["lineage"] = read.lineage
    record["address"] = read.address
    record["digest"] = np.frombuffer(read.digest, dtype="<u8")
    record["numbers"] = np.frombuffer(read.facts.numbers, dtype=np.uint8)
    record["names"] = np.frombuffer(read.facts.names, dtype=np.uint8)
    record["sketch"] = read.sketch
    return record


def _emit(article: Article, record: Record, memory: Memory, time: datetime) -> Emit:
    decision = int(record["decision"][0])
    verdict = Verdict(
        article_id=article.id,
        article_url=article.url,
        decision=DECISIONS[decision],
        similarity=float(record["similarity"][0]),
        containment=float(record["containment"][0]),
        source=article.source,
        first_seen_at=article.first_seen_at,
        language=article.language,
        sample=article.sample,
    )
    of = record["of"][0]
    if of.any():
        row = memory.row_of(of)
        verdict.of_article_id = id_text(of)
        verdict.of_url = "" if row is None else memory.url(row)
    if is_canonical(decision):
        value = UniqueArticle(article=article, verdict=verdict)
        return Emit(ARTICLES_UNIQUE, article.id, value, derive("unique", article.id), time)
    return Emit(ARTICLES_DUPLICATES, article.id, verdict, derive("duplicate", article.id), time)
