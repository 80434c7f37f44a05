"""`dateline subscribe --kafka`: changes straight from Kafka's topics, without an API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import click
import orjson
from google.protobuf.message import DecodeError
from pydantic import ValidationError

from services.api.change_filters import ChangeFilters, ChangeSelection, Facets, change_selection
from services.cli.change_places import BEGINNING, parse_places
from services.cli.kafka_changes import ChangeReader, Found, NotReadableError
from services.cli.kafka_why_away import why_away
from services.contracts.dateline.v1.event_pb2 import Change
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.proto_json import to_json
from services.contracts.redis_model import words
from services.runtime.stage import Unavailable

RETRY_S: Final = 2.0

NOT_ON_KAFKA: Final = {
    name: f"--{name.replace('_', '-').removeprefix('time-')}"
    for name in ("country", "source", "entity", "place", "box", "min_sources", "activity", "time_from", "time_to")
}
"""Filters of the API that a Change on Kafka has no field for: it names its event, but not whom that is about."""


def subscribe(
    bootstrap: str,
    filters: Mapping[str, Sequence[str]],
    since: str | None,
    most: int | None,
    show: Callable[[str], None],
) -> None:
    """Show, as JSON, the changes that pass the filters: ``most`` of them, or for ever. Raises ClickException."""
    selection = kafka_selection(filters)
    reader = ChangeReader(bootstrap, sorted(selection.topics) or TOPIC_FAMILIES, _say)
    _begin(reader, since)
    printed = 0
    while True:
        try:
            for found in reader.connection():
                line = change_line(found, selection)
                if line:
                    show(line)
                    printed += 1
                    if most and printed >= most:
                        return
        except NotReadableError as error:
            raise click.ClickException(str(error)) from error
        except Unavailable as error:
            if not reader.stands:
                raise click.ClickException(
                    f"Kafka at {bootstrap} does not answer: {why_away(bootstrap)}. Start it (`make kafka` runs one on "
                    "this machine), or correct --kafka."
                ) from error
            reader.lost(f"{error}: trying again until it does, from where the last line stopped")
        time.sleep(RETRY_S)


def kafka_selection(filters: Mapping[str, Sequence[str]]) -> ChangeSelection:
    """Return what decides for filters by their names. Raises UsageError for values that are none, and for filters
    that Kafka's messages hold nothing for.
    """
    for name, option in NOT_ON_KAFKA.items():
        if filters.get(name):
            raise click.UsageError(
                f"{option} cannot be applied on Kafka: a message of changes.<topic> names its event, "
                "but does not tell that of it. Leave it out, or subscribe to the API, without --kafka."
            )
    single = {name for name, field in ChangeFilters.model_fields.items() if field.default_factory is None}
    given = {name: values[-1] if name in single else list(values) for name, values in filters.items() if values}
    try:
        return change_selection(ChangeFilters.model_validate(given))
    except ValidationError as error:
        wrong = [f"--{found['loc'][0]}: {found['msg'].removeprefix('Value error, ')}" for found in error.errors()]
        raise click.UsageError("; ".join(wrong)) from error


def change_line(found: Found, selection: ChangeSelection) -> str:
    """Return a change as a JSON line with its position, or an empty text where it is not asked for.

    The fields are those of the API's stream; `event`, the state of the event, is not in a message of changes.
    """
    try:
        change = Change.FromString(found.value)
    except DecodeError as error:
        _say(f"{found.at} is no change and was left out: {error}")
        return ""
    return (
        orjson.dumps({**to_json(change), "position": found.place}).decode() if selection.takes(_facets(change)) else ""
    )


def _facets(change: Change) -> Facets:
    return Facets(
        event_id=change.event_id,
        type=change.type,
        topic=change.topic,
        status=change.status,
        kind=change.kind,
        sample=change.sample,
        words=frozenset(words(change.title)),
    )


def _begin(reader: ChangeReader, since: str | None) -> None:
    if not since:
        return
    if since == BEGINNING:
        reader.begin_at_beginning()
        return
    try:
        reader.begin(parse_places(since))
    except ValueError as error:
        raise click.UsageError(f"--since {error}") from error


def _say(text: str) -> None:
    click.echo(text, err=True)
