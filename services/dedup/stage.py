"""The dedup stage: every article in, new ones and revisions out, copies told apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

import numpy as np

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle, Verdict
from services.contracts.ids import derive
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, Topic
from services.dedup.decide import Decision, decide, decide_withdrawal
from services.dedup.entry import DECISIONS, NO_ID, UNIQUE, Entry, decode, encode, id_bytes
from services.dedup.fingerprint import Fingerprint, fingerprint, fingerprints
from services.dedup.memory import Memory
from services.dedup.thresholds import EXPIRED_A_MESSAGE, EXPIRED_A_STEP, HORIZON
from services.runtime.stage import Emit, Failure, Health, Message, Outcome, Stage, Write

WITHDRAWN: Final = "withdrawn"
"""What the verdict calls the revision that takes an article back."""
_HORIZON_S: Final = int(HORIZON.total_seconds())


class Dedup(Stage):
    """Decides for each article: new, copy or revision. One instance for one language.

    The revision by which a publisher takes an article back goes on too, unless others were found to print its text.

    ``of_article_id`` of a copy is the latest revision that went on of the article it copies: the id under which that
    article's mentions stand now. Table: one entry an article, keyed by its id, removed once older than HORIZON by the
    time of the messages, or by the clock where none come.
    """

    name: ClassVar[str] = "dedup"
    inputs: ClassVar[tuple[Topic, ...]] = (ARTICLES_RAW,)
    outputs: ClassVar[tuple[Topic, ...]] = (ARTICLES_UNIQUE, ARTICLES_DUPLICATES)
    stateful: ClassVar[bool] = True

    def __init__(self) -> None:
        self._memory = Memory()

    def handle(self, message: Message, now: datetime) -> Outcome:
        """Answer one article. Raises ValueError for an article id that is none, TypeError for another message."""
        return self._answer(message, fingerprint(_article(message)))

    def handle_many(self, messages: Sequence[Message], now: datetime) -> list[Outcome | Failure]:
        """Answer articles in order. Their texts are read all at once, which takes a third less time."""
        try:
            read = fingerprints([_article(message) for message in messages])
        except Exception:  # one of them is at fault: let each answer for itself
            return super().handle_many(messages, now)
        return self._in_order(
            partial(self._answer, message, print_) for message, print_ in zip(messages, read, strict=True)
        )

    def due(self, now: datetime) -> Outcome:
        """Forget some of the articles that are older than HORIZON at ``now``: a silent language costs nothing."""
        old = self._memory.expired(int(now.timestamp()) - _HORIZON_S, EXPIRED_A_STEP)
        return Outcome((), tuple(Write(article, None) for article in old))

    def apply(self, write: Write) -> None:
        """Remember or forget one article. Raises ValueError for an entry of another version."""
        if write.value is None:
            self._memory.forget(write.key)
        else:
            self._memory.put(decode(write.value))

    def health(self) -> Health:
        """Articles remembered, and bytes of the tables that hold them."""
        return Health({"articles": float(len(self._memory)), "table_bytes": float(self._memory.nbytes)})

    def _answer(self, message: Message, read: Fingerprint) -> Outcome:
        article = _article(message)
        entry = _entry(article, read, max(0, int(message.time.timestamp())))
        found = self._memory.matches(entry)
        if found.same_id is not None:  # delivered again: the same answer, nothing to store
            return Outcome(emits=(self._repeat(article, found.same_id, message.time),))
        if article.withdrawn:
            if found.same_lineage is not None and self._memory.copied(found.same_lineage):
                return Outcome()  # others print it as well: what it says stands as long as they do
            decision = decide_withdrawal(found)
        else:
            decision = decide(entry, found, self._memory)
        entry, of_url = self._settled(entry, decision)
        writes = [Write(article.id, encode(entry))]
        writes += [Write(old, None) for old in self._memory.expired(entry.at_s - _HORIZON_S, EXPIRED_A_MESSAGE)]
        return Outcome((_emit(article, entry, of_url, message.time),), tuple(writes))

    def _settled(self, entry: Entry, decision: Decision) -> tuple[Entry, str]:
        """Return the entry with its decision, and the address of the article it is compared with."""
        of, of_url = NO_ID, ""
        if decision.row is not None:
            of = self._memory.records([decision.row])["id"][0].tobytes()
            of_url = self._memory.url(decision.row)
        # As single precision, in which they are stored: a repeated answer must be the same to the last bit.
        similarity, share = float(np.float32(decision.similarity)), float(np.float32(decision.containment))
        return entry.decided(decision.decision, of, similarity, share), of_url

    def _repeat(self, article: Article, row: int, time: datetime) -> Emit:
        """Return what was emitted when the article came first."""
        known = self._memory.records([row])[0]
        of = known["of"].tobytes()
        of_row = self._memory.row_of(of) if of != NO_ID else None
        entry = Entry(
            int(known["decision"]),
            int(known["revision"]),
            int(known["at"]),
            known["id"].tobytes(),
            of,
            float(known["similarity"]),
            float(known["containment"]),
        )
        return _emit(article, entry, "" if of_row is None else self._memory.url(of_row), time)


def _article(message: Message) -> Article:
    if not isinstance(message.value, Article):
        raise TypeError(f"dedup reads Article from {ARTICLES_RAW.name}, got {type(message.value).__name__}")
    return message.value


def _entry(article: Article, read: Fingerprint, at_s: int) -> Entry:
    """Return the entry of an article as if it went on."""
    return Entry(
        decision=UNIQUE,
        revision=min(article.revision, 0xFFFF),
        at_s=at_s,
        id=id_bytes(article.id),
        of=NO_ID,
        similarity=0.0,
        containment=0.0,
        size=read.size,
        lineage=read.lineage,
        address=read.address,
        digest=read.digest,
        numbers=read.facts.numbers,
        names=read.facts.names,
        sketch=read.sketch,
        url=article.url,
    )


def _emit(article: Article, entry: Entry, of_url: str, time: datetime) -> Emit:
    verdict = Verdict(
        article_id=article.id,
        article_url=article.url,
        decision=WITHDRAWN if article.withdrawn else DECISIONS[entry.decision],
        of_article_id=entry.of.hex() if entry.of != NO_ID else "",
        of_url=of_url,
        similarity=entry.similarity,
        containment=entry.containment,
        source=article.source,
        first_seen_at=article.first_seen_at,
        language=article.language,
        sample=article.sample,
    )
    if entry.is_canonical:
        value = UniqueArticle(article=article, verdict=verdict)
        return Emit(ARTICLES_UNIQUE, article.id, value, derive("unique", article.id), time)
    return Emit(ARTICLES_DUPLICATES, article.id, verdict, derive("duplicate", article.id), time)
