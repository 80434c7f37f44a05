"""Nested entities that stand for a billion words cost nothing, and the item that uses them is kept."""

from __future__ import annotations

import pytest

from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.hostile.reading_child import read_apart

ENTITIES = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("broken", ["", "<description>&nosuch;<b></description>"], ids=["well-formed", "malformed"])
def test_hostile_01_billion_laughs(broken: str) -> None:
    head = f'<?xml version="1.0"?><!DOCTYPE rss [{ENTITIES}]>'
    item = f"<title>before &l9;after</title><guid a='&l9;'>g-1</guid>{broken}"
    read = read_apart(rss(item, head=head).encode())
    assert (read.titles, read.guids) == (["before after"], ["g-1"])
    assert read.cpu_s < 1
    assert read.grown_mb < 64
