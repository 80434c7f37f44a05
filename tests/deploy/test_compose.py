"""docker-compose.yml is valid, and every container in it is bounded, pinned and without rights."""

import json
import re
from typing import Any

import pytest
from compose_spec import PyCompose

from services.runtime.settings import RuntimeSettings
from tests.deploy import compose_file
from tests.deploy.compose_file import ROOT

COMPOSE = compose_file.read()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
STAGES = {"fetcher", "dedup", "extractor", "linker", "cache", "api"}
EXACT_TAG = re.compile(r":v?\d+\.\d+\.\d+(-[a-z0-9.]+)?$")

every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_file_is_what_the_compose_specification_allows() -> None:
    PyCompose.from_json(json.dumps(COMPOSE)).to_spec()


def test_a_setting_that_the_specification_does_not_know_would_be_found() -> None:
    broken = compose_file.read()
    broken["services"]["api"]["memory_limit"] = "1g"
    with pytest.raises(ValueError, match="memory_limit"):
        PyCompose.from_json(json.dumps(broken))


def test_every_stage_and_what_they_need_is_there() -> None:
    others = {"kafka", "valkey", "topics", "newsroom", "prometheus", "alertmanager", "grafana", "kafka-exporter"}
    assert set(SERVICES) >= STAGES | others


@every_service
def test_its_image_is_pinned_to_an_exact_version(name: str) -> None:
    assert EXACT_TAG.search(SERVICES[name]["image"])


