"""The sample newsroom's port."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.cli import newsroom
from services.cli.newsroom import newsroom_port
from services.runtime.supervisor import StartError


def test_the_newsroom_takes_a_free_port_once_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(newsroom, "FIRST_PORT", taken.getsockname()[1])
        port = newsroom_port(tmp_path / "newsroom")
        assert port > taken.getsockname()[1]
    assert newsroom_port(tmp_path / "newsroom") == port, "although the first choice is free now"


def test_a_note_that_holds_no_port_is_told_with_what_to_remove(tmp_path: Path) -> None:
    (tmp_path / "newsroom").mkdir()
    (tmp_path / "newsroom" / "port").write_text("")
    with pytest.raises(StartError, match=rf"does not hold a port: remove {tmp_path}/newsroom"):
        newsroom_port(tmp_path / "newsroom")
