"""Write the outlets' feeds (RSS 2.0, Atom 1.0) and the list of feeds (OPML 2.0). Pure: stories in, bytes out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from deploy.sample.articles import Outlet
from deploy.sample.schedule import Story, base_url
from deploy.sample.state import format_moment

SAMPLE_NOTICE = "SAMPLE – fictional newsroom for trying out Dateline"
FEED_TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}
OPML_TYPE = "text/x-opml; charset=utf-8"

_RSS_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}


def http_date(moment: datetime) -> str:
    """A date as in HTTP and RSS (RFC 5322 form, GMT)."""
    return format_datetime(moment, usegmt=True)


def feed_url(outlet: Outlet, port: int) -> str:
    return f"{base_url(outlet, port)}/feed.xml"


def feed(outlet: Outlet, stories: Sequence[Story], updated_at: datetime, port: int) -> bytes:
    """The outlet's feed of ``stories``, which come newest first; ``updated_at`` is the last change of the feed."""
    write = _rss if outlet.feed_kind == "rss" else _atom
    return write(outlet, stories, updated_at, port)


def opml(outlets: Iterable[Outlet], port: int) -> bytes:
    """An OPML 2.0 list of the feeds, each marked with ``dateline-sample``."""
    root = ET.Element("opml", {"version": "2.0"})
    _child(_child(root, "head"), "title", "Dateline sample newsroom (fictional)")
    body = _child(root, "body")
    for outlet in outlets:
        attributes = {
            "type": "rss",
            "text": outlet.sample_name,
            "title": outlet.sample_name,
            "xmlUrl": feed_url(outlet, port),
            "htmlUrl": f"{base_url(outlet, port)}/",
            "language": outlet.language,
            "category": f"/Sample/{outlet.category}",
            "dateline-sample": "true",
        }
        ET.SubElement(body, "outline", attributes)
    return _document(root)


def _rss(outlet: Outlet, stories: Sequence[Story], updated_at: datetime, port: int) -> bytes:
    root = ET.Element("rss", {"version": "2.0", **_RSS_NAMESPACES})
    channel = _child(root, "channel")
    _child(channel, "title", outlet.sample_name)
    _child(channel, "link", f"{base_url(outlet, port)}/")
    _child(channel, "description", f"{outlet.tagline}. {SAMPLE_NOTICE}")
    _child(channel, "language", outlet.language)
    _child(channel, "lastBuildDate", http_date(updated_at))
    self_link = {"rel": "self", "href": feed_url(outlet, port), "type": "application/rss+xml"}
    ET.SubElement(channel, "atom:link", self_link)
    for story in stories:
        item = _child(channel, "item")
        _child(item, "title", story.title)
        _child(item, "link", story.url)
        _child(item, "guid", story.url).set("isPermaLink", "true")
        _child(item, "pubDate", http_date(story.published_at))
        # RSS has no date of change of its own; the Atom element is what readers look for.
        _child(item, "atom:updated", format_moment(story.updated_at))
        _child(item, "dc:creator", story.author)
        _child(item, "description", story.lead)
        if outlet.text_kind == "full":
            _child(item, "content:encoded", _markup(story))
    return _document(root)


def _atom(outlet: Outlet, stories: Sequence[Story], updated_at: datetime, port: int) -> bytes:
    home = f"{base_url(outlet, port)}/"
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": outlet.language})
    _child(root, "title", outlet.sample_name)
    _child(root, "subtitle", f"{outlet.tagline}. {SAMPLE_NOTICE}")
    _child(root, "id", home)
    _child(root, "updated", format_moment(updated_at))
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": home})
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed_url(outlet, port)})
    for story in stories:
        entry = _child(root, "entry")
        _child(entry, "title", story.title)
        _child(entry, "id", story.url)
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": story.url})
        _child(entry, "published", format_moment(story.published_at))
        _child(entry, "updated", format_moment(story.updated_at))
        _child(_child(entry, "author"), "name", story.author)
        _child(entry, "summary", story.lead)
        if outlet.text_kind == "full":
            _child(entry, "content", _markup(story)).set("type", "html")
    return _document(root)


def _markup(story: Story) -> str:
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs)


def _child(parent: ET.Element, tag: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, tag)
    child.text = text
    return child


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"
