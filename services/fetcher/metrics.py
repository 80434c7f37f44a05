"""Every metric of the fetcher, declared once."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

POLLS: Final = Counter(
    "dateline_fetcher_polls_total",
    "Polls of feeds by outcome: new, unchanged, not-modified, error.",
    ["outcome"],
)
POLL_ERRORS: Final = Counter(
    "dateline_fetcher_poll_errors_total",
    "Failed polls: timeout, connect, tls, protocol, redirect, blocked, body, status, not-a-feed, reading.",
    ["kind"],
)
POLL_SECONDS: Final = Histogram(
    "dateline_fetcher_poll_seconds",
    "Time from sending a feed's request to its last byte.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REQUESTS: Final = Counter(
    "dateline_fetcher_requests_total",
    "Requests that were answered, redirects counted singly, by purpose (feed, page, robots, sitemap, hub) and status: "
    "what the servers' own logs count.",
    ["purpose", "status"],
)
PUSHES: Final = Counter(
    "dateline_fetcher_pushes_total",
    "Deliveries of hubs: taken, refused (not signed with the feed's secret), unknown (not asked for, or no longer).",
    ["outcome"],
)
FEED_EVENTS: Final = Counter(
    "dateline_fetcher_feed_events_total",
    "What happened to feeds: gap (items may have been missed), moved, moved-back, quarantined, recovered, retired.",
    ["event"],
)
ARTICLES: Final = Counter(
    "dateline_fetcher_articles_total",
    "Articles published by where their text came from (feed, json-ld, page) and how complete it is.",
    ["text_origin", "completeness"],
)
REVISIONS: Final = Counter("dateline_fetcher_revisions_total", "Articles published anew because their text changed.")
WITHDRAWN: Final = Counter(
    "dateline_fetcher_withdrawn_total",
    "Articles that their publishers took back: gone (the page says so), deleted (the feed says so).",
    ["why"],
)
PAGES: Final = Counter(
    "dateline_fetcher_pages_total",
    "Article pages by outcome: read, refused (robots.txt, blocked, no access), failed.",
    ["outcome"],
)
BYTES: Final = Counter("dateline_fetcher_bytes_total", "Bytes of bodies received, still packed, by kind.", ["kind"])
FEEDS: Final = Gauge("dateline_fetcher_feeds", "Feeds subscribed to.")
OVERDUE: Final = Gauge("dateline_fetcher_feeds_overdue", "Feeds whose poll is due and not begun.")
ITEMS_KNOWN: Final = Gauge("dateline_fetcher_items_known", "Items of feeds that are remembered.")
CONGESTED: Final = Gauge("dateline_fetcher_congested", "1 while the fetcher waits because readers are behind.")
WORKERS_KILLED: Final = Counter(
    "dateline_fetcher_reading_workers_killed_total", "Reading workers killed over a document, by cause.", ["cause"]
)
