"""Read and write lists of feeds in OPML 2.0 (http://opml.org/spec2.opml). Pure: bytes in, bytes out.

An outline with ``xmlUrl`` is a feed, one without is a folder. A feed may stand in several folders, and its category
attribute may name more: these are its places, which serve as tags. ``dateline-sample="true"`` marks the feeds of the
sample newsroom, ``dateline-paused="true"`` those to be left alone for now, ``dateline-moved-from`` holds the address
that a feed had before it moved for good. The document is parsed with the same caution as a feed: it may come from a
stranger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from services.fetcher.charset import CONTROL_CHARACTERS, decode
from services.fetcher.feed_repair import mended_markup, without_declaration
from services.fetcher.plain_text import one_line
from services.fetcher.subscriptions import Subscription, valid_feed_url
from services.fetcher.xml_tree import parse_tree

MAX_BYTES: Final = 20_000_000
MAX_DEPTH: Final = 50
MAX_PLACE: Final = 200
MAX_PLACES: Final = 50
SAMPLE_ATTRIBUTE: Final = "dateline-sample"
PAUSED_ATTRIBUTE: Final = "dateline-paused"
MOVED_ATTRIBUTE: Final = "dateline-moved-from"


class OpmlError(ValueError):
    """A list of feeds that cannot be read. The text names the line and what to do."""


@dataclass(frozen=True, slots=True)
class OpmlFile:
    """What a list of feeds holds. ``problems`` tell, by line, which outlines were left out and why."""

    title: str
    subscriptions: tuple[Subscription, ...]
    problems: tuple[str, ...] = ()
    moved_from: Mapping[str, str] = field(default_factory=dict)
    """The earlier address of feeds that had moved for good when the list was written, by the present one."""


def read_opml(data: bytes, name: str = "the OPML file") -> OpmlFile:
    """Return the feeds in ``data``; each address once, with all the places where it stands.

    ``name`` is what errors call the file. Raises OpmlError for something that is no OPML; a single bad outline is only
    left out.
    """
    if len(data) > MAX_BYTES:
        raise OpmlError(f"{name}: larger than {MAX_BYTES // 1_000_000} MB: that is no list of feeds")
    if b"<!DOCTYPE" in data[:5000].upper() and b"<!ENTITY" in data.upper():
        raise OpmlError(f"{name}: defines entities, which no list of feeds needs: export it anew from your feed reader")
    root = _parsed(data, name)
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise OpmlError(f"{name}, line 1: an <opml> document with a <body> is expected, <{root.tag}> was found")
    subscriptions: dict[str, Subscription] = {}
    problems: list[str] = []
    moved_from: dict[str, str] = {}
    for outline, groups in _feeds(body, ()):
        try:
            url = valid_feed_url(outline.get("xmlUrl"))
        except ValueError as error:
            problems.append(f"{name}, line {outline.sourceline}: {error}")
            continue
        if earlier := outline.get(MOVED_ATTRIBUTE):
            moved_from[url] = earlier
        known = subscriptions.get(url, Subscription(url))
        places = tuple(dict.fromkeys((*known.places, *_places(outline, groups))))[:MAX_PLACES]
        subscriptions[url] = Subscription(
            url=url,
            title=known.title or _title(outline, url),
            category=places[0] if places else "",
            sample=known.sample or (outline.get(SAMPLE_ATTRIBUTE) or "").strip().lower() == "true",
            tags=places[1:],
            paused=known.paused or (outline.get(PAUSED_ATTRIBUTE) or "").strip().lower() == "true",
        )
    title = one_line(root.findtext("head/title") or "")
    return OpmlFile(title, tuple(subscriptions.values()), tuple(problems), moved_from)


def write_opml(subscriptions: Iterable[Subscription], title: str, moved: Mapping[str, str] | None = None) -> bytes:
    """Return an OPML 2.0 document; ``read_opml`` gives the same subscriptions back. Each place becomes a folder.

    ``moved`` tells the present address of feeds that have moved for good; the one given is then noted beside it.
    """
    moved = moved or {}
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _clean(title)
    body = etree.SubElement(root, "body")
    groups: dict[tuple[str, ...], Any] = {(): body}
    for subscription in subscriptions:
        for place in subscription.places or ("",):
            group = _group(groups, tuple(part for part in place.split("/") if part)[:MAX_DEPTH])
            outline = etree.SubElement(
                group, "outline", type="rss", text=_clean(subscription.title or subscription.url)
            )
            if subscription.title:
                outline.set("title", _clean(subscription.title))
            outline.set("xmlUrl", moved.get(subscription.url, subscription.url))
            if subscription.url in moved:
                outline.set(MOVED_ATTRIBUTE, subscription.url)
            if place and "," not in place:  # the attribute is a list with commas; the folder tells it anyway
                outline.set("category", "/" + _clean(place))
            if subscription.sample:
                outline.set(SAMPLE_ATTRIBUTE, "true")
            if subscription.paused:
                outline.set(PAUSED_ATTRIBUTE, "true")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _parsed(data: bytes, name: str) -> Any:
    try:
        return parse_tree(data)
    except etree.XMLSyntaxError:
        pass
    try:  # many lists carry bare ampersands in titles and addresses
        text = decode(data)
        rest = without_declaration(text)
        # Lines are counted from the top of the file, so the ones taken off are put back empty.
        lines_above = text.count("\n", 0, len(text) - len(rest))
        return parse_tree(mended_markup("\n" * lines_above + rest).encode())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise OpmlError(f"{name}, line {line}: not well-formed XML ({error.msg}): mend it or export it anew") from error


def _feeds(element: Any, groups: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for outline in element.iterchildren("outline"):
        if outline.get("xmlUrl") is not None:
            yield outline, groups
        name = one_line(outline.get("title") or outline.get("text") or "").replace("/", "-")
        if len(groups) < MAX_DEPTH:
            yield from _feeds(outline, (*groups, name) if name else groups)


def _places(outline: Any, groups: tuple[str, ...]) -> list[str]:
    """Where an outline stands: what its category attribute lists (OPML 2.0), else the folders around it."""
    listed = [one_line(part).strip("/")[:MAX_PLACE] for part in (outline.get("category") or "").split(",")]
    return [place for place in listed if place] or ["/".join(groups)[:MAX_PLACE]] * bool(groups)


def _title(outline: Any, url: str) -> str:
    title = one_line(outline.get("title") or outline.get("text") or "")[:200]
    return "" if title == url else title


def _group(groups: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    if path not in groups:
        groups[path] = etree.SubElement(_group(groups, path[:-1]), "outline", text=_clean(path[-1]))
    return groups[path]


def _clean(text: str) -> str:
    return CONTROL_CHARACTERS.sub("", text)
