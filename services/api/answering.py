"""Answers with a body that the client may have already, and pages that lead to the next one."""

from __future__ import annotations

from urllib.parse import urlencode

import orjson
import xxhash
from fastapi import Request
from starlette.responses import Response

from services.api.store import Page

JSON = "application/json"


def with_next(response: Response, request: Request, page: Page) -> Response:
    """Add to a response where the next page is (RFC 8288), if there is one."""
    if page.next_cursor:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        query = urlencode([*kept, ("cursor", page.next_cursor)])
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return response


def page_json(page: Page) -> bytes:
    """Return a page as JSON; the events are put in as the cache rendered them."""
    rest: dict[str, object] = {"next_cursor": page.next_cursor or None, "position": page.position}
    if page.not_kept is not None:
        rest["not_kept"] = page.not_kept
    tail = orjson.dumps(rest)
    return b'{"events":[' + page.events + b"]," + tail[1:]


def conditional(request: Request, body: bytes, media_type: str = JSON, etag: str = "") -> Response:
    """Answer with a body, or with 304 where the client has it already (RFC 9110, section 13.1.2)."""
    etag = etag or etag_of(body)
    if unchanged(request, etag):
        return not_modified(etag)
    return Response(body, media_type=media_type, headers={"ETag": etag, "Cache-Control": "no-cache"})


def etag_of(content: bytes) -> str:
    """Return the entity tag of what follows from ``content`` alone; a weak one, because it may be sent compressed."""
    return f'W/"{xxhash.xxh3_64_hexdigest(content)}"'


def etag_of_page(page: Page) -> str:
    """Return the entity tag of a page. Its position does not count: that moves on with every change anywhere, and who
    goes on from an older one only hears some changes again that the page had.
    """
    return etag_of(page.events + page.next_cursor.encode() + str(page.not_kept or "").encode())


def unchanged(request: Request, etag: str) -> bool:
    """True where the client has what ``etag`` stands for."""
    asked = request.headers.getlist("if-none-match")
    if not asked:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in ",".join(asked).split(",")]  # RFC 9110, section 5.3
    return etag.removeprefix("W/") in tags or "*" in tags


def not_modified(etag: str) -> Response:
    """Return the answer to a client that has it already."""
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}  # as the answer it stands for has
    return Response(status_code=304, headers=headers)
