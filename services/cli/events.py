"""`dateline events`: the latest states, from the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click
import orjson

from services.cli.address import api_address, api_option, get_json
from services.contracts.redis_model import STATES


@click.group("events")
def command() -> None:
    """List events, or show one, of a running Dateline."""


@command.command("list")
@api_option
@click.option("--topic", multiple=True, help="Only this topic family. May be repeated.")
@click.option("--type", "type_", multiple=True, help="Only this event type. May be repeated.")
@click.option("--status", multiple=True, help="Only this status. May be repeated.")
@click.option("--country", multiple=True, help="Only this country (ISO 3166 alpha-3). May be repeated.")
@click.option("--source", multiple=True, help="Only what this outlet reports (its domain). May be repeated.")
@click.option("--entity", help="Only with this person, body or country: id, name, or a word of the name.")
@click.option("--place", help="Only at this place: name, a word of it, or GeoNames id.")
@click.option("--box", metavar="WEST,SOUTH,EAST,NORTH", help="Only within this box, in degrees.")
@click.option("--min-sources", type=click.IntRange(0, 1_000), help="Only with so many independent sources.")
@click.option("--activity", multiple=True, help="Only live, quiet or archived ones. May be repeated.")
@click.option("--query", "--q", "q", metavar="WORDS", help="Only with all these words in the title.")
@click.option("--from", "time_from", metavar="WHEN", help="Only what takes or took place then or later.")
@click.option("--to", "time_to", metavar="WHEN", help="Only what takes or took place before.")
@click.option("--since", metavar="WHEN", help="Only what changed last then or later.")
@click.option("--until", metavar="WHEN", help="Only what changed last before.")
@click.option(
    "--state",
    type=click.Choice((*STATES, "all")),
    help="Merged and retracted events are left out unless asked for.",
)
@click.option(
    "--sample", type=click.Choice(("true", "false", "all")), help="Only, without, or with the sample newsroom."
)
@click.option("--as-of", metavar="WHEN", help="Events as they stood then: 2026-03-11 or 2026-03-11T09:00:00Z.")
@click.option(
    "--sort",
    type=click.Choice(("last_changed", "first_seen", "time", "sources")),
    help="Order; the newest, or the most, first.  [default: last_changed]",
)
@click.option("--order", type=click.Choice(("desc", "asc")), help="asc: the oldest, or the fewest, first.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_events(api: str | None, type_: tuple[str, ...], as_json: bool, **filters: Any) -> None:
    """List events, the one that changed last first."""
    page = get_json(api_address(api), "/v1/events", {**filters, "type": type_})
    events: list[dict[str, Any]] = page["events"]
    if page.get("not_kept"):
        click.echo(f"Of {page['not_kept']} events it may not be kept what they were then: they are left out.", err=True)
    for event in events:
        click.echo(orjson.dumps(event).decode() if as_json else _row(event))
    if not events and not as_json:
        asked = any(value for name, value in filters.items() if name != "limit") or type_
        click.echo(
            "No event is like that."
            if asked
            else "No events yet. `dateline up` shows what arrives; /readyz of each service says if it works.",
            err=True,
        )


@command.command("show")
@api_option
@click.option("--as-of", metavar="WHEN", help="The event as it stood then: 2026-03-11 or 2026-03-11T09:00:00Z.")
@click.argument("event_id")
def show(api: str | None, as_of: str | None, event_id: str) -> None:
    """Print one event whole, as JSON."""
    event = get_json(api_address(api), f"/v1/events/{quote(event_id, safe='')}", {"as_of": as_of})
    click.echo(orjson.dumps(event, option=orjson.OPT_INDENT_2).decode())


@command.command("history")
@api_option
@click.option("--as-of", metavar="WHEN", help="Only what had changed by then: 2026-03-11 or 2026-03-11T09:00:00Z.")
@click.argument("event_id")
def history(api: str | None, as_of: str | None, event_id: str) -> None:
    """Print the changes of one event as JSON lines, oldest first."""
    path = f"/v1/events/{quote(event_id, safe='')}/history"
    for change in get_json(api_address(api), path, {"as_of": as_of})["changes"]:
        click.echo(orjson.dumps(change).decode())


def _row(event: dict[str, Any]) -> str:
    activity = event.get("activity") or "live"
    quiet = f" [{activity.upper()}]" if activity != "live" else ""
    overdue = " [OVERDUE]" if event.get("overdue") else ""
    gone = " [MERGED]" if event.get("merged_into") else " [RETRACTED]" if event.get("retracted") else ""
    sample = " [SAMPLE]" if event.get("sample") else ""
    sources = len(event.get("independent_sources") or [])
    return (
        f"{event['id']}  {event['last_changed'][:19]}  {event['type']:<20} {event['status']:<10} "
        f"{sources} source{'s' if sources != 1 else ' '}  {event['title']}{gone}{overdue}{quiet}{sample}"
    )
