"""Fixtures that every kind of test shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development data beside the project; skips the test where it is absent."""
    folder = Path(os.environ.get("DATELINE_SHARED", REPO.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"development data not found at {folder}; set DATELINE_SHARED to its folder")
    return folder
