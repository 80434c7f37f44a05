"""`dateline types`: the event types that Dateline knows, with their codes and the words that name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import click
import orjson

WORDS_SHOWN = 8
"""Trigger words listed of a type; --json lists all."""


@click.command("types", epilog="Example: dateline types ceasefire prisoner-exchange")
@click.argument("names", nargs=-1, metavar="[TYPE...]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines with everything, each status on its own.")
@click.option("--check", is_flag=True, help="Check the tables of the ontology instead; ends with 1 if one is wrong.")
def command(names: tuple[str, ...], as_json: bool, check: bool) -> None:
    """List the event types, with their topic, PLOVER, CAMEO and IPTC codes and some words that name them.

    CAMEO codes are given by status: occurred (also while it is ongoing), agreed (also when planned), requested, denied,
    cancelled, threatened. docs/ontology.md explains the tables behind the list and how to extend them.
    """
    from services.contracts.ontology import event_types

    if check:
        _check()
        return
    for name in names:
        if name not in event_types():
            raise click.ClickException(f"there is no type {name!r}; `dateline types` lists them all.")
    topic = ""
    for name, kind in sorted(event_types().items(), key=lambda item: item[1].topic):
        if names and name not in names:
            continue
        described = _described(name)
        if as_json:
            click.echo(orjson.dumps(described).decode())
            continue
        if kind.topic != topic:
            topic = kind.topic
            click.echo(f"{topic}")
        for line in _lines(described):
            click.echo(line)


def _check() -> None:
    from services.extractor.ontology_check import problems

    found = problems()
    for problem in found:
        click.echo(problem)
    if found:
        raise SystemExit(1)
    click.echo("the tables of the ontology are right")


def _described(name: str) -> dict[str, Any]:
    from services.contracts.ontology import STATUSES, event_types
    from services.extractor.codes import cameo_codes, codes, media_topic
    from services.extractor.frames import frame

    kind, rules, topic = event_types()[name], frame(name), media_topic(name)
    by_status: dict[str, dict[str, str]] = {}
    for status in (*STATUSES, "threatened"):
        found = codes(name, "considered" if status == "threatened" else status, threatened=status == "threatened")
        known = cameo_codes().get(found.cameo)
        by_status[status] = {
            "plover": found.plover,
            "cameo": found.cameo,
            "cameo_name": known.name if known is not None else "",
        }
    return {
        "type": name,
        "topic": kind.topic,
        "meaning": kind.meaning,
        "plover": kind.plover,
        "iptc": {"id": topic.id, "name": topic.name},
        "roles": {"agent": rules.agent, "patient": rules.patient},
        "codes": by_status,
        "words": list(_words(name)),
    }


def _words(name: str) -> Iterator[str]:
    """Yield the verbs and nouns that name events of a type in English, strongest pattern first."""
    table = sorted(_triggers().get(name, ()), key=lambda row: -int(row[4]))
    yield from dict.fromkeys(head for row in table for head in row[2].split("|"))


@cache
def _triggers() -> dict[str, list[Sequence[str]]]:
    """Return the rows of the table of triggers by type; reading and checking it takes longer than all else here."""
    from services.extractor.tables import rows

    found: dict[str, list[Sequence[str]]] = {}
    for row in rows("en/triggers.tsv", columns=7):
        found.setdefault(row[0], []).append(row)
    return found


def _lines(described: dict[str, Any]) -> Iterator[str]:
    codes: dict[str, dict[str, str]] = described["codes"]
    cameo: dict[str, list[str]] = {}
    for status in ("occurred", "agreed", "requested", "denied", "cancelled", "threatened"):
        if codes[status]["cameo"]:
            cameo.setdefault(codes[status]["cameo"], []).append(status)
    words = described["words"]
    more = f", … ({len(words)})" if len(words) > WORDS_SHOWN else ""
    iptc = described["iptc"]
    yield f"  {described['type']:<20} {described['meaning']}"
    yield f"  {'':<20} PLOVER {described['plover'] or '-'}  IPTC {iptc['id']} {iptc['name']}"
    if cameo:
        listed = "; ".join(f"{code} {', '.join(when)}" for code, when in cameo.items())
        yield f"  {'':<20} CAMEO {listed}"
    yield f"  {'':<20} words: {', '.join(words[:WORDS_SHOWN])}{more}"
