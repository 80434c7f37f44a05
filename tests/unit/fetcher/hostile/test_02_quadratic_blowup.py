"""One long entity that is referred to twenty thousand times is dropped, not written out."""

from __future__ import annotations

from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.hostile.reading_child import read_apart


def test_hostile_02_quadratic_blowup() -> None:
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'
    read = read_apart(rss(f"<title>before {'&a;' * 20_000}after</title><guid>g-1</guid>", head=head).encode())
    assert (read.titles, read.guids) == (["before after"], ["g-1"])
    assert read.cpu_s < 1
    assert read.grown_mb < 64
