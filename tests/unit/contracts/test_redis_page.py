"""The page about Redis names every key, order and kind of term."""

from __future__ import annotations

import inspect
import re

from services.contracts import redis_model
from services.contracts.redis_model import Keys
from tests.conftest import REPO

PAGE = (REPO / "docs" / "redis.md").read_text(encoding="utf-8")


def test_every_key_stands_in_the_table() -> None:
    table = set(re.findall(r"`(<[bp]>[^`]*)`", PAGE))
    keys = Keys("<p>")
    for name, member in inspect.getmembers(Keys):
        if name.startswith("_") or name in ("base", "prefix", "generation"):
            continue
        key = getattr(keys, name) if isinstance(member, property) else member(keys, "x" * 3)
        start = key.replace(keys.base, "<b>").replace("xxx", "<")
        assert any(row == start or row.startswith(start) for row in table), key


def test_every_order_and_every_kind_of_term_is_named() -> None:
    for order in redis_model.ORDERS:
        assert f"`{order}`" in PAGE
    for name, function in inspect.getmembers(redis_model, inspect.isfunction):
        if name.endswith("_term"):
            kind = function(False if name == "sample_term" else "x").partition(":")[0]
            assert f"`{kind}:`" in PAGE, kind
