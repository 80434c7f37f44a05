"""The article's whole text with its provenance; what is a part of it, or stands in its way, is never called whole."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
import trafilatura

from services.fetcher.feed_parser import parse_feed
from services.fetcher.text import ArticleText, from_feed, from_page
from tests.unit.fetcher.feed_documents import NOW, URL, rss
from tests.unit.fetcher.newsroom import CONTENT, SENTENCES, Desk, full, page

ADDRESS = "https://news.example/1"
GERMAN = ["Die Ingenieure sagten, das Wasser hinter dem Damm sei gestiegen und die Dörfer müssten noch warten."]
FRENCH = ["Les ingénieurs ont déclaré que le niveau de l'eau avait monté et que les villages devraient attendre."]
LONG = [f"{sentence} Report {n}." for n in range(4) for sentence in SENTENCES]


def ld(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Dam",{fields}}}</script>'


def read(sentences: Sequence[str], head: str = "") -> ArticleText:
    return from_page(page("Dam", sentences, head), "text/html; charset=utf-8", ADDRESS, NOW)


def test_behaviour_11_full_text_of_the_feed_comes_first() -> None:
    (item,) = parse_feed(rss(full(1), attributes=CONTENT).encode(), "", URL, NOW).items
    text = from_feed(item)
    assert text is not None
    assert (text.origin, text.completeness, text.paragraphs[1:]) == ("feed", "full", tuple(SENTENCES))


def test_behaviour_11_full_text_of_json_ld_comes_before_the_markup() -> None:
    body = "\\n\\n".join(SENTENCES)
    text = read(["Something else.", *SENTENCES[:3]], ld(f'"articleBody":"{body}"'))
    assert (text.origin, text.completeness, text.paragraphs) == ("json-ld", "full", tuple(SENTENCES))


def test_behaviour_11_full_text_of_the_markup_has_its_provenance() -> None:
    raw = page("Dam")
    text = from_page(raw, "text/html; charset=utf-8", ADDRESS, NOW)
    assert (text.origin, text.completeness, text.paragraphs) == ("page", "full", tuple(SENTENCES))
    assert (text.extractor, text.raw_sha256) == (f"trafilatura {trafilatura.__version__}", sha256(raw).hexdigest())


@pytest.mark.parametrize(
    ("sentences", "head", "completeness"),
    [
        (SENTENCES[:2], ld('"isAccessibleForFree":false'), "paywalled"),
        (SENTENCES[:2], ld('"isAccessibleForFree":"False"'), "paywalled"),
        (SENTENCES[:2], ld('"isAccessibleForFree":"http://schema.org/False"'), "paywalled"),
        (SENTENCES[:3], ld('"hasPart":{"@type":"WebPageElement","isAccessibleForFree":"False"}'), "paywalled"),
        (SENTENCES[:3], '<meta property="article:content_tier" content="locked">', "paywalled"),
        (SENTENCES, ld('"isAccessibleForFree":false,"wordCount":"1200"'), "paywalled"),
        (SENTENCES, ld('"isAccessibleForFree":true,"wordCount":1200'), "teaser"),
        (SENTENCES, ld('"isAccessibleForFree":true,"wordCount":210'), "full"),
        ([*SENTENCES[:4], "Subscribe now to continue reading this article."], "", "paywalled"),
        ([*LONG, "Already a subscriber? Log in."], "", "paywalled"),
        (["Please log in to continue reading.", *SENTENCES[:2]], "", "paywalled"),
        ([*GERMAN * 3, "Dieser Artikel ist nur für Abonnenten."], "", "paywalled"),
        ([*FRENCH * 3, "Cet article est réservé aux abonnés."], "", "paywalled"),
        (["We value your privacy. We and our 844 partners store and/or access information."], "", "consent-page"),
        (["Wir und unsere 200 Partner verwenden Cookies. Alle akzeptieren"], "", "consent-page"),
        (
            ["Avec votre accord, nos partenaires et nous utilisons des cookies. Continuer sans accepter."],
            "",
            "consent-page",
        ),
        (["Just a moment...", "Checking your browser before you go on."], "", "consent-page"),
        (SENTENCES[:1], "", "teaser"),
        ([*SENTENCES[:6], "The villages would have to wait for [...]"], "", "teaser"),
    ],
)
def test_behaviour_11_full_text_is_not_what_is_a_part_or_stands_in_the_way(
    sentences: list[str], head: str, completeness: str
) -> None:
    assert read(sentences, head).completeness == completeness


@pytest.mark.parametrize(
    "sentence", ["Readers may subscribe for unlimited access.", "Sites must let users reject cookies."]
)
def test_behaviour_11_full_text_may_speak_of_walls_and_cookies(sentence: str) -> None:
    assert read([*LONG[:10], sentence, *LONG[10:]]).completeness == "full"


def test_behaviour_11_full_text_is_without_captions_boilerplate_and_repetitions() -> None:
    figure = "<figure><img src='a.jpg'><figcaption>The dam on Tuesday. Photo: Jane Doe</figcaption></figure>"
    body = figure + "".join(f"<p>{sentence}</p>" for sentence in (*SENTENCES, SENTENCES[0])) + figure
    extra = "<p>Advertisement</p><p>Sign up for our newsletter and never miss a story.</p><p>Read more: Another dam</p>"
    raw = f"<html><body><article><h1>Dam</h1>{body}{extra}</article></body></html>".encode()
    assert from_page(raw, "text/html", ADDRESS, NOW).paragraphs == tuple(SENTENCES)


@pytest.mark.parametrize(
    "wall", ["We value your privacy. We and our 844 partners store and/or access information.", ""]
)
def test_behaviour_11_full_text_is_replaced_by_the_summary_where_something_stands_in_its_way(wall: str) -> None:
    desk = Desk({ADDRESS: page("Dam", [wall]) if wall else 403})
    (article,) = desk.listed(rss(f"<title>Dam</title><link>{ADDRESS}</link><description>The dam holds.</description>"))
    assert (article.text, article.text_origin) == ("The dam holds.", "feed")
    assert article.completeness in ("consent-page", "teaser")


def test_behaviour_11_full_text_is_never_replaced_by_a_wall_that_is_put_up_later() -> None:
    desk = Desk({ADDRESS: page("Story 1")})
    item = f"<title>Story 1</title><link>{ADDRESS}</link><description>{{}}</description>"
    desk.listed(rss(item.format("Short.")))
    desk.pages[ADDRESS] = page("Story 1", [*SENTENCES[:2], "Subscribe now to continue reading."])
    assert desk.listed(rss(item.format("Shorter."))) == []
