"""`dateline replay`: articles from files through the very same stages, in process, in the order given."""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, cast

import click
import orjson
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message as Proto

from services.cli.captures import captured_articles
from services.cli.environment import command_settings
from services.cli.run_stages import linker_memory
from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Source, UniqueArticle, Verdict
from services.contracts.dateline.v1.event_pb2 import Change, Event, MentionBatch
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.instants import from_rfc3339, to_timestamp
from services.contracts.topics import ARTICLES_RAW
from services.runtime.inline import InlineFlow
from services.runtime.settings import SettingsError
from services.runtime.stage import Emit, Stage
from services.runtime.watchdog import Watchdog

STAGES: Final = ("dedup", "extractor", "linker")
UNTIL: Final = ("fetcher", *STAGES)
LINE_MOST_BYTES: Final = 16_000_000
"""A longer line is refused: no article is that long."""


HOST_NAME: Final = re.compile(r"[\w-]{2,}(\.[\w-]+)*\.\w{2,}(:\d+)?")
"""What a "source" that is a domain looks like; "A.P." is none."""


class LineError(Exception):
    """A line is no article; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one URL so far: its latest revision, that one's content, and how often it came again unchanged."""

    revision: int = 0
    content: str = ""
    repeats: int = 0


@click.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True), metavar="FILE...")
@click.option("--until", type=click.Choice(UNTIL), default="linker", help="Stop after this stage.")
@click.option(
    "--feeds",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The OPML list that the captured fetcher had, for names and samples; WARC files only.",
)
@click.option(
    "--depth",
    type=click.Choice(("full", "lead")),
    default="full",
    show_default=True,
    help="How much of each article the extractor reads.",
)
def command(files: tuple[str, ...], until: str, depth: str, feeds: Path | None) -> None:
    """Run articles from files ("-": standard input) through the stages and print JSON lines.

    No server is needed. Each line is an article: {"url", "title", "text", "source", "published_at", "language"}; url
    and one of title and text are needed, published_at is RFC 3339 (without it, dates such as "Tuesday" count from
    now). Articles are taken in the order given. Lines of the kind "article", as --until fetcher prints them, are taken
    as they are.

    Files that end in .warc or .warc.gz are what a fetcher kept (DATELINE_FETCH_WARC_FOLDER). All of them together are
    polled again, in the order in which answers came, and give the very messages that the fetcher sent if it had the
    same settings and had just begun.

    Printed are, by "kind": article (of the fetcher, with --until fetcher), verdict (of dedup), mention (of the
    extractor), change (of the linker; what kind of change it is stands in "change_kind"), dead-letter, and last the
    final state of each event. Lines that are no article are named on standard error, the others go on, and the command
    ends with 1.
    """
    flow = InlineFlow([build() for build in _builders(depth)[: UNTIL.index(until)]])
    output = sys.stdout.buffer
    events: dict[str, Event] = {}
    refused = 0
    seen: dict[str, Seen] = {}

    def take(article: Article) -> None:
        now = article.first_seen_at.ToDatetime(tzinfo=UTC)
        if until == "fetcher":
            output.write(orjson.dumps({"kind": "article", **_as_dict(article)}) + b"\n")
        for sent in flow.send(Emit(ARTICLES_RAW, article.language, article, article.id, now), now):
            for record in _records(sent.value, events):
                output.write(orjson.dumps(record) + b"\n")

    captures = [Path(name) for name in files if name.endswith((".warc", ".warc.gz"))]
    for article in captured_articles(captures, feeds) if captures else ():
        take(article)
    for name in files:
        if name.endswith((".warc", ".warc.gz")):
            continue
        for number, line in _lines(name):
            try:
                article = _article(line, seen)
            except LineError as error:
                refused += 1
                click.echo(f"{'standard input' if name == '-' else name}:{number}: {error}", err=True)
                continue
            take(article)
    for event in events.values():
        output.write(orjson.dumps({"kind": "event", **_as_dict(event)}) + b"\n")
    output.flush()
    if refused:
        click.echo(f"{refused} lines were no articles and were left out", err=True)
        raise SystemExit(1)


def _builders(depth: str) -> list[Callable[[], Stage]]:
    """The stages in order, each imported when it is built."""

    def dedup() -> Stage:
        from services.dedup.service import build

        return build()

    def extractor() -> Stage:
        from services.extractor.service import build

        settings = command_settings()
        return build(cast("Any", depth), settings.pipelines, min_confidence=settings.min_confidence, guard=Watchdog())

    def linker() -> Stage:
        from services.linker.service import build

        try:
            return build(linker_memory(command_settings()))
        except SettingsError as error:
            raise click.ClickException(str(error)) from error

    return [dedup, extractor, linker]


