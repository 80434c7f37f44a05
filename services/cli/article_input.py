"""An article from wherever a person has it: a text file, a saved page, an address, standard input."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

import click

from services.cli.environment import from_environment
from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Source
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.instants import from_rfc3339, to_timestamp

if TYPE_CHECKING:
    from services.fetcher.text import ArticleText

MOST_BYTES: Final = 16_000_000
"""Larger input is refused: no article is that long."""
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_PAGE: Final = re.compile(rb"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_PAGE_WITHIN: Final = 4096
_PAGE_SUFFIXES: Final = frozenset({".html", ".htm", ".xhtml"})
_PARTIAL: Final = {
    "teaser": "only the beginning of the article stands on the page",
    "paywalled": "the page shows the article to subscribers only",
    "consent-page": "the page asks for consent instead of showing the article",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the person says of the article; empty where it is to be read from the input."""

    title: str = ""
    date: datetime | None = None
    url: str = ""
    language: str = ""


class Day(click.ParamType):
    """A date or an instant of the command line, as an aware datetime."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return noon (UTC) of a date, or the instant. Fails with how to write it."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            if "T" not in text.upper():
                return datetime.combine(date.fromisoformat(text), time(12), UTC)
            return from_rfc3339(text)
        except ValueError:
            self.fail(f"{text!r} is no date: write it as 2025-02-12 or 2025-02-12T23:00:00Z", param, ctx)


def read_article(source: str, given: Given, now: datetime) -> Article:
    """Return the article at ``source``: an address, the name of a file, or "-" for standard input.

    Raises ClickException saying what is wrong and what to do.
    """
    if _ADDRESS.match(source):
        return _fetched(source, given, now)
    raw = _bytes(source)
    url = given.url or ("" if source == "-" else Path(source).absolute().as_uri())
    if _PAGE.search(raw[:_PAGE_WITHIN]) or Path(source).suffix.lower() in _PAGE_SUFFIXES:
        return _saved(raw, url, given, now)
    return _plain(raw, source, url, given, now)


def _bytes(source: str) -> bytes:
    try:
        with click.open_file(source, "rb") as file:
            raw = cast("IO[bytes]", file).read(MOST_BYTES + 1)
    except OSError as error:
        raise click.ClickException(
            f"{source} cannot be read: {error.strerror}. Name a file, an address that begins with https://, "
            "or - for standard input."
        ) from error
    name = "standard input" if source == "-" else source
    if len(raw) > MOST_BYTES:
        raise click.ClickException(f"{name} is longer than {MOST_BYTES:,} bytes: give one article at a time.")
    if not raw.strip():
        raise click.ClickException(f"{name} is empty: give the text of an article, its title in the first line.")
    return raw


def _plain(raw: bytes, source: str, url: str, given: Given, now: datetime) -> Article:
    from services.fetcher.charset import decode

    name = "standard input" if source == "-" else source
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if raw.startswith(b"%PDF") or (b"\x00" in raw[:_PAGE_WITHIN] and not wide):
        raise click.ClickException(f"{name} is no text: save the article as text or as a web page.")
    lines = [line.strip() for line in decode(raw).splitlines() if line.strip()]
    if lines and lines[0].startswith("{") and lines[0].endswith("}"):
        raise click.ClickException(f"{name} looks like JSON lines: `dateline replay` reads those.")
    title = given.title
    if not title and len(lines) > 1:
        title, *lines = lines
    return _article(title, tuple(lines), url, given, now, DatedFrom(), origin="input", extractor="input")


def _saved(raw: bytes, url: str, given: Given, now: datetime) -> Article:
    from services.fetcher.one_page import read_page
    from services.fetcher.reading import Unreadable
    from services.fetcher.settings import FetcherSettings

    settings = from_environment(FetcherSettings)
    try:
        text = asyncio.run(read_page(raw, given.url, settings))
    except Unreadable as error:
        raise click.ClickException(
            f"the page cannot be read: {error}. Save its text into a file and name that."
        ) from error
    return _of_page(text, given.url or text.canonical_url or url, given, now)


def _fetched(address: str, given: Given, now: datetime) -> Article:
    from services.fetcher.one_page import fetch_page
    from services.fetcher.pages import PageFailed, PageRefused
    from services.fetcher.settings import FetcherSettings
    from services.runtime.outbound_rules import UrlRefused

    settings = from_environment(FetcherSettings)
    try:
        page = asyncio.run(fetch_page(address, settings))
    except PageFailed as error:
        raise click.ClickException(f"{address} could not be read this time: {error}. Try again later.") from error
    except (PageRefused, UrlRefused) as error:
        raise click.ClickException(
            f"{address} cannot be read: {error}. If a browser shows the article, save the page and name the file."
        ) from error
    return _of_page(page.text, given.url or page.url, given, now)


def _of_page(text: ArticleText, url: str, given: Given, now: datetime) -> Article:
    title = given.title or text.title
    if not text.paragraphs and not title:
        raise click.ClickException("the page holds no article: save the article's text into a file and name that.")
    if text.completeness in _PARTIAL:
        click.echo(f"note: {_PARTIAL[text.completeness]}", err=True)
    dated, origin = (text.page_published, text.page_dated_by) if text.page_published.at else (text.page_dated, "page")
    published = DatedFrom(raw=dated.raw, origin=origin or "page")
    if dated.at is not None:
        published.at.CopyFrom(to_timestamp(dated.at))
    article = _article(title, text.paragraphs, url, given, now, published, origin=text.origin, extractor=text.extractor)
    article.source.name = text.site_name or article.source.name
    article.language = (given.language or text.language or "en").split("-")[0].lower()
    article.authors.extend(text.authors)
    article.completeness = text.completeness
    return article


def _article(
    title: str,
    paragraphs: tuple[str, ...],
    url: str,
    given: Given,
    now: datetime,
    published: DatedFrom,
    *,
    origin: str,
    extractor: str,
) -> Article:
    if given.date is not None:
        published = DatedFrom(at=to_timestamp(given.date), origin="input")
    domain = _publisher(url)
    lineage = lineage_id(domain, url or derive("content", title, *paragraphs))
    return Article(
        id=article_id(lineage, 1),
        lineage_id=lineage,
        revision=1,
        url=url,
        canonical_url=url,
        source=Source(domain=domain, name=domain),
        title=" ".join(title.split()),
        text="\n".join(paragraphs),
        paragraphs=paragraphs,
        language=(given.language or "en").split("-")[0].lower(),
        published_at=published if published.HasField("at") else None,
        first_seen_at=to_timestamp(now),
        text_origin=origin,
        text_extractor=extractor,
        completeness="full",
        content_hash=derive("content", title, "\n".join(paragraphs)),
    )


def _publisher(url: str) -> str:
    from services.fetcher.web_address import source_domain
    from services.runtime.outbound_rules import OutboundError

    try:
        return source_domain(url) if url else ""
    except OutboundError:
        return ""
