"""Opening addresses: what is on this machine is asked directly, whatever proxy the environment names for the rest."""

from __future__ import annotations

import http.client
import urllib.request
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def open_address(address: str | urllib.request.Request, timeout_s: float) -> http.client.HTTPResponse:
    """Open an http or https address. Raises what urllib raises: OSError, HTTPException, ValueError.

    With http_proxy set and no no_proxy, urllib would send even the probes of our own processes through the proxy.
    """
    url = address if isinstance(address, str) else address.full_url
    handlers = [urllib.request.ProxyHandler({})] if urlsplit(url).hostname in LOOPBACK else []
    response: http.client.HTTPResponse = urllib.request.build_opener(*handlers).open(address, timeout=timeout_s)
    return response


def answers_at(address: str) -> bool:
    """True where an address answers within two seconds, and not with an error."""
    try:
        with open_address(address, 2):
            return True
    except (OSError, http.client.HTTPException):
        return False
