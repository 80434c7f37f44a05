"""The sample newsroom as a child of `dateline up`: six fictional outlets on this machine."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.cli.folder import replace_file
from services.cli.loopback import answers_at, open_address
from services.cli.ports import free_port, require_port
from services.cli.subscriptions import read_list
from services.runtime.supervisor import Child, StartError, Supervisor

SCRIPT: Final = Path(__file__).resolve().parents[2] / "deploy" / "sample" / "newsroom.py"
FIRST_PORT: Final = 8090


@dataclass(frozen=True, slots=True)
class Outlets:
    """What the fetcher must know of a newsroom that runs."""

    opml: Path
    hosts: list[str]
    """The "host:port" that it may reach although they are on this machine."""


def start_newsroom(data: Path, supervisor: Supervisor) -> Outlets:
    """Start the newsroom of a data folder and return its outlets. Raises StartError."""
    if not SCRIPT.exists():
        raise StartError(f"the sample newsroom is not at {SCRIPT}: run from a clone, or give --feeds FILE.opml")
    state = data / "newsroom"
    port = newsroom_port(state)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(SCRIPT), "--port", str(port), "--state", str(state)]
    supervisor.start(Child("newsroom", command, ready=lambda: answers_at(f"{address}/status")))
    opml = data / "run" / "sample.opml"
    with open_address(f"{address}/opml", 10) as response:
        replace_file(opml, response.read())
    return Outlets(opml, sorted({feed.url.split("/")[2] for feed in read_list(opml)}))


def newsroom_port(state: Path) -> int:
    """Return the newsroom's port, which it keeps, because the addresses of its articles hold it. Raises StartError."""
    note = state / "port"
    if note.exists():
        try:
            port = int(note.read_text())
        except ValueError as error:
            raise StartError(f"{note} does not hold a port: remove {state}") from error
        require_port("127.0.0.1", port, "sample newsroom", f"Stop what uses it, or remove {state}.")
        return port
    port = free_port(FIRST_PORT)
    state.mkdir(parents=True, exist_ok=True)
    note.write_text(str(port))
    return port
