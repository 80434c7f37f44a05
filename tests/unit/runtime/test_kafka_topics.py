"""What Dateline's topics should be on Kafka."""

from __future__ import annotations

import pytest

from services.contracts.topics import ALL, ARTICLES_RAW, EVENTS, MENTIONS
from services.runtime.kafka_topics import SOURCES, STATEFUL, Spec, changelog_of, wanted

SPECS = {spec.name: spec for spec in wanted(1)}
DAY_MS = 24 * 3600 * 1000


def test_every_declared_topic_is_wanted_with_its_partitions() -> None:
    assert {name: spec.partitions for name, spec in SPECS.items() if not name.startswith("dateline-")} == {
        topic.name: topic.partitions for topic in ALL
    }


def test_a_stage_with_state_has_a_changelog_partitioned_like_its_input() -> None:
    assert SPECS[changelog_of("dedup")].partitions == ARTICLES_RAW.partitions
    assert SPECS[changelog_of("linker")].partitions == MENTIONS.partitions
    assert SPECS[changelog_of("fetcher")].partitions == 1


def test_the_stages_that_keep_state_are_those_whose_stage_says_so() -> None:
    from services.dedup.service import build as dedup
    from services.linker.service import build as linker

    stages = [build() for build in (dedup, linker)]
    assert {stage.name: stage.inputs[0] for stage in stages if stage.stateful} == dict(STATEFUL)


def test_a_log_is_kept_for_its_retention_and_never_cut_by_size() -> None:
    configs = SPECS[ARTICLES_RAW.name].configs
    assert configs["cleanup.policy"] == "delete"
    assert configs["retention.ms"] == str(3 * DAY_MS)
    assert configs["retention.bytes"] == "-1"


@pytest.mark.parametrize("name", [EVENTS.name, *(changelog_of(each) for each in (*STATEFUL, *SOURCES))])
def test_latest_values_and_changelogs_are_compacted_and_kept_for_ever(name: str) -> None:
    configs = SPECS[name].configs
    assert configs["cleanup.policy"] == "compact"
    assert configs["retention.ms"] == "-1"
    assert configs["delete.retention.ms"] == str(7 * DAY_MS)


@pytest.mark.parametrize(("replication", "insync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_with_three_replicas_two_must_have_a_message(replication: int, insync: str) -> None:
    assert {spec.configs["min.insync.replicas"] for spec in wanted(replication)} == {insync}


def test_without_a_number_of_replicas_the_cluster_decides() -> None:
    assert {spec.replication for spec in wanted(None)} == {None}
    assert not any("min.insync.replicas" in spec.configs for spec in wanted(None))


def test_keys_stay_where_a_table_or_a_compacted_log_hangs_on_them() -> None:
    def keeping(spec: Spec) -> bool:
        return spec.keeps_keys

    kept = {spec.name for spec in filter(keeping, SPECS.values())}
    changelogs = {changelog_of(each) for each in (*STATEFUL, *SOURCES)}
    assert kept == {"articles.raw", "mentions", "events"} | changelogs
