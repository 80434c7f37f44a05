"""Which content coding a client takes, by its header Accept-Encoding (RFC 9110, section 12.5.3). Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WEIGHT: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
"""A qvalue (section 12.4.2). What is none counts as 0: plain text is right for everybody."""

_GZIP: Final = ("gzip", "x-gzip")
"""Both mean the same (section 8.4.1.3)."""


@lru_cache(256)
def takes_gzip(accept_encoding: str) -> bool:
    """Return whether to send gzip: the client takes it, and likes nothing better that we have.

    ``accept_encoding``: all its values, joined by commas; empty where it sent none.
    """
    weights = _weights(accept_encoding)
    gzip = max((weights[name] for name in _GZIP if name in weights), default=weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


@lru_cache(256)
def refuses_plain(accept_encoding: str) -> bool:
    """Return whether the client wants nothing that is not packed: "gzip, identity;q=0", "gzip, *;q=0"."""
    weights = _weights(accept_encoding)
    return weights.get("identity", weights.get("*", 1.0)) == 0


def _weights(accept_encoding: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accept_encoding.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if not name:
            continue
        weights[name] = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weights[name] = float(value) if _WEIGHT.fullmatch(value := value.strip()) else 0.0
    return weights
