"""Entries come back from the table as they went in."""

import pytest

from services.dedup.entry import EXACT_COPY, FORMAT, RECORD, UNIQUE, Entry, decode, encode, id_bytes

CANONICAL = Entry(
    decision=UNIQUE,
    revision=3,
    at_s=1_900_000_000,
    id=bytes(range(16)),
    of=bytes(16),
    similarity=0.5,
    containment=0.25,
    size=300,
    lineage=2**64 - 1,
    address=7,
    digest=b"d" * 16,
    numbers=b"n" * 16,
    names=b"m" * 24,
    sketch=b"s" * 126,
    url="https://первая.example/новости",
)
COPY = Entry(EXACT_COPY, 1, 1_900_000_000, bytes(range(16)), b"o" * 16, 1.0, 1.0)


@pytest.mark.parametrize("entry", [CANONICAL, COPY])
def test_an_entry_survives_storage(entry: Entry) -> None:
    assert decode(encode(entry)) == entry


def test_a_copy_is_stored_in_little() -> None:
    assert len(encode(COPY)) < 60


def test_an_entry_is_one_row() -> None:
    assert len(CANONICAL.record()) == RECORD.itemsize


@pytest.mark.parametrize("data", [b"", bytes((FORMAT + 1,)) + encode(CANONICAL)[1:], encode(COPY)[:20]])
def test_another_format_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(ValueError, match="clear dedup's table"):
        decode(data)


@pytest.mark.parametrize("wrong", ["", "abc", "z" * 32, "0" * 31, "0" * 34])
def test_an_id_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="32 hex digits"):
        id_bytes(wrong)
