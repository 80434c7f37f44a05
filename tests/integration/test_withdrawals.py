"""What a publisher takes back is taken back all the way: dedup, extractor and linker on the fetcher's own messages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.contracts.dateline.v1.article_pb2 import Article, Source
from services.contracts.dateline.v1.event_pb2 import Change, Event
from services.contracts.ids import article_id, lineage_id
from services.contracts.instants import to_timestamp
from services.contracts.topics import ARTICLES_RAW
from services.dedup.service import build as dedup
from services.extractor.service import build as extractor
from services.linker.service import build as linker
from services.runtime.inline import InlineFlow
from services.runtime.stage import Emit, Stage
from tests.unit.fetcher.feed_documents import NOW

TEXT = "Turkish police arrested the journalist Leyla Demir in Izmir on Monday, officials said.\nNobody else was held."
OTHER = "The journalist Leyla Demir was arrested by Turkish police in Izmir on Monday, her lawyer told reporters there."


class Flow:
    """The stages, and the latest state of every event that they know."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._flow = InlineFlow(stages)
        self.events: dict[str, Event] = {}
        self.kinds: list[str] = []

    def tell(self, outlet: str, revision: int = 1, text: str = TEXT, withdrawn: str = "") -> None:
        """Send one revision of the outlet's article; ``kinds`` are then the kinds of change because of it."""
        lineage = lineage_id(outlet, "a")
        article = Article(
            id=article_id(lineage, revision),
            lineage_id=lineage,
            revision=revision,
            supersedes=article_id(lineage, revision - 1) if revision > 1 else "",
            url=f"https://{outlet}/a",
            canonical_url=f"https://{outlet}/a",
            source=Source(domain=outlet),
            text="" if withdrawn else text,
            language="en",
            first_seen_at=to_timestamp(NOW),
            withdrawn=withdrawn,
        )
        self.kinds = []
        for sent in self._flow.send(Emit(ARTICLES_RAW, "en", article, article.id, NOW), NOW):
            if isinstance(sent.value, Event):
                self.events[sent.value.id] = sent.value
            elif isinstance(sent.value, Change):
                self.kinds.append(sent.value.kind)

    def standing(self) -> list[Event]:
        return [event for event in self.events.values() if not event.retracted]


@pytest.fixture(scope="module")
def reader() -> Stage:
    return extractor()


@pytest.fixture
def flow(reader: Stage) -> Flow:
    return Flow([dedup(), reader, linker()])


def test_an_event_whose_only_article_is_withdrawn_is_retracted(flow: Flow) -> None:
    flow.tell("one.example")
    assert [event.type for event in flow.standing()] == ["arrest"]
    flow.tell("one.example", 2, withdrawn="gone")
    assert flow.standing() == []
    assert flow.kinds == ["retracted"]


def test_an_event_that_another_outlet_tells_in_its_own_words_stands_with_one_source_less(flow: Flow) -> None:
    flow.tell("one.example")
    flow.tell("two.example", text=OTHER)
    flow.tell("one.example", 2, withdrawn="gone")
    (event,) = flow.standing()
    assert [evidence.article_url for evidence in event.evidence] == ["https://two.example/a"]


def test_an_event_stands_while_another_outlet_prints_the_same_text(flow: Flow) -> None:
    flow.tell("one.example")
    flow.tell("two.example")
    flow.tell("one.example", 2, withdrawn="gone")
    assert len(flow.standing()) == 1


def test_a_withdrawn_copy_is_counted_no_longer(flow: Flow) -> None:
    flow.tell("one.example")
    flow.tell("two.example")
    assert flow.standing()[0].copies == 1
    flow.tell("two.example", 2, withdrawn="gone")
    assert flow.standing()[0].copies == 0


def test_an_article_that_comes_back_tells_its_event_again(flow: Flow) -> None:
    flow.tell("one.example")
    flow.tell("one.example", 2, withdrawn="gone")
    flow.tell("one.example", 3)
    assert [event.type for event in flow.standing()] == ["arrest"]
