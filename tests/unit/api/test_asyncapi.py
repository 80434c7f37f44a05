from __future__ import annotations

from typing import Any

import pytest
import yaml

from services.api.values import CHANGE_KINDS
from services.contracts.topics import ALL, BY_NAME
from tests.conftest import REPO

STREAM_SERVER = "#/servers/api"


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load((REPO / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))


def addresses(channel: dict[str, Any]) -> list[str]:
    """The addresses of a channel, its parameter filled in with each of its values."""
    found = [channel["address"]]
    for name, parameter in channel.get("parameters", {}).items():
        found = [address.replace("{" + name + "}", value) for address in found for value in parameter["enum"]]
    return found


def on_the_log(document: Any) -> dict[str, dict[str, Any]]:
    return {
        name: channel
        for name, channel in document["channels"].items()
        if {"$ref": STREAM_SERVER} not in channel["servers"]
    }


def test_its_channels_are_the_topics(document: Any) -> None:
    described = [address for channel in on_the_log(document).values() for address in addresses(channel)]
    assert sorted(described) == sorted(topic.name for topic in ALL)


def test_each_channel_carries_what_its_topic_carries(document: Any) -> None:
    for channel in on_the_log(document).values():
        (message,) = channel["messages"].values()
        name = message["$ref"].rsplit("/", 1)[-1]
        described = document["components"]["messages"][name]
        for address in addresses(channel):
            assert described["headers"]["properties"]["ce_type"]["const"] == BY_NAME[address].ce_type


def test_each_operation_and_reference_leads_somewhere(document: Any) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [value for key, value in node.items() if key == "$ref"] + [
                found for value in node.values() for found in references(value)
            ]
        return [found for item in node for found in references(item)] if isinstance(node, list) else []

    for reference in references(document):
        if not reference.startswith("#/"):
            assert (REPO / "docs" / reference.split("#")[0]).is_file(), reference
            continue
        node = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_the_stream_of_changes_names_every_kind(document: Any) -> None:
    change = document["components"]["schemas"]["Change"]
    assert tuple(change["properties"]["kind"]["enum"]) == CHANGE_KINDS


def test_it_is_asyncapi_3(document: Any) -> None:
    assert document["asyncapi"] == "3.0.0"
