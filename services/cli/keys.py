"""`dateline keys`: who may use the API, and for what."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import click
import orjson
from redis import Redis
from redis.exceptions import RedisError

from services.cli.environment import command_settings
from services.cli.kafka_address import noted
from services.contracts.api_keys import ID_BYTES, READ, SCOPES, SECRET_BYTES, SUBSCRIBE, ApiKey, decode, encode, issue
from services.contracts.instants import to_rfc3339
from services.contracts.redis_model import Keys
from services.runtime.valkey import redis_url


@click.group("keys")
def command() -> None:
    """Make, list and revoke keys of the API.

    They are kept in the Redis that the API reads (DATELINE_REDIS_URL, else that of the data folder). The API asks for
    one where it listens beyond this machine, or with DATELINE_API_KEYS=on. Only a hash of a key is stored: what `add`
    prints cannot be shown again.
    """


@command.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="What it is good for: read (events), subscribe (streams, webhooks, alert rules), admin (all). May be "
    f"repeated.  [default: {READ} and {SUBSCRIBE}]",
)
@click.option(
    "--per-minute",
    type=click.IntRange(min=0),
    default=0,
    help="Requests a minute; 0: what DATELINE_API_PER_MINUTE grants every key.",
)
def add(name: str, scopes: tuple[str, ...], per_minute: int) -> None:
    """Make a key for NAME, a person or a program, and print it."""
    created_at = to_rfc3339(datetime.now(UTC))
    random = secrets.token_bytes(ID_BYTES + SECRET_BYTES)
    text, key = issue(random, name, tuple(dict.fromkeys(scopes)) or (READ, SUBSCRIBE), created_at, per_minute)
    _ask(lambda redis: redis.hset(Keys().api_keys, key.id, encode(key)))
    click.echo(text)
    click.echo(f"Key {key.id} for {name}: {', '.join(key.scopes)}. It is not stored: keep it now.", err=True)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_keys(as_json: bool) -> None:
    """List the keys there are, without their secrets."""
    keys = sorted(_keys().values(), key=lambda key: key.created_at)
    for key in keys:
        if as_json:
            row = {"id": key.id, "name": key.name, "scopes": key.scopes, "per_minute": key.per_minute}
            click.echo(orjson.dumps({**row, "created_at": key.created_at}).decode())
        else:
            rate = f"{key.per_minute}/min" if key.per_minute else "usual rate"
            click.echo(f"{key.id}  {key.created_at[:19]}  {','.join(key.scopes):<22} {rate:<12} {key.name}")
    if not keys and not as_json:
        click.echo("No keys. `dateline keys add NAME` makes one.", err=True)


@command.command("revoke")
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Make a key worthless, at once. ID stands first in its line of `list`, and after dl_ in the key."""
    if not _ask(lambda redis: redis.hdel(Keys().api_keys, key_id)):
        raise click.ClickException(f"there is no key {key_id}: `dateline keys list` shows those there are")
    click.echo(f"Key {key_id} is revoked.", err=True)


def _keys() -> dict[str, ApiKey]:
    found = cast("dict[bytes, bytes]", _ask(lambda redis: redis.hgetall(Keys().api_keys)))
    return {identity.decode(): decode(raw) for identity, raw in found.items()}


def _ask(question: Callable[[Redis], Any]) -> Any:
    settings = command_settings()
    url = settings.redis_url or noted(settings.data).get("redis") or redis_url(settings.data)
    try:
        with Redis.from_url(url, socket_connect_timeout=2, socket_timeout=10) as redis:
            return question(redis)
    except (RedisError, OSError, ValueError) as error:
        raise click.ClickException(
            f"the Redis of the API at {url} cannot be used ({error}). Start it (`dateline up`), or name it with "
            "DATELINE_REDIS_URL."
        ) from error
