"""The broker of one machine: what it needs, and what is said where that is missing."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from services.runtime.kafka_broker import (
    LIBS_VARIABLE,
    BrokerMissingError,
    answers,
    find_java,
    find_libs,
    java_version,
    server_command,
    server_properties,
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A java that is none: it tells a version and formats nothing."""
    java = tmp_path / "home" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text('#!/bin/sh\nif [ "$1" = -version ]; then echo \'openjdk version "17.0.15"\' >&2; fi\n')
    java.chmod(0o755)
    return java


@pytest.fixture
def libs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like Kafka's jars."""
    folder = tmp_path / "libs"
    folder.mkdir()
    (folder / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv(LIBS_VARIABLE, str(folder))
    return folder


@pytest.mark.parametrize(
    ("said", "release"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_401"', 8),
        ("no version at all", 0),
    ],
)
def test_the_release_is_read_from_what_java_says(said: str, release: int) -> None:
    assert java_version(said) == release


def test_missing_jars_are_told_with_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIBS_VARIABLE, raising=False)
    monkeypatch.setattr("services.runtime.kafka_broker.DEFAULT_LIBS", tmp_path)
    with pytest.raises(BrokerMissingError, match=r"install Java 17\+ and run `make kafka-jars`"):
        find_libs()


def test_a_wrong_folder_of_jars_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIBS_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(BrokerMissingError, match=f"nowhere.*correct or unset {LIBS_VARIABLE}"):
        find_libs()


def test_no_java_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrokerMissingError, match=r"No Java was found: install Java 17\+"):
        find_java()


def test_a_java_too_old_is_told(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    monkeypatch.setenv("JAVA_HOME", str(program.parents[1]))
    with pytest.raises(BrokerMissingError, match="is Java 11, too old for Kafka 4"):
        find_java()


def test_storage_that_cannot_be_made_is_told_in_the_tools_words(
    program: Path, libs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write_text(program.read_text() + "if [ \"$1\" != -version ]; then echo 'disk full' >&2; exit 1; fi\n")
    monkeypatch.setenv("JAVA_HOME", str(program.parents[1]))
    with pytest.raises(BrokerMissingError, match="disk full"):
        server_command(tmp_path / "data", 9092, 9093)


def test_a_cluster_whose_name_begins_with_a_dash_is_not_taken_for_an_option(
    program: Path, libs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program.write_text(program.read_text() + f'if [ "$1" != -version ]; then printf "%s\\n" "$@" > {told}; fi\n')
    monkeypatch.setenv("JAVA_HOME", str(program.parents[1]))
    monkeypatch.setattr("services.runtime.kafka_broker.uuid.uuid4", lambda: uuid.UUID(int=0xF81F5C << 104))
    server_command(tmp_path / "data", 9092, 9093)
    assert "--cluster-id=-B9cAAAAAAAAAAAAAAAAAA" in told.read_text().splitlines()


def test_the_command_names_the_settings_it_has_written(
    program: Path, libs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(program.parents[1]))
    command = server_command(tmp_path / "data", 9092, 9093)
    assert command[0] == str(program)
    assert command[-2:] == ["kafka.Kafka", str(tmp_path / "data" / "server.properties")]
    assert f"{libs}/*" in command


def test_a_folder_with_a_name_beyond_latin_is_written_as_java_reads_it(
    program: Path, libs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(program.parents[1]))
    server_command(tmp_path / "дані😀", 9092, 9093)
    written = (tmp_path / "дані😀" / "server.properties").read_text("ascii")
    assert "\\u0434\\u0430\\u043d\\u0456\\ud83d\\ude00/log" in written


def test_the_broker_listens_on_this_machine_only(tmp_path: Path) -> None:
    settings = server_properties(tmp_path, 9092, 9093)
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"


def test_an_address_where_nobody_listens_does_not_answer() -> None:
    assert not answers("127.0.0.1:1")
