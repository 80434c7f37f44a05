"""Load the sample newsroom's outlets and articles, and fill in their dates.

The articles are data: one Markdown-like file each, TOML front matter between ``+++`` lines, then paragraphs separated
by blank lines. Their texts never name a fixed date, because a sample that speaks of last year's Tuesday would teach the
reader nothing about a live stream; they carry placeholders that are filled in from the day of the newsroom's start.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SAMPLE_DIR = Path(__file__).resolve().parent
ARTICLES_DIR = SAMPLE_DIR / "articles"
OUTLETS_FILE = SAMPLE_DIR / "outlets.toml"

FEED_KINDS = ("rss", "atom")
TEXT_KINDS = ("full", "json-ld", "page")

# Spelled out because strftime and calendar follow the locale of the machine, and the texts are English.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_PLACEHOLDER = re.compile(r"\{(weekday|date|month|year):([+-]?\d+)\}")
_FRONT_MATTER = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # not allowed in XML 1.0
_REQUIRED = {"id": str, "outlet": str, "storyline": str, "slug": str, "title": str, "author": str, "release_s": int}
_OPTIONAL = ("revision_of", "copy_of", "rewrite_of", "resembles", "kind")


class ContentError(Exception):
    """An outlet or article file is not as it should be; the message names the file and what to change."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A fictional news outlet. ``country`` is ISO 3166-1 alpha-2, ``language`` is BCP 47."""

    id: str
    name: str
    tagline: str
    country: str
    language: str
    feed_kind: str
    text_kind: str
    category: str

    @property
    def host(self) -> str:
        """The host name; everything under ``.localhost`` is the loopback interface (RFC 6761, section 6.3)."""
        return f"{self.id}.localhost"

    @property
    def sample_name(self) -> str:
        """The name as shown in titles, marked so that nobody takes the outlet for a real one."""
        return f"{self.name} (sample)"


@dataclass(frozen=True, slots=True)
class Article:
    """One article, or one revision of an article, as written in its file (placeholders not yet filled).

    ``copy_of``, ``rewrite_of`` and ``resembles`` name another article and say how this text relates to it: a lightly
    edited copy, the same event in own words, or a different event in similar phrases. ``kind`` says what it shows.
    """

    id: str
    outlet: str
    storyline: str
    slug: str
    title: str
    author: str
    release_s: int
    paragraphs: tuple[str, ...]
    revision_of: str | None = None
    copy_of: str | None = None
    rewrite_of: str | None = None
    resembles: str | None = None
    kind: str | None = None

    @property
    def word_count(self) -> int:
        """Words of the body alone, without headline and byline."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


def fill_dates(text: str, edition: date) -> str:
    """Replace the date placeholders of ``text``, counting from the day ``edition``.

    ``{weekday:N}`` and ``{date:N}`` count in days ("Tuesday", "19 November"), ``{month:N}`` in months and ``{year:N}``
    in years.
    """

    def replace(match: re.Match[str]) -> str:
        unit, offset = match[1], int(match[2])
        if unit == "year":
            return str(edition.year + offset)
        if unit == "month":
            return MONTHS[(edition.month - 1 + offset) % 12]
        day = edition + timedelta(days=offset)
        return WEEKDAYS[day.weekday()] if unit == "weekday" else f"{day.day} {MONTHS[day.month - 1]}"

    return _PLACEHOLDER.sub(replace, text)


def parse_article(source: str, name: str) -> Article:
    """Parse the text of one article file. ``name`` is used in error messages only. Raises ContentError."""
    match = _FRONT_MATTER.match(source)
    if match is None:
        raise ContentError(f"{name}: must start with TOML front matter between two +++ lines")
    try:
        fields = tomllib.loads(match[1])
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{name}: front matter is not valid TOML: {error}") from error
    _check_fields(fields, name)
    body = (" ".join(block.split()) for block in re.split(r"\n[ \t]*\n", match[2]))
    paragraphs = tuple(paragraph for paragraph in body if paragraph)
    if not paragraphs:
        raise ContentError(f"{name}: has no text after the front matter")
    for text in (fields["title"], *paragraphs):
        left_over = _PLACEHOLDER.sub("", text)
        if "{" in left_over or "}" in left_over:
            raise ContentError(f"{name}: unknown placeholder near {left_over[:60]!r}; use weekday, date, month or year")
    if _CONTROL.search(source):
        raise ContentError(f"{name}: contains a control character that XML does not allow")
    return Article(paragraphs=paragraphs, **fields)


def _check_fields(fields: Mapping[str, Any], name: str) -> None:
    for key, kind in _REQUIRED.items():
        value = fields.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ContentError(f"{name}: front matter needs {key} as {kind.__name__}")
    for key in fields.keys() - _REQUIRED.keys():
        if key not in _OPTIONAL or not isinstance(fields[key], str):
            raise ContentError(f"{name}: front matter has an unknown or non-text field {key}")
    if fields["release_s"] < 0:
        raise ContentError(f"{name}: release_s must not be negative")
    for key in ("id", "slug"):
        if not _SLUG.match(fields[key]):
            raise ContentError(f"{name}: {key} may hold lower-case letters, digits and single hyphens only")


def load_outlets(path: Path = OUTLETS_FILE) -> tuple[Outlet, ...]:
    """Read the outlets in file order. Raises ContentError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["outlet"]
        outlets = tuple(
            Outlet(
                id=table["id"],
                name=table["name"],
                tagline=table["tagline"],
                country=table["country"],
                language=table["language"],
                feed_kind=table["feed"],
                text_kind=table["text"],
                category=table["category"],
            )
            for table in tables
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.name}: cannot be read: {error}") from error
    except KeyError as error:
        raise ContentError(f"{path.name}: lacks the field {error.args[0]}") from error
    for outlet in outlets:
        if outlet.feed_kind not in FEED_KINDS or outlet.text_kind not in TEXT_KINDS or not _SLUG.match(outlet.id):
            raise ContentError(f"{path.name}: {outlet.id}: bad id, feed or text kind")
    if len({outlet.id for outlet in outlets}) != len(outlets):
        raise ContentError(f"{path.name}: two outlets share an id")
    return outlets


