"""An entity that points to a file or an address is neither read nor asked for, whichever parser gets the document."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, rss


@pytest.mark.parametrize("broken", ["", "<b>never closed"], ids=["well-formed", "malformed"])
@pytest.mark.parametrize("form", ["entity", "parameter", "dtd"])
def test_hostile_03_external_entities(form: str, broken: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret-word")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        head = {
            "entity": f'<!DOCTYPE rss [<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY h SYSTEM "{address}">]>',
            "parameter": f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{address}"> %p;<!ENTITY f SYSTEM "{secret.as_uri()}">]>',
            "dtd": f'<!DOCTYPE rss SYSTEM "{address}">',
        }[form]
        document = rss(f"<title>a &f;&h;b</title><guid>g-1</guid>{broken}", head=head)
        feed = parse_feed(document.encode(), "", URL, NOW)
        assert "the-secret-word" not in repr(feed)
        assert [item.guid for item in feed.items] == ["g-1"]
        with pytest.raises(BlockingIOError):
            canary.accept()
