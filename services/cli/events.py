"""`dateline events`: the latest states, from the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click
import orjson

from services.cli.address import api_address, api_option, get_json


@click.group("events")
def command() -> None:
    """List events, or show one, of a running Dateline."""


@command.command("list")
@api_option
@click.option("--topic", multiple=True, help="Only this topic family. May be repeated.")
@click.option("--type", "type_", multiple=True, help="Only this event type. May be repeated.")
@click.option("--status", multiple=True, help="Only this status. May be repeated.")
@click.option("--country", multiple=True, help="Only this country (ISO 3166 alpha-3). May be repeated.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_events(
    api: str | None,
    topic: tuple[str, ...],
    type_: tuple[str, ...],
    status: tuple[str, ...],
    country: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """List events, the one that changed last first."""
    query = {"topic": topic, "type": type_, "status": status, "country": country, "limit": limit}
    page = get_json(api_address(api), "/v1/events", query)
    events: list[dict[str, Any]] = page["events"]
    for event in events:
        click.echo(orjson.dumps(event).decode() if as_json else _row(event))
    if not events and not as_json:
        click.echo(
            "No events yet. `dateline up` shows what arrives; /readyz of each service says if it works.", err=True
        )


@command.command("show")
@api_option
@click.argument("event_id")
def show(api: str | None, event_id: str) -> None:
    """Print one event whole, as JSON."""
    event = get_json(api_address(api), f"/v1/events/{quote(event_id, safe='')}")
    click.echo(orjson.dumps(event, option=orjson.OPT_INDENT_2).decode())


def _row(event: dict[str, Any]) -> str:
    overdue = " [OVERDUE]" if event.get("overdue") else ""
    sample = " [SAMPLE]" if event.get("sample") else ""
    sources = len(event.get("independent_sources") or [])
    return (
        f"{event['id']}  {event['last_changed'][:19]}  {event['type']:<20} {event['status']:<10} "
        f"{sources} source{'s' if sources != 1 else ' '}  {event['title']}{overdue}{sample}"
    )
