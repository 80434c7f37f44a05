"""`dateline up` where it cannot start: one message that says what to do, exit 2, and nothing left running."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from services.runtime.stream_log import PREFIX, StreamLog, connect
from services.runtime.valkey import redis_url, server_command, wait_until_it_answers
from tests.e2e.running import GIVE_UP_S, REPO, free_port


def up(data: Path, *options: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `dateline up` to its end; the caller expects that it cannot start."""
    if "--port" not in options:
        options = (*options, "--port", str(free_port()))
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "up", *options],
        cwd=REPO,
        env={**os.environ, "DATELINE_DATA": str(data), **(env or {})},
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
    )


def complaint(done: subprocess.CompletedProcess[str], data: Path) -> str:
    """The one line for the person; checks that it is the only one, that the status is 2 and that nothing runs on."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("dateline: ")
    left = [process.info for process in psutil.process_iter(["pid", "cmdline"]) if uses(process, data)]
    assert not left
    assert not (data / "run" / "up.json").exists()
    return line.removeprefix("dateline: ")


def uses(process: psutil.Process, data: Path) -> bool:
    """True for a live process that was started for this data folder."""
    try:
        return str(data) in " ".join([*process.cmdline(), process.environ().get("DATELINE_DATA", "")])
    except psutil.Error:
        return False


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_taken_port(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = complaint(up(data, "--port", port), data)
    assert told == (
        f"port {port} on 127.0.0.1 for the board cannot be had (Address already in use). "
        "Stop what uses it, or choose another: `make up PORT=8081`."
    )


def test_a_host_that_is_not_this_machines(data: Path) -> None:
    told = complaint(up(data, "--host", "192.0.2.1"), data)
    assert "192.0.2.1" in told
    assert "cannot be had" in told


def test_the_newsrooms_port_taken_by_something_else(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (data / "newsroom").mkdir(parents=True)
        (data / "newsroom" / "port").write_text(str(port))
        told = complaint(up(data), data)
    assert told.startswith(f"port {port} on 127.0.0.1 for the sample newsroom cannot be had")
    assert f"or remove {data / 'newsroom'}" in told


def test_data_of_a_newer_version(data: Path) -> None:
    server = subprocess.Popen(server_command(data), stdout=subprocess.DEVNULL)
    assert wait_until_it_answers(redis_url(data), 30)
    StreamLog(connect(redis_url(data))).client.set(f"{PREFIX}format", 999)
    server.terminate()
    server.wait(30)
    told = complaint(up(data), data)
    assert told == (
        "The data has format 999, written by a newer Dateline; this one knows 1. "
        "Update Dateline, or point DATELINE_DATA at another folder."
    )


def test_no_valkey(data: Path) -> None:
    told = complaint(up(data, env={"DATELINE_VALKEY": "/nowhere"}), data)
    assert told == "DATELINE_VALKEY=/nowhere is no program that can be run: correct or unset it."


def test_a_program_that_is_no_valkey(data: Path) -> None:
    told = complaint(up(data, env={"DATELINE_VALKEY": "/bin/false"}), data)
    assert told == f"valkey ended with 1 while starting. It said nothing (log: {data}/logs/valkey.log)."


def test_a_second_one_on_the_same_data(data: Path) -> None:
    (data / "run").mkdir(parents=True)
    script = (
        "import sys\nfrom pathlib import Path\nfrom services.cli.folder import only_one\n"
        "with only_one(Path(sys.argv[1]), 'up', 'no'):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(data)]
    with subprocess.Popen(command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        done = up(data)
        first.communicate()
    assert complaint(done, data) == (
        f"Dateline runs on {data} already. Stop it, or choose another folder: DATELINE_DATA=other make up."
    )


def test_a_list_of_feeds_that_is_not_there(data: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.opml"
    told = complaint(up(data, "--feeds", str(missing)), data)
    assert told == f"--feeds {missing}: there is no such file. deploy/feeds/world.opml is a good one."


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<html><body>Not found</body></html>", "an <opml> document with a <body> is expected, <html> was found"),
        ("url\nhttps://example.org/feed\n", "not well-formed XML"),
        ("", "not well-formed XML"),
    ],
)
def test_a_list_of_feeds_that_is_none(content: str, expected: str, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(content)
    told = complaint(up(data, "--feeds", str(path)), data)
    assert told.startswith(f"{path}, line 1: ")
    assert expected in told


def test_a_damaged_list_of_the_users_own(data: Path) -> None:
    data.mkdir()
    (data / "feeds.opml").write_text("<opml><body><outline</body></opml>")
    assert complaint(up(data), data).startswith(f"{data}/feeds.opml, line 1: not well-formed XML")


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    data = tmp_path / "file" / "data"
    told = complaint(up(data), data)
    assert told == f"the data folder {data} cannot be written (Not a directory): set DATELINE_DATA"


@pytest.mark.parametrize(
    "name", ["DATELINE_BATCH", "DATELINE_FETCH_MIN_INTERVAL_S", "DATELINE_API_QUEUE", "DATELINE_LOG_LEVEL"]
)
def test_a_wrong_setting_of_any_service(name: str, data: Path) -> None:
    told = complaint(up(data, env={name: "nonsense"}), data)
    assert told.startswith(f"Wrong settings in the environment: {name}='nonsense': Input should be")
