from __future__ import annotations

from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator

from services.api import webhook_messages
from services.api.alert_rules import Rule, fired_json
from services.api.alerts import read_fired
from services.api.changes import read_entry
from services.api.sse import too_slow
from services.api.values import CHANGE_KINDS
from services.cache.projection import project
from services.contracts.topics import ALL, BY_NAME
from tests.conftest import REPO
from tests.unit.cache.events import make_event

LOG_SERVER = "#/servers/log"


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
        name: channel for name, channel in document["channels"].items() if {"$ref": LOG_SERVER} in channel["servers"]
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


def wrong(document: Any, message: str, payload: Any) -> list[str]:
    """What is wrong with a payload as its message is described."""
    schema = {"$ref": f"#/components/messages/{message}/payload", "components": document["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(payload)]


def test_every_example_is_as_its_message_is_described(document: Any) -> None:
    examples = {
        name: [example["payload"] for example in message.get("examples", ())]
        for name, message in document["components"]["messages"].items()
    }
    assert [name for name, found in examples.items() for each in found if wrong(document, name, each)] == []
    assert {name for name, found in examples.items() if found} > {"StreamedChange", "FiredAlert", "WebhookAlert"}


def test_what_is_really_sent_is_as_it_is_described(document: Any) -> None:
    entry = read_entry(b"5-0", project(make_event("a", killed=[("a.example", 3.0)])).changes[0])
    fired = read_fired(b"6-0", fired_json(Rule("al_1", "n", {}, 0, (0, 0)), entry))
    sent = {
        "StreamedChange": entry.raw,
        "FiredAlert": fired.raw,
        "TooSlow": too_slow().split(b"data: ")[1],
        "WebhookChange": webhook_messages.change_message(entry).body,
        "WebhookAlert": webhook_messages.alert_message(fired).body,
        "WebhookMissed": webhook_messages.missed_message("changes", (1, 0), (2, 0)).body,
        "WebhookTest": webhook_messages.test_message("wh_1", "t", 5).body,
        "WebhookDisabled": webhook_messages.disabled_message("wh_1", "https://a.example/", "why", 5).body,
    }
    assert [found for name, body in sent.items() for found in wrong(document, name, orjson.loads(body))] == []
