"""Addresses of articles: absolute, without trackers, and which publisher they belong to. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode

import can_ada
from publicsuffixlist import PublicSuffixList

from services.runtime.outbound_rules import DEFAULT_PORTS, Target, UrlRefused, parse_target

MAX_URL_LENGTH: Final = 2048

# Parameters that say where a reader came from and never what is shown. From the lists of the ClearURLs rules and of
# Mozilla's query stripping; prefixes end in "*".
TRACKERS: Final = (
    "utm_*", "at_*", "mc_*", "pk_*", "piwik_*", "matomo_*", "mtm_*", "hsa_*", "ns_*", "wt_*", "cm_*", "ito",
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh",
    "mkt_tok", "_hsenc", "_hsmi", "vero_id", "oly_anon_id", "oly_enc_id", "s_cid", "ocid", "cmpid", "cmp", "icid",
    "xtor", "partner", "smid", "smtyp", "feedtype", "feedname", "ref_src", "ref_url", "__twitter_impression",
    "traffic_source", "ftag", "guccounter", "sr_share", "share_id", "_ga", "_gl", "spm", "wprov", "campaign_id",
    "maca", "rss",
)  # fmt: skip
_TRACKER: Final = re.compile(
    "|".join(re.escape(name[:-1]) + ".*" if name.endswith("*") else re.escape(name) for name in TRACKERS), re.IGNORECASE
)
_AMP_PATH: Final = re.compile(r"/amp/?$|^/amp(?=/)|\.amp(?=\.html?$|$)", re.IGNORECASE)


def absolute(link: str, base: str) -> str:
    """Return ``link`` as an absolute http(s) URL, or "" where it is none ("javascript:", "mailto:", nonsense)."""
    text = link.strip()
    if not text or len(text) > MAX_URL_LENGTH:
        return ""
    try:
        return str(parse_target(str((can_ada.parse(base) + text).href) if base else text).url)
    except (ValueError, UrlRefused):
        return ""


def without_trackers(url: str) -> str:
    """Return a URL without the parameters that only say where the reader came from, and without fragment."""
    head, _, _ = url.partition("#")
    address, mark, query = head.partition("?")
    if not mark:
        return head
    kept = [pair for pair in query.split("&") if pair and not _TRACKER.fullmatch(pair.partition("=")[0])]
    return f"{address}?{'&'.join(kept)}" if kept else address


def address_key(url: str) -> str:
    """Return what stays the same when a publisher moves to https, adds "www." or "amp", or reorders parameters.

    Equal keys mean the same article. "" for something that is no http(s) URL.
    """
    try:
        target = parse_target(without_trackers(url))
    except UrlRefused:
        return ""
    path, _, query = target.url.split("/", 3)[3].partition("?")
    host = re.sub(r"^(?:www\d?|amp|m|mobile)\.(?=[^.]+\.)", "", target.host)
    path = _AMP_PATH.sub("", "/" + path).rstrip("/")
    pairs = sorted((k, v) for k, v in parse_qsl(query, keep_blank_values=True) if (k.lower(), v) not in _AMP_PARAMETERS)
    port = "" if target.port in DEFAULT_PORTS.values() else f":{target.port}"
    return f"{host}{port}{path}" + (f"?{urlencode(pairs)}" if pairs else "")


_AMP_PARAMETERS: Final = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp")})


def names_a_document(url: str) -> bool:
    """False for the bare front page of a site, which cannot be the address of one article."""
    key = address_key(url)
    return "/" in key or "?" in key


def source_domain(url: str) -> str:
    """Return the publisher a URL belongs to: its registered domain, such as "example.co.uk".

    A name under ``localhost`` stands for itself and an IP address for itself and its port. Raises UrlRefused.
    """
    target = parse_target(url)
    return _outside_dns(target) or _suffixes().privatesuffix(target.host) or target.host


@lru_cache(maxsize=50_000)
def polite_domain(url: str) -> str:
    """Return whose servers a URL burdens: the domain registered at a registry, so that all blogs of one host count
    together. Raises UrlRefused."""
    target = parse_target(url)
    return _outside_dns(target) or _registries().privatesuffix(target.host) or target.host


def _outside_dns(target: Target) -> str:
    if target.address is not None:
        return f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    if target.host == "localhost" or target.host.endswith(".localhost"):
        return target.host
    return ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _registries() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)
