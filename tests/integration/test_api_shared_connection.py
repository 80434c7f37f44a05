"""Many reads on one connection to a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as TookTooLong

from services.api import shared_connection
from services.api.shared_connection import SharedConnection
from tests.integration.valkey_fixture import valkey


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[tuple[SharedConnection, Redis]]:
    pool = ConnectionPool.from_url(url, protocol=2)
    shared, other = SharedConnection(pool), Redis.from_url(url, protocol=2)
    try:
        yield shared, other
    finally:
        await shared.close()
        await pool.aclose()
        await other.aclose()


def test_each_asker_gets_the_answer_to_its_own_command(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, _):
            asked = [shared.ask("ECHO", f"number {number}") for number in range(500)]
            assert await asyncio.gather(*asked) == [f"number {number}".encode() for number in range(500)]

    asyncio.run(run())


def test_all_askers_share_one_connection(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, _):
            assert len(set(await asyncio.gather(*(shared.ask("CLIENT", "ID") for _ in range(20))))) == 1

    asyncio.run(run())


def test_a_refused_command_hurts_only_its_asker(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, _):
            wrong, right = await asyncio.gather(
                shared.ask("NOSUCH"), shared.ask("ECHO", "right"), return_exceptions=True
            )
            assert isinstance(wrong, ResponseError)
            assert right == b"right"

    asyncio.run(run())


def test_who_gives_up_waiting_takes_no_answer_from_another(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, _):
            await shared.ask("PING")
            leaving = asyncio.create_task(shared.ask("ECHO", "left"))
            await asyncio.sleep(0)
            leaving.cancel()
            assert await shared.ask("ECHO", "stayed") == b"stayed"

    asyncio.run(run())


def test_a_lost_connection_is_replaced_without_anybody_noticing(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, other):
            before = await shared.ask("CLIENT", "ID")
            await other.client_kill_filter(_id=str(before))
            answers = await asyncio.gather(*(shared.ask("CLIENT", "ID") for _ in range(5)))
            assert before not in answers
            assert len(set(answers)) == 1

    asyncio.run(run())


def test_a_server_that_is_silent_is_given_up(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_connection, "LOOKED_EVERY_S", 0.01)

    async def run() -> None:
        async with _connected(redis_url) as (shared, other):
            await shared.ask("PING")
            await other.client_pause(500)
            monkeypatch.setattr(shared_connection, "ANSWER_WITHIN_S", 0.0)
            with pytest.raises(TookTooLong, match="no answer within"):
                await shared.ask("ECHO", "x")
            monkeypatch.setattr(shared_connection, "ANSWER_WITHIN_S", 10.0)
            assert await shared.ask("ECHO", "y") == b"y"

    asyncio.run(run())


def test_a_long_answer_comes_whole(redis_url: str) -> None:
    async def run() -> None:
        async with _connected(redis_url) as (shared, _):
            text = b"x" * 3_000_000
            assert await asyncio.gather(shared.ask("ECHO", text), shared.ask("ECHO", "y")) == [text, b"y"]

    asyncio.run(run())
