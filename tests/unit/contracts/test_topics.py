"""The topics hold together: each has one name, somebody who reads it, and a value that can be told from others."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FieldDescriptor

from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import (
    ALL,
    ARTICLES_DUPLICATES,
    ARTICLES_RAW,
    ARTICLES_UNIQUE,
    BY_NAME,
    CHANGES,
    DEAD_LETTERS,
    EVENTS,
    MENTIONS,
    Topic,
    upstream,
)


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(ALL)
    assert all(BY_NAME[topic.name] is topic for topic in ALL)


@pytest.mark.parametrize("topic", ALL, ids=lambda topic: topic.name)
def test_a_message_is_kept_until_its_readers_have_it_or_for_a_number_of_others(topic: Topic) -> None:
    # Neither: a stream that grows for ever. Both: one that loses what a slow reader still needs.
    assert bool(topic.readers) != bool(topic.keep)


@pytest.mark.parametrize("topic", ALL, ids=lambda topic: topic.name)
def test_the_cloudevents_type_is_the_name_of_the_value(topic: Topic) -> None:
    assert topic.ce_type == f"dateline.v1.{topic.value.__name__}"


@pytest.mark.parametrize("topic", ALL, ids=lambda topic: topic.name)
def test_a_value_has_an_empty_form_that_can_be_read_back(topic: Topic) -> None:
    assert topic.value.FromString(topic.value().SerializeToString()) == topic.value()
    assert all(field.type != FieldDescriptor.TYPE_GROUP for field in topic.value.DESCRIPTOR.fields)


def test_each_topic_carries_what_the_flow_says() -> None:
    carried = {topic.name: topic.value.__name__ for topic in ALL if topic not in CHANGES.values()}
    assert carried == {
        "articles.raw": "Article",
        "articles.unique": "UniqueArticle",
        "articles.duplicates": "Verdict",
        "mentions": "MentionBatch",
        "events": "Event",
        "dead-letters": "DeadLetter",
    }


def test_every_family_has_its_topic_of_changes() -> None:
    assert tuple(CHANGES) == TOPIC_FAMILIES
    assert {topic.name for topic in CHANGES.values()} == {f"changes.{family}" for family in TOPIC_FAMILIES}
    assert {topic.value.__name__ for topic in CHANGES.values()} == {"Change"}


def test_the_flow_is_connected() -> None:
    assert {topic.name: topic.readers for topic in (ARTICLES_RAW, ARTICLES_UNIQUE, ARTICLES_DUPLICATES)} == {
        "articles.raw": ("dedup",),
        "articles.unique": ("extractor",),
        "articles.duplicates": ("extractor",),
    }
    assert (MENTIONS.readers, EVENTS.readers, DEAD_LETTERS.readers) == (("linker",), ("cache",), ())


def test_only_states_are_compacted_and_they_are_kept_for_ever() -> None:
    assert [topic.name for topic in ALL if topic.compacted or topic.retention is None] == ["events"]


def test_mentions_have_a_partition_for_every_family() -> None:
    assert MENTIONS.partitions == len(TOPIC_FAMILIES)


def test_what_waits_upstream_of_a_stage_is_found_through_who_writes_and_who_reads() -> None:
    assert upstream(ARTICLES_RAW) == ()
    assert upstream(MENTIONS) == (ARTICLES_UNIQUE, ARTICLES_DUPLICATES, ARTICLES_RAW)
    assert upstream(EVENTS)[0] is MENTIONS


@pytest.mark.parametrize("topic", [topic for topic in ALL if topic is not DEAD_LETTERS], ids=lambda topic: topic.name)
def test_every_topic_names_who_writes_it(topic: Topic) -> None:
    readers = {reader for other in ALL for reader in other.readers}
    assert topic.writers
    assert set(topic.writers) <= {"fetcher", *readers}
