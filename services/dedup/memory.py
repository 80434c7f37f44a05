"""The articles of the last three days: rows of records, and everything by which a row is found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.dedup import keys as key
from services.dedup.addresses import Addresses
from services.dedup.calendar import Calendar
from services.dedup.entry import EXACT_COPY, NEAR_COPY, RECORD, REVISION, UNIQUE, Entry, Records, id_bytes
from services.dedup.index import Index
from services.dedup.thresholds import BANDS


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows that share something with an article. All but ``similar`` are certain."""

    same_id: int | None = None
    same_lineage: int | None = None
    """Latest revision of the article that went on."""
    same_digest: list[int] = field(default_factory=list)
    same_address: list[int] = field(default_factory=list)
    similar: list[int] = field(default_factory=list)
    """May share a band of the sketch."""


class Memory:
    """Remembers entries, in any order of arrival."""

    def __init__(self) -> None:
        self._rows = np.zeros((1_024, RECORD.itemsize), dtype=np.uint8)
        self._url_at = np.zeros(1_024, dtype=np.uint64)
        self._free: list[int] = []
        self._top = 0
        self._index = Index(key.COLUMNS, self._key)
        self._addresses = Addresses()
        self._calendar = Calendar()

    def __len__(self) -> int:
        return self._top - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of its tables (without addresses)."""
        return self._rows.nbytes + self._url_at.nbytes + self._index.nbytes

    def records(self, rows: NDArray[np.int64] | list[int]) -> Records:
        """Return copies of the records of ``rows``."""
        return self._rows[rows].view(RECORD)[:, 0]

    def url(self, row: int) -> str:
        """Return where the article of ``row`` was read; "" for a copy."""
        return self._addresses.get(int(self._url_at[row]))

    def row_of(self, article: bytes) -> int | None:
        """Return the row of the article with this id."""
        return self._with_id([row for _, row in self._index.find(key.id_key(article))], article)

    def matches(self, entry: Entry) -> Matches:
        """Return what shares a key with ``entry``."""
        found: dict[int, set[int]] = {}
        similar = set()
        for column, row in self._index.find(key.keys_of(entry)):
            if column < BANDS:
                similar.add(row)
            else:
                found.setdefault(column, set()).add(row)
        if not found:
            return Matches(similar=self._comparable(similar))
        lineage = self._having("lineage", entry.lineage, found.get(key.LINEAGE))
        return Matches(
            same_id=self._with_id(list(found.get(key.ID, ())), entry.id),
            same_lineage=lineage[0] if lineage else None,
            same_digest=self._having("digest", np.frombuffer(entry.digest, dtype="<u8"), found.get(key.DIGEST)),
            same_address=self._having("address", entry.address, found.get(key.ADDRESS)),
            similar=self._comparable(similar),
        )

    def copied(self, row: int) -> bool:
        """True where an article that is remembered was taken for a copy of the one in ``row``."""
        rows = self._rows[: self._top].view(RECORD)[:, 0]
        of = self.records([row])["id"][0]
        copies = (rows["of"][:, 0] == of[0]) & (rows["of"][:, 1] == of[1])
        return bool((copies & ((rows["decision"] == EXACT_COPY) | (rows["decision"] == NEAR_COPY))).any())

    def expired(self, before_s: int, most: int) -> list[str]:
        """Return ids of up to ``most`` articles that became known (by the hour) before ``before_s``."""
        rows = self._calendar.before(before_s, most)
        return [record["id"].tobytes().hex() for record in self.records(rows)] if rows else []

    def put(self, entry: Entry) -> None:
        """Remember an entry. One that is known already is replaced."""
        row = self._free.pop() if self._free else self._new_row()
        self._rows[row] = np.frombuffer(entry.record(), dtype=np.uint8)
        self._url_at[row] = self._addresses.put(entry.url)
        self._calendar.add(row, entry.at_s)
        found = [hit for hit in self._index.add(key.keys_of(entry), row, bounded=BANDS) if hit[1] != row]
        known = self._with_id([other for column, other in found if column == key.ID], entry.id)
        if known is not None:
            self._clear(known)
        # Of all revisions of an article only the latest is compared with, in whatever order they arrive.
        same_lineage = [other for column, other in found if column == key.LINEAGE]
        for other in self._having("lineage", entry.lineage, same_lineage):
            self._rows[min(row, other, key=self._precedence), _RETIRED] = 1

    def forget(self, article_id: str) -> None:
        """Forget an article; one that is not known is none to forget."""
        row = self.row_of(id_bytes(article_id))
        if row is not None:
            self._clear(row)

    def _key(self, rows: NDArray[np.int64], column: int) -> NDArray[np.uint64]:
        return key.column(self._rows.view(RECORD)[:, 0], rows, column)

    def _precedence(self, row: int) -> tuple[int, int, bytes]:
        record = self.records([row])[0]
        return int(record["revision"]), int(record["at"]), record["id"].tobytes()

    def _having(self, name: str, value: object, rows: set[int] | list[int] | None) -> list[int]:
        """Return those of ``rows`` that others are compared with and whose field is ``value``."""
        if not rows:
            return []
        return [row for row in self._comparable(rows) if np.array_equal(self.records([row])[name][0], value)]  # type: ignore[arg-type]

    def _comparable(self, rows: set[int] | list[int]) -> list[int]:
        heads = self._rows
        return sorted({row for row in rows if heads[row, 0] in (UNIQUE, REVISION) and not heads[row, _RETIRED]})

    def _with_id(self, rows: list[int], article: bytes) -> int | None:
        for row in rows:
            if self._rows[row, 0] and self._rows[row, _ID_AT : _ID_AT + 16].tobytes() == article:
                return row
        return None

    def _clear(self, row: int) -> None:
        self._calendar.remove(row, int(self.records([row])["at"][0]))
        self._addresses.drop(int(self._url_at[row]))
        self._url_at[row] = 0
        self._rows[row] = 0
        self._free.append(row)

    def _new_row(self) -> int:
        if self._top == len(self._rows):
            room = self._top + self._top // 32
            # realloc: large tables are moved by the kernel, not copied. No view of them outlives a call.
            self._rows.resize((room, RECORD.itemsize), refcheck=False)
            self._url_at.resize(room, refcheck=False)
        self._top += 1
        return self._top - 1


_RETIRED = 1  # byte of a row
_ID_AT = 12
