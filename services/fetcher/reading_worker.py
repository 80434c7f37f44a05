"""The child process that parses what strangers wrote: it may hang, grow or crash, and is then killed and replaced.

Speaks frames over its standard input and output: 4 bytes of length, then that many bytes. A request is two frames (a
JSON header and the document), an answer one (JSON). JSON and not pickle, so that a worker taken over by a document
cannot make the parent run anything.
"""

from __future__ import annotations

import logging
import os
import resource
import struct
import sys
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from services.fetcher.feed_model import NotAFeed
from services.fetcher.feed_parser import parse_feed
from services.fetcher.text import from_page

LENGTH = struct.Struct("<I")


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the other side closes."""
    while True:
        header = read_frame(requests)
        document = read_frame(requests)
        if header is None or document is None:
            return
        frame = orjson.dumps(answer(orjson.loads(header), document))
        answers.write(LENGTH.pack(len(frame)) + frame)
        answers.flush()


def answer(header: dict[str, Any], document: bytes) -> dict[str, Any]:
    """Parse one document: {"feed" | "page": result}, or {"refused": why}."""
    content_type, url, now = header["content_type"], header["url"], datetime.fromisoformat(header["now"])
    try:
        if header["kind"] == "feed":
            return {"feed": parse_feed(document, content_type, url, now)}
        return {"page": from_page(document, content_type, url, now)}
    except (NotAFeed, ValueError) as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "reading it takes more memory than a document may"}
    except Exception as error:  # a parser stumbled over the document; that must not end the worker
        return {"refused": f"the parser failed on it ({type(error).__name__}: {str(error)[:200]})"}


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next frame, None at the end."""
    prefix = stream.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(prefix)
    data = stream.read(size)
    return data if len(data) == size else None


def main() -> None:
    """Run as ``python -m services.fetcher.reading_worker MEMORY_BYTES``."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    # Whatever a library prints must not end up among the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
