"""What is said to a terminal, also to one that is gone."""

from __future__ import annotations

import sys

import pytest

from services.cli.terminal import say


def test_a_closed_terminal_does_not_stop_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

        def flush(self) -> None:
            """Nothing to flush."""

    monkeypatch.setattr(sys, "stdout", Gone())
    say("Stopping ...")
