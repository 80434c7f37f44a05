"""Answer a request: which page, with which headers. Pure: what is released and what was asked for are passed in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from deploy.sample import feeds, render
from deploy.sample.articles import Outlet
from deploy.sample.schedule import Story, Timetable, current_stories, related_stories
from deploy.sample.state import format_moment

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
CONDITIONS = ("If-None-Match", "If-Modified-Since")

_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"
_FRESH_FOR = "max-age=5"  # short, because the sample changes every few seconds


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Everything that stays the same while the newsroom runs; ``stories`` are in release order."""

    outlets: tuple[Outlet, ...]
    stories: tuple[Story, ...]
    timetable: Timetable
    port: int


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; ``body`` is dropped by the server for HEAD."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def host_name(host_header: str) -> str:
    """The host without port, brackets, trailing dot or capitals."""
    host = host_header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def respond(newsroom: Newsroom, released: int, host_header: str, path: str, conditions: Mapping[str, str]) -> Response:
    """Answer a GET for ``path`` (no query) when the first ``released`` stories are out.

    ``conditions`` are those of the request's headers that are named in CONDITIONS, by exactly these names.
    """
    host = host_name(host_header)
    stories = newsroom.stories[:released]
    if host in LOCAL_NAMES:
        response = _desk(newsroom, released, path)
    else:
        outlet = next((outlet for outlet in newsroom.outlets if outlet.host == host), None)
        if outlet is None:
            return Response(404, _TEXT, f"No outlet is served at {host!r}.\n".encode())
        response = _outlet(newsroom, stories, outlet, path)
    return _not_modified(response, conditions) or response


def json_response(status: int, value: object) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(status, _JSON, (json.dumps(value, indent=2) + "\n").encode(), {"Cache-Control": "no-store"})


def status(newsroom: Newsroom, released: int) -> dict[str, object]:
    """How far the schedule has come; ``next_release_at`` is None when everything is out."""
    total = len(newsroom.stories)
    upcoming = newsroom.stories[released].updated_at if released < total else None
    return {
        "started_at": format_moment(newsroom.timetable.started_at),
        "released": released,
        "total": total,
        "done": released == total,
        "next_release_at": format_moment(upcoming) if upcoming else None,
    }


def _desk(newsroom: Newsroom, released: int, path: str) -> Response:
    started_at = newsroom.timetable.started_at
    match path:
        case "/":
            return _page(render.index_page(newsroom.outlets, newsroom.port), started_at)
        case "/opml":
            return _cacheable(feeds.OPML_TYPE, feeds.opml(newsroom.outlets, newsroom.port), started_at)
        case "/status":
            return json_response(200, status(newsroom, released))
        case "/robots.txt":
            return _robots(started_at)
    return Response(404, _HTML, render.not_found_page().encode())


def _outlet(newsroom: Newsroom, released: Sequence[Story], outlet: Outlet, path: str) -> Response:
    stories = current_stories(released, outlet)
    changed_at = stories[0].updated_at if stories else newsroom.timetable.started_at
    match path:
        case "/":
            return _page(render.front_page(outlet, stories, newsroom.port), changed_at)
        case "/feed.xml":
            body = feeds.feed(outlet, stories, changed_at, newsroom.port)
            return _cacheable(feeds.FEED_TYPES[outlet.feed_kind], body, changed_at)
        case "/robots.txt":
            return _robots(newsroom.timetable.started_at)
    for story in stories:
        if path == f"/news/{story.slug}":
            page = render.article_page(story, related_stories(released, story), newsroom.port)
            return _page(page, story.updated_at)
    return Response(404, _HTML, render.not_found_page(outlet).encode())


def _page(html: str, changed_at: datetime) -> Response:
    return _cacheable(_HTML, html.encode(), changed_at)


def _robots(changed_at: datetime) -> Response:
    return _cacheable(_TEXT, b"User-agent: *\nAllow: /\n", changed_at)


def _cacheable(content_type: str, body: bytes, changed_at: datetime) -> Response:
    headers = {
        "ETag": f'"{sha256(body).hexdigest()[:32]}"',
        "Last-Modified": feeds.http_date(changed_at.astimezone(UTC)),
        "Cache-Control": _FRESH_FOR,
    }
    return Response(200, content_type, body, headers)


def _not_modified(response: Response, conditions: Mapping[str, str]) -> Response | None:
    """The 304 that RFC 9110, section 13.2.2, asks for: If-Modified-Since counts only without If-None-Match."""
    if response.status != 200 or "ETag" not in response.headers:
        return None
    wanted = conditions.get("If-None-Match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        same = "*" in tags or response.headers["ETag"] in tags
    else:
        same = _unchanged_since(response.headers["Last-Modified"], conditions.get("If-Modified-Since"))
    return Response(304, response.content_type, b"", response.headers) if same else None


def _unchanged_since(last_modified: str, since: str | None) -> bool:
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return parsedate_to_datetime(last_modified) <= moment
