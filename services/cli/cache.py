"""`dateline cache`: the states in Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
from redis import Redis
from redis.exceptions import RedisError

from services.cli.environment import command_settings
from services.cli.kafka_address import noted, require_packages
from services.contracts.redis_model import Keys, SubscriptionKeys
from services.contracts.topics import EVENTS
from services.runtime.stage import Message, Unavailable
from services.runtime.valkey import redis_url

TOLD_EVERY_S = 1.0


@click.group("cache")
def command() -> None:
    """Look after the states of events in Redis."""


@command.command("rebuild")
def rebuild() -> None:
    """Make Redis what the topic `events` says, without a break.

    Writes states that are missing or older, mends every index, and takes out what belongs to no event. The cache may
    go on writing and the API reading meanwhile. Changes are not told again to subscribers.

    API keys, webhooks and alert rules stand in Redis alone and are left as they are: a Redis that was emptied has lost
    them.

    States come from Kafka if DATELINE_KAFKA names one. On the embedded log, `events` keeps only what the cache has not
    read yet, so there they come from what the linker holds; a state that only Redis has stays, and its indexes are
    mended from it.
    """
    from services.cache.rebuild import Rebuild

    settings = command_settings()
    kafka = settings.kafka or noted(settings.data).get("kafka", "")
    url = settings.redis_url or noted(settings.data).get("redis") or redis_url(settings.data)
    started = time.monotonic()
    try:
        with Redis.from_url(url, socket_connect_timeout=2, socket_timeout=60) as redis:
            redis.ping()
            messages = _from_kafka(kafka) if kafka else _from_embedded(url)
            done = Rebuild(redis, Keys(), _Progress()).run(messages, datetime.now(UTC))
            beside = _beside_the_states(redis)
    except (RedisError, OSError, Unavailable, ValueError) as error:
        raise click.ClickException(
            f"the rebuild stopped: {error}. What was written stays; start Redis (`dateline up`) or name it with "
            "DATELINE_REDIS_URL, Kafka with DATELINE_KAFKA, and say it again."
        ) from error
    for line in done.refused[:20]:
        click.echo(f"left out: {line}", err=True)
    click.echo(
        f"{done.events} events stand, {done.read} states were read, {done.mended} entries of indexes were "
        f"mended and {done.strays} taken out, in {time.monotonic() - started:.0f} s."
    )
    click.echo(beside)
    if done.refused:
        raise click.ClickException(f"{len(done.refused)} states could not be used")


def _beside_the_states(redis: Redis) -> str:
    """Say what stands in Redis that nothing can rebuild."""
    keys, subscriptions = Keys(), SubscriptionKeys()
    count: Any = (redis.hlen(keys.api_keys), redis.zcard(subscriptions.webhooks), redis.hlen(subscriptions.rules))
    if not any(count):
        return (
            "There are no API keys, webhooks and alert rules. If there were some, they went with what Redis held: "
            "bring them back from a copy of its files, or make them anew."
        )
    return "Left as they are: {} API keys, {} webhooks and {} alert rules, which stand in Redis alone.".format(*count)


def _from_kafka(bootstrap: str) -> Iterator[Message]:
    require_packages()
    from services.runtime import kafka_log

    for entry in kafka_log.stream(bootstrap, EVENTS):
        yield entry.message()


def _from_embedded(url: str) -> Iterator[Message]:
    from services.cli.embedded_states import held_states
    from services.runtime.stream_log import StreamLog, connect

    return held_states(StreamLog(connect(url), source="cache-rebuild"))


class _Progress:
    """Says about once a second how far it is, where a person looks."""

    def __init__(self) -> None:
        self._told_at = 0.0

    def __call__(self, what: str, count: int) -> None:
        if time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self._told_at = time.monotonic()
            click.echo(f"{count} {what} ...", err=True)
