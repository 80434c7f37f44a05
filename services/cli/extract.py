"""`dateline extract`: one article, the events that are read out of it, and why."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

import click
import orjson
from google.protobuf.json_format import MessageToDict

from services.cli.article_input import Day, Given, read_article
from services.cli.environment import command_settings

if TYPE_CHECKING:
    from services.contracts.dateline.v1.article_pb2 import UniqueArticle
    from services.contracts.dateline.v1.event_pb2 import MentionBatch
    from services.extractor.languages import Readers
    from services.extractor.reading import Depth

WIDEST: Final = 100
"""Characters of a line on wide terminals: longer lines are hard to read."""
_NOTES: Final = {
    "text-cut": "the text is longer than news is; its end was not read",
    "triggers-cut": "the text names more events than news does; not all were read",
    "out-of-time": "reading the text takes too long; its end was not read",
    "sentence-stuck": "reading one of the sentences did not end; the sentence was left out",
}


@click.command(
    "extract",
    epilog="Example: dateline extract --date 2025-02-12 article.txt",
)
@click.argument("source", metavar="FILE|URL|-")
@click.option("--json", "form", flag_value="json", help="Print what the extractor emits, a JSON line a topic family.")
@click.option(
    "--codes", "form", flag_value="codes", help="Print PLOVER and CAMEO codes as rows of a table like GDELT's."
)
@click.option("--title", default="", help="The headline; of a text otherwise its first line.")
@click.option(
    "--date",
    "day",
    type=Day(),
    help='When it was published, for words such as "Tuesday"; otherwise as the page says, or now.',
)
@click.option("--url", default="", help="Where a file or standard input comes from.")
@click.option("--language", default="", help="ISO 639 code of the text's language; otherwise as the page says, or en.")
@click.option(
    "--depth",
    type=click.Choice(("full", "lead")),
    default="full",
    show_default=True,
    help="How much of the article is read.",
)
def command(
    source: str, form: str | None, title: str, day: datetime | None, url: str, language: str, depth: str
) -> None:
    """Read one article and show its events: who, to whom, where, when, how far along, and why that is said.

    FILE is text (the title in its first line) or a saved web page; a page at a URL is fetched once, under the rules of
    the fetcher (robots.txt, no private addresses); "-" is standard input. No server is needed. Each event stands
    beneath the sentence that tells it; "why" names the words that decided its status.

    With --codes each row is one actor acting on another, tab-separated under a line of column names: date, code, name,
    country and sector of both actors, CAMEO code with base and root, GDELT's quad class and Goldstein value, PLOVER
    root, type and status, IPTC Media Topic, place, confidence, address. Events without a code there (an earthquake)
    have no row.
    """
    now = datetime.now(UTC)
    with _all_installed():
        _extract(source, form, Given(title, day, url, language), cast("Depth", depth), now)


@contextmanager
def _all_installed() -> Iterator[None]:
    """Tell which part of Dateline is not installed, where one is not."""
    try:
        yield
    except ImportError as error:
        raise click.ClickException(
            f"{error.name or error} is not installed: install dateline[extractor], and dateline[fetcher] for web pages."
        ) from error


def _extract(source: str, form: str | None, given: Given, depth: Depth, now: datetime) -> None:
    article = read_article(source, given, now)
    from services.contracts.dateline.v1.article_pb2 import UniqueArticle, Verdict
    from services.extractor.languages import primary

    readers = _readers()
    if primary(article.language) not in readers:
        click.echo(
            f"note: nothing is read out of texts in {article.language!r}, only in {', '.join(readers)}; "
            "--language says it where the page is wrong",
            err=True,
        )
    verdict = Verdict(article_id=article.id, article_url=article.url, decision="unique")
    unique = UniqueArticle(article=article, verdict=verdict)
    if form == "json":
        _print_json(unique, depth, now)
    elif form == "codes":
        _print_codes(unique, depth, now)
    else:
        _print_view(unique, depth)


def _readers() -> Readers:
    """The languages that are read here. Ends the command where the settings name one that cannot be."""
    from services.extractor.languages import Readers

    try:
        return Readers(command_settings().pipelines)
    except OSError as error:
        raise click.ClickException(str(error)) from error


def _print_view(unique: UniqueArticle, depth: Depth) -> None:
    from services.cli.extract_view import view
    from services.extractor.confidence import DEFAULT_THRESHOLD
    from services.extractor.explain import explain

    chosen = command_settings().min_confidence
    told = explain(unique, _readers(), depth, DEFAULT_THRESHOLD if chosen is None else chosen)
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    for line in view(unique.article, told.events, width):
        click.echo(line)
    for note in told.notes:
        click.echo(f"note: {_NOTES[note]}", err=True)


def _batches(unique: UniqueArticle, depth: Depth, now: datetime) -> list[MentionBatch]:
    from services.contracts.topics import ARTICLES_UNIQUE
    from services.extractor.service import build
    from services.runtime.stage import Message
    from services.runtime.watchdog import Watchdog

    settings = command_settings()
    extractor = build(depth, settings.pipelines, min_confidence=settings.min_confidence, guard=Watchdog())
    outcome = extractor.handle(Message(ARTICLES_UNIQUE, unique.article.id, unique, unique.article.id, now), now)
    return [cast("MentionBatch", emit.value) for emit in outcome.emits]


def _print_json(unique: UniqueArticle, depth: Depth, now: datetime) -> None:
    for batch in _batches(unique, depth, now):
        told = MessageToDict(batch, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    sys.stdout.buffer.flush()


def _print_codes(unique: UniqueArticle, depth: Depth, now: datetime) -> None:
    from services.cli.event_rows import COLUMNS, rows_of

    click.echo("\t".join(COLUMNS))
    mentions = [mention for batch in _batches(unique, depth, now) for mention in batch.mentions]
    for mention in sorted(mentions, key=lambda each: (not each.trigger_span.in_title, each.trigger_span.start)):
        for row in rows_of(mention):
            click.echo("\t".join(row))
