"""How far things are on the embedded log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from services.cli.ground import Progress
from services.cli.ground_embedded import EmbeddedGround
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.instants import from_rfc3339
from services.contracts.redis_model import CHANGED, Keys
from services.contracts.topics import ARTICLES_RAW
from services.runtime.stage import Emit
from services.runtime.stream_log import Answer
from tests.valkey_server import ValkeyServer


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.close()


def test_progress_is_counted_from_the_log_and_none_while_that_is_away(server: ValkeyServer) -> None:
    ground = EmbeddedGround(server.data)
    ground.log.prepare()
    article = Emit(ARTICLES_RAW, "en", Article(id="a" * 32), "a" * 32, from_rfc3339("2026-03-14T12:00:00Z"))
    ground.log.commit("fetcher", [Answer(None, (article, article))])
    ground.log.client.zadd(Keys().order(CHANGED), {"one": 0, "two": 0, "three": 0})
    assert str(ground.progress()) == "2 articles (0 copies) -> 3 events, 0 updates, 2 waiting"
    server.kill()
    assert ground.progress() is None


@pytest.mark.parametrize("error", [redis.ConnectionError("gone"), redis.exceptions.BusyLoadingError("loading")])
def test_a_log_that_goes_away_between_two_figures_is_no_crash(error: Exception, server: ValkeyServer) -> None:
    class Client:
        def zcard(self, key: str) -> int:
            raise error

    class Log:
        client = Client()

        def sent(self, topic: object) -> int:
            return 1

        backlog = sent

    log: Any = Log()
    ground = EmbeddedGround(server.data)
    ground.log = log
    assert ground.progress() is None


def test_dead_letters_are_told_with_where_to_look() -> None:
    assert str(Progress(4, 1, 2, 5, 0, 3)) == (
        "4 articles (1 copies) -> 2 events, 5 updates, 0 waiting, 3 DEAD LETTERS (dateline dead-letters list)"
    )
