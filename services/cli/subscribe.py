"""`dateline subscribe`: changes of events as they happen, one JSON object a line."""

from __future__ import annotations

import errno
import http.client
import sys
import time
from collections.abc import Iterator
from typing import Final

import click

from services.cli.address import api_address, api_option, open_api

RETRY_S: Final = 2.0


@click.command("subscribe")
@api_option
@click.option("--topic", multiple=True, help="Only this topic family, such as conflict-war-peace. May be repeated.")
@click.option(
    "--type", "type_", multiple=True, help="Only this event type, such as prisoner-exchange. May be repeated."
)
@click.option("--status", multiple=True, help="Only events with this status, such as agreed. May be repeated.")
@click.option("--country", multiple=True, help="Only events with this country (ISO 3166 alpha-3). May be repeated.")
@click.option("--kind", multiple=True, help="Only this kind of change, such as status-changed. May be repeated.")
@click.option("--since", metavar="ID", help="Begin after this position (the Last-Event-ID of an earlier run).")
@click.option("--max", "most", type=click.IntRange(1), help="End after so many changes.")
def command(
    api: str | None,
    topic: tuple[str, ...],
    type_: tuple[str, ...],
    status: tuple[str, ...],
    country: tuple[str, ...],
    kind: tuple[str, ...],
    since: str | None,
    most: int | None,
) -> None:
    """Print each change of an event the moment it is known, as one JSON object a line.

    A lost connection is taken up again where it was cut. What was missed because it is too old is said on standard
    error.
    """
    address = api_address(api)
    query = {"topic": topic, "type": type_, "status": status, "country": country, "kind": kind}
    position, printed, connected = since or "", 0, False
    while True:
        try:
            headers = {"Accept": "text/event-stream", **({"Last-Event-ID": position} if position else {})}
            with open_api(address, "/v1/changes", query, headers) as response:
                connected = True
                for event_id, name, data in _events(response):
                    position = event_id or position
                    if name == "reset":
                        click.echo("changes were missed: they are older than what is kept. Read /v1/events.", err=True)
                    elif data:
                        _print(data)
                        printed += 1
                        if most and printed >= most:
                            return
        except click.ClickException:
            if not connected:
                raise
        except _ReaderGoneError as error:
            raise BrokenPipeError(errno.EPIPE, str(error)) from error  # click ends quietly on it
        except KeyboardInterrupt:
            return
        except (OSError, http.client.HTTPException):
            pass
        click.echo(f"connection lost, trying again in {RETRY_S:.0f} s", err=True)
        time.sleep(RETRY_S)


class _ReaderGoneError(Exception):
    """What reads our output (`dateline subscribe | head`) has ended."""


def _print(line: str) -> None:
    """Print at once. Raises _ReaderGoneError, which is no lost connection to the API although it is an OSError."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise _ReaderGoneError("the reader of standard output has ended") from error


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
