"""The index finds every row by every present key, however it grew."""

import numpy as np
import pytest

from services.dedup.index import FULL, MOST_ROWS, Hashes, Index, Keys, keys

COLUMNS = 5


class Table:
    """Rows whose keys are known."""

    def __init__(self, bounded: int = 0) -> None:
        self.hashes = np.zeros((0, COLUMNS), dtype=np.uint64)
        self.bounded = bounded
        self.index = Index(COLUMNS, lambda rows, column: self.hashes[rows, column])

    def keys(self, row: int) -> Keys:
        return keys(np.arange(COLUMNS), self.hashes[row], COLUMNS)

    def extend(self, hashes: Hashes) -> None:
        first = len(self.hashes)
        self.hashes = np.concatenate((self.hashes, hashes))
        for row in range(first, len(self.hashes)):
            self.index.add(self.keys(row), row, self.bounded)

    def found(self, row: int) -> set[int]:
        return {column for column, found in self.index.find(self.keys(row)) if found == row}


def random_hashes(count: int, seed: int = 1) -> Hashes:
    return np.random.default_rng(seed).integers(1, 1 << 63, size=(count, COLUMNS), dtype=np.uint64) * np.uint64(2)


def test_every_row_is_found_in_every_column_after_many_splits() -> None:
    table = Table()
    table.extend(random_hashes(6_000))
    assert all(table.found(row) == set(range(COLUMNS)) for row in range(0, 6_000, 7))


def test_few_others_are_found_by_chance() -> None:
    table = Table()
    table.extend(random_hashes(6_000))
    by_chance = sum(len(table.index.find(table.keys(row))) - COLUMNS for row in range(500))
    assert by_chance / 500 < 0.4


def test_adding_reports_what_was_there_before() -> None:
    table = Table()
    same = random_hashes(1)
    table.extend(same)
    table.hashes = np.concatenate((table.hashes, same))
    assert {pair for pair in table.index.add(table.keys(1), 1, 0) if pair[1] == 0} == {(c, 0) for c in range(COLUMNS)}


def test_stale_slots_are_swept_so_that_memory_stays_bounded() -> None:
    table = Table()
    table.hashes = np.zeros((500, COLUMNS), dtype=np.uint64)
    fresh = random_hashes(20_000)
    for number, hashes in enumerate(fresh):
        row = number % 500  # a row is given to another article, its slots stay behind
        table.hashes[row] = hashes
        table.index.add(table.keys(row), row, 0)
    assert all(table.found(row) == set(range(COLUMNS)) for row in range(500))
    assert table.index.nbytes <= Index(COLUMNS, lambda rows, column: rows).nbytes * 3


def test_a_key_that_very_many_share_is_left_out_where_bounded_and_breaks_nothing() -> None:
    table = Table(bounded=3)
    hashes = random_hashes(3_000)
    hashes[:, 0] = 42
    table.extend(hashes)
    assert sum(column == 0 for column, _ in table.index.find(table.keys(0))) < FULL
    found = [table.found(row) for row in range(3_000)]
    assert all(columns >= {3, 4} for columns in found)
    assert sum(columns >= {1, 2} for columns in found) > 2_970


def test_a_row_that_no_slot_can_hold_is_refused() -> None:
    table = Table()
    table.hashes = random_hashes(1)
    with pytest.raises(OverflowError, match="at most"):
        table.index.add(table.keys(0), MOST_ROWS, 0)