def load_articles(directory: Path = ARTICLES_DIR, outlets: Sequence[Outlet] | None = None) -> tuple[Article, ...]:
    """Read every ``*.md`` file of ``directory`` and check that the articles fit together; in order of file name.

    Raises ContentError for a bad file, and for a set of articles that contradicts itself.
    """
    articles = []
    for path in sorted(directory.glob("*.md")):
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ContentError(f"{path.name}: cannot be read: {error}") from error
        article = parse_article(source, path.name)
        if article.id != path.stem:
            raise ContentError(f"{path.name}: the id {article.id} must equal the file name without .md")
        articles.append(article)
    _check_together(articles, load_outlets() if outlets is None else outlets)
    return tuple(articles)


def _check_together(articles: Iterable[Article], outlets: Iterable[Outlet]) -> None:
    by_id = {article.id: article for article in articles}
    outlet_ids = {outlet.id for outlet in outlets}
    pages: dict[tuple[str, str], str] = {}
    moments: dict[tuple[str, int], str] = {}
    for article in by_id.values():
        if article.outlet not in outlet_ids:
            raise ContentError(f"{article.id}: unknown outlet {article.outlet}")
        for other in (article.revision_of, article.copy_of, article.rewrite_of, article.resembles):
            if other is not None and (other not in by_id or other == article.id):
                raise ContentError(f"{article.id}: refers to {other}, which is not another article")
        # Last-Modified counts whole seconds (RFC 9110, section 8.8.2): after two releases of one feed in one second, a
        # client that sends only If-Modified-Since would get a 304 although the feed had changed.
        moment = (article.outlet, article.release_s)
        if moment in moments:
            raise ContentError(f"{article.id}: {moments[moment]} is released by the same outlet in the same second")
        moments[moment] = article.id
        if article.revision_of is None:
            page = (article.outlet, article.slug)
            if page in pages:
                raise ContentError(f"{article.id}: has the URL of {pages[page]} but is not marked as its revision")
            pages[page] = article.id
            continue
        original = by_id[article.revision_of]
        if original.revision_of is not None or (original.outlet, original.slug) != (article.outlet, article.slug):
            raise ContentError(f"{article.id}: revision_of must name the first version at the same outlet and slug")
        if original.release_s >= article.release_s:
            raise ContentError(f"{article.id}: a revision must be released after its original")
