"""The articles of the last three days: rows of records, and everything by which a row is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.dedup import keys as key
from services.dedup.addresses import Addresses
from services.dedup.calendar import Calendar
from services.dedup.entry import RECORD, Entry, Record, id_text, id_words, is_canonical
from services.dedup.index import Index
from services.dedup.thresholds import BANDS


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows that share something with an article; each is checked, none by chance."""

    same_id: int | None
    same_lineage: int | None
    """Latest revision of the article that went on."""
    same_digest: NDArray[np.int64]
    same_address: NDArray[np.int64]
    similar: NDArray[np.int64]
    """Share at least one band of the sketch."""


class Memory:
    """Remembers entries, in any order of arrival."""

    def __init__(self) -> None:
        self._records: Record = np.zeros(1_024, dtype=RECORD)
        self._url_at = np.zeros(1_024, dtype=np.uint64)
        self._free: list[int] = []
        self._top = 0
        self._index = Index(key.COLUMNS, lambda rows, column: key.column(self._records[rows], column))
        self._addresses = Addresses()
        self._calendar = Calendar()

    def __len__(self) -> int:
        return self._top - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of its tables (without addresses)."""
        return self._records.nbytes + self._url_at.nbytes + self._index.nbytes

    def records(self, rows: NDArray[np.int64] | int) -> Record:
        """Return copies of the records of ``rows``."""
        found: Record = self._records[rows : rows + 1].copy() if isinstance(rows, int) else self._records[rows]
        return found

    def url(self, row: int) -> str:
        """Return where the article of ``row`` was read; "" for a copy."""
        return self._addresses.get(int(self._url_at[row]))

    def row_of(self, article: NDArray[np.uint64]) -> int | None:
        """Return the row of the article with this id (as two numbers)."""
        hashes = key.id_key(article)
        _, rows = self._index.find(_ID_COLUMN, hashes)
        return self._with_id(rows, article)

    def matches(self, record: Record) -> Matches:
        """Return what shares a key with the one ``record``."""
        hashes = key.keys(record)[0]
        columns = hashes.nonzero()[0]
        positions, rows = self._index.find(columns, hashes[columns])
        if not len(rows):
            return _NO_MATCHES
        found = columns[positions]
        identity = found >= BANDS
        own = record[0]
        id_rows, lineage = rows[found == key.ID], rows[found == key.LINEAGE]
        records = self._records
        if identity.any():
            lineage = lineage[records["lineage"][lineage] == own["lineage"]]
            lineage = lineage[key.comparable(records[lineage])]
            digest = rows[found == key.DIGEST]
            digest = digest[(records["digest"][digest] == own["digest"]).all(axis=1)]
            address = rows[found == key.ADDRESS]
            address = address[records["address"][address] == own["address"]]
        else:
            digest = address = lineage
        similar = np.unique(rows[~identity])
        return Matches(
            same_id=self._with_id(id_rows, own["id"]),
            same_lineage=int(lineage[0]) if len(lineage) else None,
            same_digest=np.unique(digest[key.comparable(records[digest])]),
            same_address=np.unique(address[key.comparable(records[address])]),
            similar=similar[key.comparable(records[similar])],
        )

    def expired(self, before_s: int, most: int) -> list[str]:
        """Return ids of up to ``most`` articles that became known (by the hour) before ``before_s``."""
        return [id_text(self._records[row]["id"]) for row in self._calendar.before(before_s, most)]

    def put(self, entry: Entry) -> None:
        """Remember an entry. One that is known already is replaced."""
        article = entry.record[0]["id"]
        known = self.row_of(article)
        if known is not None:
            self._clear(known)
        row = self._free.pop() if self._free else self._new_row()
        self._records[row] = entry.record[0]
        self._url_at[row] = self._addresses.put(entry.url)
        self._calendar.add(row, int(entry.record[0]["at"]))
        if is_canonical(int(entry.record[0]["decision"])):
            self._retire_older(row)
        hashes = key.keys(self._records[row : row + 1])[0]
        columns = hashes.nonzero()[0]
        self._index.add(columns, hashes[columns], row, bounded=BANDS)

    def forget(self, article_id: str) -> None:
        """Forget an article; one that is not known is none to forget."""
        row = self.row_of(id_words(article_id))
        if row is not None:
            self._clear(row)

    def _retire_older(self, row: int) -> None:
        """Of all revisions of an article only the latest is compared with, in whatever order they arrive."""
        lineage = self._records["lineage"][row : row + 1]
        if not lineage[0]:
            return
        hashes = key.column(self._records[row : row + 1], key.LINEAGE)
        _, rows = self._index.find(_LINEAGE_COLUMN, hashes)
        for other in np.unique(rows).tolist():
            theirs = self._records[other : other + 1]
            if other != row and theirs["lineage"][0] == lineage[0] and key.comparable(theirs)[0]:
                mine = self._records[row : row + 1]
                older = other if _order(theirs) < _order(mine) else row
                self._records["retired"][older] = 1

    def _with_id(self, rows: NDArray[np.int64], article: NDArray[np.uint64]) -> int | None:
        for row in rows.tolist():
            if self._records["decision"][row] and (self._records["id"][row] == article).all():
                return int(row)
        return None

    def _clear(self, row: int) -> None:
        self._calendar.remove(row, int(self._records["at"][row]))
        self._addresses.drop(int(self._url_at[row]))
        self._url_at[row] = 0
        self._records[row : row + 1] = np.zeros(1, dtype=RECORD)
        self._free.append(row)

    def _new_row(self) -> int:
        if self._top == len(self._records):
            room = self._top + self._top // 16
            # realloc: large tables are moved by the kernel, not copied. No view of them outlives a call.
            self._records.resize(room, refcheck=False)
            self._url_at.resize(room, refcheck=False)
        self._top += 1
        return self._top - 1


def _order(record: Record) -> tuple[int, int, str]:
    return int(record["revision"][0]), int(record["at"][0]), id_text(record["id"][0])


_ID_COLUMN = np.array([key.ID])
_LINEAGE_COLUMN = np.array([key.LINEAGE])
_NONE = np.zeros(0, dtype=np.int64)
_NO_MATCHES = Matches(None, None, _NONE, _NONE, _NONE)
