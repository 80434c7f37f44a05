"""Addresses of Kafka: what is one, and which one a command takes."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from services.cli import main
from services.cli.kafka_address import KafkaAddressError, checked_address, kafka_of_this_folder, kafka_or_default


def test_bootstrap_servers_are_a_list() -> None:
    assert checked_address(" a:9092, [::1]:1 ,") == "a:9092,[::1]:1"


@pytest.mark.parametrize("text", ["", ",", "kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "kafka:9x", "a:1,b"])
def test_what_is_no_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(KafkaAddressError, match=r"write host:port, such as 127\.0\.0\.1:9092"):
        checked_address(text)


@pytest.mark.parametrize("text", ["http://kafka:9092", "a:1,PLAINTEXT://kafka:9092"])
def test_a_url_is_told_from_an_address(text: str) -> None:
    with pytest.raises(KafkaAddressError, match=r"kafka:9092' is a URL, and Kafka has none: write host:port"):
        checked_address(text)


def test_without_an_address_the_running_up_of_the_data_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    assert kafka_or_default(None) == "127.0.0.1:9092"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "up.json").write_bytes(orjson.dumps({"board": "http://x", "kafka": "127.0.0.1:9099"}))
    assert kafka_or_default(None) == "127.0.0.1:9099"
    assert kafka_or_default("other:1") == "other:1"


@pytest.mark.parametrize("note", [b"[]", b"{", b'{"kafka": 3}', b'{"board": "http://x"}'])
def test_a_note_without_a_kafka_names_none(note: bytes, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "up.json").write_bytes(note)
    assert kafka_of_this_folder(tmp_path) == ""


def test_up_takes_an_address_or_the_word_local() -> None:
    refused = CliRunner().invoke(main, ["up", "--kafka", "here"])
    assert refused.exit_code == 2
    assert "'here' is no address of Kafka: write host:port" in refused.stderr
    assert "or local for one of its own" in refused.stderr


@pytest.mark.parametrize("command", [["topics", "check"], ["topics", "create"], ["subscribe"]])
def test_the_word_local_is_for_up_alone(command: list[str]) -> None:
    refused = CliRunner().invoke(main, [*command, "--kafka", "local"])
    assert refused.exit_code == 2
    assert "'local' is no address of Kafka" in refused.stderr
