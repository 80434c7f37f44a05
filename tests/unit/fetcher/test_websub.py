"""What is asked of a hub, and what of its questions and deliveries is believed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from services.fetcher.feed_parser import parse_feed
from services.fetcher.websub import Offer, Push, offer_of, push_of, push_write, request_form, signed, verified
from tests.unit.fetcher.feed_documents import NOW

HUB, TOPIC = "https://hub.example/", "https://news.example/feed"
PUSH = Push("key", TOPIC, HUB, TOPIC, "s3cret", NOW)
QUESTION = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "abc", "hub.lease_seconds": "864000"}


@pytest.mark.parametrize(
    ("link", "hubs", "topic", "expected"),
    [
        (f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', (), "", Offer(HUB, TOPIC)),
        (f"<{HUB}>;rel=hub", (), "", Offer(HUB, "https://asked.example/")),
        (f'<{HUB}>; title="a, b"; rel="x hub"', ("https://other.example/",), TOPIC, Offer(HUB, TOPIC)),
        ("", (HUB, "https://second.example/"), TOPIC, Offer(HUB, TOPIC)),
        ('<https://news.example/next>; rel="next"', (), TOPIC, None),
        ("<<>>;;;rel=hub", (), "", None),
    ],
)
def test_a_hub_is_found_in_the_header_first_and_then_in_the_feed(
    link: str, hubs: tuple[str, ...], topic: str, expected: Offer | None
) -> None:
    assert offer_of({"link": link}, hubs, topic, "https://asked.example/") == expected


@pytest.mark.parametrize(
    "document",
    [
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>N</title>'
        f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{TOPIC}"/></channel></rss>',
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><link rel="hub" href="{HUB}"/>'
        f'<link rel="self" href="{TOPIC}"/></feed>',
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "N", "feed_url": "{TOPIC}", "items": [], '
        f'"hubs": [{{"type": "rssCloud", "url": "https://x.example"}}, {{"type": "WebSub", "url": "{HUB}"}}]}}',
    ],
    ids=["rss", "atom", "json"],
)
def test_a_feed_names_its_hub_and_itself(document: str) -> None:
    feed = parse_feed(document.encode(), "", "https://asked.example/", NOW)
    assert (feed.hubs, feed.topic) == ((HUB,), TOPIC)


def test_the_question_of_a_hub_that_was_asked_is_answered_and_the_lease_noted() -> None:
    agreed = verified(PUSH, QUESTION, NOW)
    assert agreed is not None
    push, challenge = agreed
    assert challenge == "abc"
    assert push.lease_until == NOW + timedelta(days=10)
    assert push_of(push_write(push).value or b"") == push


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": "https://news.example/other"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "denied"},
        {"hub.challenge": ""},
        {"hub.lease_seconds": "soon"},
    ],
)
def test_a_question_about_what_was_not_asked_for_is_not_answered(change: dict[str, str]) -> None:
    assert verified(PUSH, {**QUESTION, **change}, NOW) is None


def test_nobody_is_believed_about_a_feed_that_was_not_asked_for() -> None:
    assert verified(None, QUESTION, NOW) is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_only_what_is_signed_with_the_secret_is_believed(method: str) -> None:
    right = hmac.new(b"s3cret", b"body", getattr(hashlib, method)).hexdigest()
    assert signed(PUSH, f"{method}={right}", b"body")
    assert not signed(PUSH, f"{method}={right}", b"another body")
    assert not signed(replace(PUSH, secret="other"), f"{method}={right}", b"body")
    assert not signed(PUSH, right, b"body")


@pytest.mark.parametrize("signature", ["", "md5=9a1b", "sha256=", "sha256", "none=x", "sha256=é"])
def test_a_signature_that_is_none_is_not_believed(signature: str) -> None:
    assert not signed(PUSH, signature, b"body")


def test_a_lease_is_renewed_before_it_ends_and_a_silent_hub_asked_again_later() -> None:
    push, _ = verified(PUSH, QUESTION, NOW) or (PUSH, "")
    assert not push.due(NOW + timedelta(days=7))
    assert push.due(NOW + timedelta(days=9))
    assert not replace(push, asked_at=NOW + timedelta(days=9)).due(NOW + timedelta(days=9, minutes=10))
    assert not push.active(NOW + timedelta(days=10))
    assert not PUSH.due(NOW + timedelta(hours=1))
    assert PUSH.due(NOW + timedelta(hours=7))


def test_the_form_asks_for_what_the_specification_names() -> None:
    assert request_form(PUSH, "https://here.example/websub/key") == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://here.example/websub/key",
        "hub.lease_seconds": "864000",
        "hub.secret": "s3cret",
    }
