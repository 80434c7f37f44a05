"""A page of events as a feed: Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). Pure.

An entry stands for an event, and its id never changes; a new revision updates the entry.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import orjson

from services.api import phrases

Json = dict[str, Any]

ATOM: Final = "application/atom+xml"
JSON_FEED: Final = "application/feed+json"

NOTHING_YET: Final = "1970-01-01T00:00:00Z"
"""When a feed without entries was updated last: a moment that does not move, so that its entity tag does not."""

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no place for (section 2.2)."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of a feed, all absolute."""

    self: str
    first: str
    """Of the first page: pages are one feed (RFC 5005, section 3), and so have one id."""
    next: str
    """Empty on the last page."""
    home: str
    """The board, with a slash at its end."""

    def event(self, event_id: str) -> str:
        """Return the page of an event."""
        return f"{self.home}events/{event_id}"


def entry_id(event_id: str) -> str:
    """Return an event's id as a URN that is the same wherever it is served: its 128 bits written as a UUID."""
    try:
        return uuid.UUID(hex=event_id).urn
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"dateline:event:{event_id}").urn


def atom(events: Sequence[Json], title: str, links: Links) -> bytes:
    """Return a page as Atom."""
    updated = max((event.get("last_changed", "") for event in events), default="") or NOTHING_YET
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_text(links.first)}</id>",
        f"<title>{_text(title)}</title>",
        f"<updated>{updated}</updated>",
        "<author><name>Dateline</name></author>",
        f'<link rel="self" type="{ATOM}" href={_attribute(links.self)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(links.home)}/>',
    ]
    if links.first != links.self:
        lines.append(f'<link rel="first" type="{ATOM}" href={_attribute(links.first)}/>')
    if links.next:
        lines.append(f'<link rel="next" type="{ATOM}" href={_attribute(links.next)}/>')
    lines += [_atom_entry(event, links) for event in events]
    return "\n".join([*lines, "</feed>", ""]).encode()


def _atom_entry(event: Json, links: Links) -> str:
    terms = "".join(f"<category term={_attribute(term)}/>" for term in (event["type"], event["topic"], event["status"]))
    updated = event.get("last_changed") or event.get("first_seen") or NOTHING_YET
    return (
        f"<entry><id>{entry_id(event['id'])}</id><title>{_text(_title(event))}</title>"
        f"<published>{event.get('first_seen') or updated}</published><updated>{updated}</updated>"
        f'<link rel="alternate" type="text/html" href={_attribute(links.event(event["id"]))}/>'
        f'{terms}<summary type="text">{_text(summary(event))}</summary></entry>'
    )


def json_feed(events: Sequence[Json], title: str, links: Links) -> bytes:
    """Return a page as JSON Feed."""
    document: Json = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": links.home,
        "feed_url": links.self,
        "language": "en",
        "items": [
            {
                "id": entry_id(event["id"]),
                "url": links.event(event["id"]),
                "title": _title(event),
                "content_text": summary(event),
                "date_published": event.get("first_seen") or event.get("last_changed") or NOTHING_YET,
                "date_modified": event.get("last_changed") or NOTHING_YET,
                "tags": [event["type"], event["topic"], event["status"]],
                "_dateline": {"event_id": event["id"], "status": event["status"], "revision": event["revision"]},
            }
            for event in events
        ],
    }
    if links.next:
        document["next_url"] = links.next
    return orjson.dumps(document)


def summary(event: Json) -> str:
    """Return an event in a few words: how far along it is, where, when, what figures, and who says so."""
    sources = event["independent_sources"]
    parts = [
        phrases.label(event["status"]).capitalize(),
        phrases.place(event.get("place", {})),
        phrases.event_time(event.get("time", {})),
        *(phrases.toll(quantity) for quantity in event["quantities"]),
        f"{len(sources)} independent source{'' if len(sources) == 1 else 's'}: {', '.join(sources[:5])}",
    ]
    return ". ".join(part for part in parts if part) + "."


def _title(event: Json) -> str:
    return str(event["title"] or phrases.label(event["type"]))


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