def _lines(name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers; blank ones are passed over."""
    try:
        with click.open_file(name, "rb") as file:
            source = cast("IO[bytes]", file)
            number = 0
            opening = BOM_UTF8
            while line := source.readline(LINE_MOST_BYTES + 1):
                number += 1
                line, opening = line.removeprefix(opening), b""
                if len(line) > LINE_MOST_BYTES and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):  # the rest of the endless line
                        line = source.readline(LINE_MOST_BYTES)
                    yield number, b""
                elif line.strip():
                    yield number, line
    except OSError as error:
        raise click.ClickException(
            f"{name} cannot be read: {error.strerror}. Name a JSONL file, or - for input."
        ) from error


def _article(line: bytes, seen: dict[str, Seen]) -> Article:
    """Return the article that a line holds.

    A URL that comes again with another text is its next revision; with the same text it is an article of its own,
    so that dedup tells it for the copy that it is and does not take it for a message delivered twice.
    """
    record = _record(line)
    if isinstance(record, Article):
        return record
    url = record["url"]
    domain = _publisher(url, record["source"].strip())
    lineage = lineage_id(domain, url)
    content = derive("content", record["title"], record["text"])
    before = seen.get(lineage, Seen())
    changed = content != before.content
    now = Seen(before.revision + 1, content) if changed else replace(before, repeats=before.repeats + 1)
    seen[lineage] = now
    own_id = article_id(lineage, now.revision)
    published = _published(record)
    paragraphs = [part.strip() for part in record["text"].splitlines() if part.strip()]
    return Article(
        id=own_id if changed else derive("repeat", own_id, now.repeats),
        lineage_id=lineage,
        revision=now.revision,
        supersedes=article_id(lineage, now.revision - 1) if changed and now.revision > 1 else "",
        url=url,
        canonical_url=url,
        source=Source(domain=domain, name=record["source"] or domain),
        title=record["title"].strip(),
        text="\n".join(paragraphs),
        paragraphs=paragraphs,
        language=(record["language"] or "en").split("-")[0].lower(),
        published_at=DatedFrom(at=to_timestamp(published), origin="input", raw=record["published_at"]),
        first_seen_at=to_timestamp(published),
        text_origin="input",
        text_extractor="replay",
        completeness="full",
        content_hash=content,
    )


def _publisher(url: str, source: str) -> str:
    """Return the registered domain of the publisher: ``source`` where that is one, else the host of ``url``.

    Input that names neither, such as {"url": "story-17", "source": "The Courier"}, goes by the name.
    """
    from services.fetcher.web_address import source_domain
    from services.runtime.outbound_rules import OutboundError

    for address in (f"https://{source}/" if HOST_NAME.fullmatch(source) else "", url):
        try:
            return source_domain(address)
        except OutboundError:
            continue
    return source.lower()


def _record(line: bytes) -> dict[str, str] | Article:
    if not line:
        raise LineError(f"longer than {LINE_MOST_BYTES:,} bytes: one article a line, please")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise LineError(f"no JSON: {error}") from error
    if not isinstance(record, dict):
        raise LineError(f"a JSON object is needed, a {type(record).__name__} was found")
    if record.pop("kind", None) == "article":
        try:
            return ParseDict(record, Article())
        except ParseError as error:
            raise LineError(f'"kind" is article, but it is no message of the fetcher: {error}') from error
    fields: dict[str, str] = {}
    for name in ("url", "title", "text", "source", "published_at", "language"):
        value = record.get(name)
        if value is not None and not isinstance(value, str):
            raise LineError(f'"{name}" must be text, a {type(value).__name__} was found')
        fields[name] = value or ""
    if not fields["url"].strip():
        raise LineError('"url" is missing: it names the article')
    if not (fields["title"].strip() or fields["text"].strip()):
        raise LineError('"title" and "text" are both empty: there is nothing to read')
    return fields


def _published(record: dict[str, str]) -> datetime:
    if not record["published_at"]:
        return datetime.now(UTC)
    try:
        return from_rfc3339(record["published_at"])
    except (ValueError, OverflowError) as error:
        raise LineError(f'"published_at": {error}; write it as 2025-02-12T23:00:00Z') from error


def _records(value: Proto, events: dict[str, Event]) -> Iterator[dict[str, Any]]:
    """Yield what a message of the flow shows; an event's state is kept for the end."""
    match value:
        case UniqueArticle():
            yield {"kind": "verdict", **_as_dict(value.verdict)}
        case Verdict():
            yield {"kind": "verdict", **_as_dict(value)}
        case MentionBatch():
            for mention in value.mentions:
                yield {"kind": "mention", "article_url": mention.article.url, **_as_dict(mention)}
        case Change():
            change = _as_dict(value)
            yield {**change, "kind": "change", "change_kind": change["kind"]}
        case Event():
            events[value.id] = value
        case DeadLetter():
            yield {"kind": "dead-letter", **_as_dict(value)}


def _as_dict(value: Proto) -> dict[str, Any]:
    return MessageToDict(value, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