@every_service
def test_its_root_filesystem_is_read_only(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@every_service
def test_it_has_no_rights_beyond_those_of_its_user(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_it_does_not_run_as_root(name: str) -> None:
    if name in OURS:
        assert "user" not in SERVICES[name], "the image says who it runs as"
    else:
        assert int(SERVICES[name]["user"].split(":")[0]) > 0


@every_service
def test_its_memory_processors_and_processes_are_bounded(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 0 < service["cpus"] <= 2
    assert 0 < service["pids_limit"] <= 1024


@every_service
def test_its_log_cannot_fill_the_disk(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] == "json-file"
    assert set(logging["options"]) == {"max-size", "max-file"}


@every_service
def test_it_says_whether_it_is_well(name: str) -> None:
    if name == "topics":
        assert SERVICES[name]["healthcheck"] == {"disable": True}, "it ends by itself"
        assert SERVICES[name]["restart"] == "on-failure"
    else:
        assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        assert SERVICES[name]["restart"] == "unless-stopped"


@every_service
def test_it_is_found_on_this_machine_only_unless_an_env_says_otherwise(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@every_service
def test_what_it_mounts_and_waits_for_exists(name: str) -> None:
    service = SERVICES[name]
    for mount in service.get("volumes", ()):
        source = mount.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    for needed, condition in service.get("depends_on", {}).items():
        awaited = condition["condition"]
        assert awaited != "service_healthy" or SERVICES[needed]["healthcheck"]["test"]
        assert awaited != "service_completed_successfully" or SERVICES[needed]["restart"] != "unless-stopped"
    assert set(service.get("networks", ())) <= set(COMPOSE["networks"])


def test_stages_begin_when_kafka_is_well_and_its_topics_are_made() -> None:
    for name in STAGES - {"api"}:
        waits = SERVICES[name]["depends_on"]
        assert waits["kafka"]["condition"] == "service_healthy"
        assert waits["topics"]["condition"] == "service_completed_successfully"
    for name in ("cache", "api"):
        assert SERVICES[name]["depends_on"]["valkey"]["condition"] == "service_healthy"


def test_only_what_must_reaches_the_outside() -> None:
    assert COMPOSE["networks"]["bus"]["internal"] is True
    reaching = {name for name, service in SERVICES.items() if set(service.get("networks", ())) - {"bus"}}
    assert reaching == {"fetcher", "api", "prometheus", "alertmanager", "grafana"}


def test_prometheus_finds_each_service_under_one_address() -> None:
    for name in SERVICES.keys() - {"prometheus", "newsroom"}:
        shared = set(SERVICES[name]["networks"]) & set(SERVICES["prometheus"]["networks"])
        assert name in ("alertmanager", "grafana") or shared == {"bus"}


def test_kafka_is_one_node_that_keeps_its_log_in_a_volume_and_makes_no_topics_by_itself() -> None:
    kafka = SERVICES["kafka"]
    environment = kafka["environment"]
    assert environment["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert f"kafka-data:{environment['KAFKA_LOG_DIRS']}" in kafka["volumes"]
    assert len(environment["CLUSTER_ID"]) == 22, "16 bytes as base64"


def test_kafka_takes_messages_as_large_as_dateline_sends() -> None:
    from services.runtime.kafka_client import LARGEST_BYTES

    assert int(SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]) == LARGEST_BYTES


def test_valkey_keeps_every_write_and_drops_none() -> None:
    command = SERVICES["valkey"]["command"]
    assert "--appendonly yes --appendfsync everysec" in command
    assert "--maxmemory-policy noeviction" in command
    assert "valkey-data:/data" in SERVICES["valkey"]["volumes"]


def test_extractors_can_be_scaled() -> None:
    extractor = SERVICES["extractor"]
    assert "container_name" not in extractor
    assert "ports" not in extractor
    assert "DATELINE_WORKER" not in extractor["environment"], "two copies of one name"
    assert "$HOSTNAME" in extractor["entrypoint"][-1]


def test_no_two_stages_share_a_volume_or_a_name() -> None:
    volumes = [mount for name in STAGES for mount in SERVICES[name].get("volumes", ()) if not mount.startswith(".")]
    workers = [
        SERVICES[name]["environment"]["DATELINE_WORKER"]
        for name in STAGES
        if "DATELINE_WORKER" in SERVICES[name]["environment"]
    ]
    assert len(volumes) == len(set(volumes))
    assert len(workers) == len(set(workers)) == 4


def test_every_setting_is_one_that_dateline_reads() -> None:
    from services.api.settings import Settings as ApiSettings
    from services.cli.subscriptions import FEED_FILES
    from services.fetcher.settings import FetcherSettings

    known = {FEED_FILES}
    for kind in (RuntimeSettings, ApiSettings, FetcherSettings):
        known |= {f"{kind.model_config['env_prefix']}{field.upper()}" for field in kind.model_fields}
    given = {variable for name in OURS for variable in SERVICES[name]["environment"]}
    assert given <= known


def test_each_image_is_built_with_the_extras_of_its_service() -> None:
    for name in STAGES:
        assert SERVICES[name]["build"]["args"]["EXTRAS"].split(",")[0] == name
    for name in OURS:
        build = SERVICES[name]["build"]
        assert (ROOT / build["context"] / build["dockerfile"]).is_file()
    extras = {SERVICES[name]["image"]: SERVICES[name]["build"]["args"]["EXTRAS"] for name in OURS}
    assert all(SERVICES[name]["build"]["args"]["EXTRAS"] == extras[SERVICES[name]["image"]] for name in OURS)


def test_without_an_env_the_sample_newsroom_is_polled() -> None:
    assert SERVICES["fetcher"]["environment"]["DATELINE_FEED_FILES"] == "/feeds/sample.opml"
    assert SERVICES["newsroom"]["environment"]["DATELINE_FEED_FILES"] == "/feeds/sample.opml"
    assert SERVICES["newsroom"]["network_mode"] == "service:fetcher"


def test_an_env_turns_on_real_feeds_and_silences_the_newsroom() -> None:
    services = compose_file.read({"DATELINE_FEEDS": "/feeds/world.opml"})["services"]
    assert services["fetcher"]["environment"]["DATELINE_FEED_FILES"] == "/feeds/world.opml"
    assert services["newsroom"]["environment"]["DATELINE_FEED_FILES"] == "/feeds/world.opml"
    assert "*sample.opml*) exec python" in services["newsroom"]["command"][0]


def test_what_the_example_env_offers_is_what_the_file_looks_at() -> None:
    offered = set(re.findall(r"(?m)^# ([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8")))
    assert offered
    assert offered <= compose_file.variables()


def test_every_variable_the_file_looks_at_is_documented() -> None:
    words = set(re.findall(r"\w+", (ROOT / "docs" / "deployment.md").read_text("utf-8")))
    assert compose_file.variables() - {"KAFKA_CLUSTER_ID"} <= words
