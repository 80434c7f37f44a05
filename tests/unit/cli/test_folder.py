"""A data folder that only one process may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.folder import only_one, replace_file
from services.runtime.supervisor import StartError


def test_a_data_folder_belongs_to_one_at_a_time(tmp_path: Path) -> None:
    second = only_one(tmp_path, "up", "somebody has it")
    with only_one(tmp_path, "up", "no"), pytest.raises(StartError, match="somebody has it"), second:
        pytest.fail("two have it")
    with only_one(tmp_path, "up", "no"):
        pass


def test_locks_of_two_names_do_not_meet(tmp_path: Path) -> None:
    with only_one(tmp_path, "up", "no"), only_one(tmp_path, "kafka", "no"):
        pass


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"two"]
