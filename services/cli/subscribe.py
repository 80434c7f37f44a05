"""`dateline subscribe`: changes of events as they happen, a line each, for people or as JSON."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import click
import orjson
from click.core import ParameterSource

from services.cli.address import api_address, api_option, open_api
from services.cli.json_lines import end_with_reader, print_line
from services.cli.kafka_address import KafkaServers, require_packages
from services.cli.printable import printable

RETRY_S: Final = 2.0


@click.command("subscribe")
@api_option
@click.option(
    "--kafka",
    type=KafkaServers(),
    metavar="HOST:PORT[,...]",
    help="Read Kafka's topics of changes at these bootstrap servers instead of the API.",
)
@click.option("--topic", multiple=True, help="Only this topic family, such as conflict-war-peace. May be repeated.")
@click.option(
    "--type", "type_", multiple=True, help="Only this event type, such as prisoner-exchange. May be repeated."
)
@click.option("--status", multiple=True, help="Only events with this status, such as agreed. May be repeated.")
@click.option("--country", multiple=True, help="Only events with this country (ISO 3166 alpha-3). May be repeated.")
@click.option("--source", multiple=True, help="Only events that this outlet reports (its domain). May be repeated.")
@click.option("--entity", help="Only events in which this one takes part: an id, a name or one word of it.")
@click.option("--place", help="Only events at this place: its name or one word of it.")
@click.option("--box", metavar="W,S,E,N", help="Only events inside this box: west,south,east,north in degrees.")
@click.option("--min-sources", type=click.IntRange(0), help="Only events with so many independent sources.")
@click.option("--query", "--q", "q", help="Only events in whose title all these words stand.")
@click.option("--activity", multiple=True, help="Only live, quiet or archived events. May be repeated.")
@click.option("--from", "time_from", metavar="WHEN", help="Only events that take or took place then or later.")
@click.option("--to", "time_to", metavar="WHEN", help="Only events that take or took place before.")
@click.option("--event", multiple=True, help="Only the event with this id. May be repeated.")
@click.option(
    "--sample", type=click.Choice(("true", "false", "all")), help="Only, without, or with the sample newsroom."
)
@click.option(
    "--kind",
    multiple=True,
    help="Only this kind of change, such as status-changed. May be repeated. Without it all but activity-changed.",
)
@click.option(
    "--since",
    metavar="ID",
    help="Begin after this position, the `position` of a line of --json, or at the `beginning` of what is kept.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each change whole, as one JSON object a line.")
@click.option("--max", "most", type=click.IntRange(1), help="End after so many changes.")
def command(
    api: str | None,
    kafka: str | None,
    topic: tuple[str, ...],
    type_: tuple[str, ...],
    status: tuple[str, ...],
    country: tuple[str, ...],
    source: tuple[str, ...],
    entity: str | None,
    place: str | None,
    box: str | None,
    min_sources: int | None,
    q: str | None,
    activity: tuple[str, ...],
    time_from: str | None,
    time_to: str | None,
    event: tuple[str, ...],
    sample: str | None,
    kind: tuple[str, ...],
    since: str | None,
    as_json: bool,
    most: int | None,
) -> None:
    """Print each change of an event the moment it is known, a line each.

    A lost connection is taken up again where it was cut. What was missed because it is too old is said on standard
    error.

    Each line of --json has a `position`, from which --since goes on in a later run.

    With --kafka it reads the topics changes.<topic> themselves. The lines of --json then have the same fields, but not
    `event` (the event's state, which only the API joins to them); a `position` there is one on Kafka. Filters that need
    the state cannot be applied: --country, --source, --entity, --place, --box, --min-sources, --activity, --from and
    --to.
    """
    single = {
        "entity": entity,
        "place": place,
        "box": box,
        "min_sources": min_sources,
        "q": q,
        "sample": sample,
        "time_from": time_from,
        "time_to": time_to,
    }
    filters: dict[str, Sequence[str]] = {
        "topic": topic,
        "type": type_,
        "status": status,
        "country": country,
        "source": source,
        "event": event,
        "activity": activity,
        "kind": kind,
        **{name: (str(value),) for name, value in single.items() if value is not None},
    }
    show = print_line if as_json else _print_readable
    with end_with_reader(), suppress(KeyboardInterrupt):
        if kafka is None:
            _from_api(api_address(api), filters, since, most, show)
            return
        if api is not None and not _from_environment("api"):
            raise click.UsageError("--api and --kafka name two sources: give one of them")
        require_packages()
        from services.cli.subscribe_kafka import subscribe

        subscribe(kafka, filters, since, most, show)


def _from_environment(parameter: str) -> bool:
    """True where a parameter of the command at hand was not typed but is a variable's."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.ENVIRONMENT


def _print_readable(line: str) -> None:
    """Print a change for a person: when, what, of which event."""
    from services.api.phrases import change as in_words

    change = orjson.loads(line)
    sample = " [SAMPLE]" if change.get("sample") else ""
    what = f"{in_words(change)} · {change.get('title') or change.get('type', '')}{sample}"
    text = f"{change.get('at', '')[:19]} {what} ({change.get('event_id', '')})"
    print_line(" ".join(printable(text).split()))


def _from_api(
    address: str,
    filters: Mapping[str, Sequence[str]],
    since: str | None,
    most: int | None,
    show: Callable[[str], None],
) -> None:
    """Print changes from the API's stream. Raises ClickException where it never answered."""
    position, printed, connected = since or "", 0, False
    while True:
        try:
            headers = {"Accept": "text/event-stream", **({"Last-Event-ID": position} if position else {})}
            with open_api(address, "/v1/changes", filters, headers) as response:
                connected = True
                for event_id, name, data in _events(response):
                    position = event_id or position
                    if name == "reset":
                        click.echo("changes were missed: they are older than what is kept. Read /v1/events.", err=True)
                    elif name == "too-slow":
                        click.echo("the lines were not taken fast enough: going on where they stopped", err=True)
                    elif data:
                        show(_placed(data, event_id))
                        printed += 1
                        if most and printed >= most:
                            return
        except _NoDateline:
            raise
        except click.ClickException:
            if not connected:
                raise
        except (OSError, http.client.HTTPException):
            pass
        click.echo(f"the connection to {address} is lost, trying again in {RETRY_S:.0f} s", err=True)
        time.sleep(RETRY_S)


class _NoDateline(click.ClickException):
    """What is connected to sends something else: to connect again would not help."""


def _placed(data: str, position: str) -> str:
    """Return a change as a line of JSON that says where the stream goes on after it."""
    try:
        return orjson.dumps({**orjson.loads(data), "position": position}).decode()
    except (orjson.JSONDecodeError, TypeError) as error:
        raise _NoDateline(f"what answers is no Dateline, it sent {data[:80]!r}: say --api URL") from error


def _events(response: http.client.HTTPResponse) -> Iterator[tuple[str, str, str]]:
    """Yield (id, event name, data) of each server-sent event (https://html.spec.whatwg.org/#event-stream-interpretation)."""
    event_id, name = "", ""
    data: list[str] = []
    for raw in response:
        line = raw.decode("utf-8").rstrip("\r\n")
        if not line:
            yield event_id, name, "\n".join(data)
            event_id, name, data = "", "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            event_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
