"""Articles and a stage to give them to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.dateline.v1.article_pb2 import Article, Source, UniqueArticle, Verdict
from services.contracts.ids import article_id, lineage_id
from services.contracts.topics import ARTICLES_RAW
from services.dedup.stage import Dedup
from services.runtime.stage import Message, Outcome, Write

START = datetime(2031, 11, 19, 9, tzinfo=UTC)


def make_message(
    text: str,
    name: str = "one",
    title: str = "",
    revision: int = 1,
    domain: str = "first.example",
    url: str | None = None,
    after: timedelta = timedelta(0),
) -> Message:
    lineage = lineage_id(domain, name)
    article = Article(
        id=article_id(lineage, revision),
        lineage_id=lineage,
        revision=revision,
        supersedes=article_id(lineage, revision - 1) if revision > 1 else "",
        url=url if url is not None else f"https://{domain}/news/{name}",
        canonical_url=url if url is not None else f"https://{domain}/news/{name}",
        source=Source(domain=domain),
        title=title,
        text=text,
        language="en",
    )
    article.first_seen_at.FromDatetime(START + after)
    return Message(ARTICLES_RAW, "en", article, article.id, START + after)


class Newsroom:
    """A stage together with the table a runtime would keep for it."""

    def __init__(self) -> None:
        self.stage = Dedup()
        self.table: dict[str, bytes] = {}
        self.last = Outcome()

    def tell(self, text: str, name: str = "one", **about: object) -> Verdict:
        return self.deliver(make_message(text, name, **about))  # type: ignore[arg-type]

    def deliver(self, message: Message) -> Verdict:
        self.last = self.stage.handle(message, START)
        for write in self.last.writes:
            self.stage.apply(write)
            if write.value is None:
                self.table.pop(write.key, None)
            else:
                self.table[write.key] = write.value
        return verdict_of(self.last)

    def restarted(self, keys: Sequence[str]) -> Dedup:
        stage = Dedup()
        stage.load(Write(key, self.table[key]) for key in keys)
        return stage


def verdict_of(outcome: Outcome) -> Verdict:
    (emit,) = outcome.emits
    value = emit.value.verdict if isinstance(emit.value, UniqueArticle) else emit.value
    assert isinstance(value, Verdict)
    return value


@pytest.fixture
def newsroom() -> Newsroom:
    return Newsroom()


@pytest.fixture
def message() -> Callable[..., Message]:
    return make_message


@pytest.fixture
def wire_story() -> list[str]:
    """The paragraphs of one report."""
    return [
        "LISBON (Wire) - The ferry operator Marlin Lines said on Tuesday that it would withdraw all 14 of its older "
        "vessels from the northern route after inspectors found cracks in the hull of one of them last week.",
        "The company's chief executive, Joana Prates, told reporters that the ships would be replaced within 18 months "
        "and that no passenger had been in danger at any time since the fault was first noticed by the crew.",
        "Unions representing some 2,300 workers asked the government in Porto to guarantee their wages while the ships "
        "stay in harbour, and warned that they would otherwise walk out before the holiday season begins in December.",
        "Transport Minister Rui Falcato said the state would study the request together with the port authority, but "
        "made no promise about money, which he said was a matter for parliament and for next year's budget talks.",
    ]
