"""Where the API of a running Dateline is, and asking it."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import click
import orjson

from services.cli.loopback import open_address

DEFAULT_API: Final = "http://127.0.0.1:8080"
TIMEOUT_S: Final = 30.0
KEY_VARIABLE: Final = "DATELINE_API_KEY"
"""Names the key to send, where the API asks for one: on a command line it would stand in the list of processes."""


def api_option(function: Any) -> Any:
    """Add --api to a command."""
    return click.option(
        "--api",
        envvar="DATELINE_API_URL",
        metavar="URL",
        help=f"Address of the API. Default: the running `dateline up` of this data folder, else {DEFAULT_API}. "
        f"A key for it is taken from {KEY_VARIABLE}.",
    )(function)


def api_address(given: str | None) -> str:
    """Return the API's address: the one given, that of `dateline up` on this data folder, or the usual one."""
    if given:
        return given.rstrip("/")
    note = Path(os.environ.get("DATELINE_DATA", "data")) / "run" / "up.json"
    try:
        return str(orjson.loads(note.read_bytes())["board"]).rstrip("/")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return DEFAULT_API


def open_api(
    address: str, path: str, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    """Ask the API. Raises ClickException, in words for a person, where it is not there or says no."""
    pairs = [
        (name, value)
        for name, values in (query or {}).items()
        for value in (values if isinstance(values, tuple | list) else [values])
        if value not in (None, "")
    ]
    url = f"{address}{path}" + (f"?{urlencode(pairs)}" if pairs else "")
    if not url.startswith(("http://", "https://")):
        raise click.ClickException(f"--api {address!r} is no http address: write it as {DEFAULT_API}")
    try:
        key = os.environ.get(KEY_VARIABLE, "")
        sent = {**(headers or {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        request = urllib.request.Request(url, headers=sent)  # noqa: S310  (http or https, checked)
        return open_address(request, TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise click.ClickException(_problem(error, url)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(
            f"no Dateline answers at {address} ({reason}). Start one with `dateline up`, or say --api URL."
        ) from error


def get_json(address: str, path: str, query: Mapping[str, Any] | None = None) -> Any:
    """Return what the API answers, decoded. Raises ClickException as ``open_api`` does."""
    try:
        with open_api(address, path, query) as response:
            return orjson.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise click.ClickException(f"{address} broke off its answer ({error}): try again") from error
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"what answers at {address} is no Dateline: say --api URL") from error


def _problem(error: urllib.error.HTTPError, url: str) -> str:
    """The `detail` of an RFC 9457 problem, or the status where the answer is none."""
    try:
        problem = orjson.loads(error.read())
        return f"{problem.get('title', error.reason)}: {problem.get('detail') or url}"
    except (orjson.JSONDecodeError, AttributeError):
        return f"{url} answered {error.code} {error.reason}"
