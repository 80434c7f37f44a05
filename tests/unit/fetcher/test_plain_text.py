"""Markup of feeds becomes paragraphs of plain text."""

from __future__ import annotations

import time

import pytest

from services.fetcher.plain_text import paragraphs


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One <b>two</b> three.</p><p>Four</p>", ["One two three.", "Four"]),
        ("One<br>two<br/><br/>three", ["One", "two", "three"]),
        ("<ul><li>a</li><li>b</li></ul>tail", ["a", "b", "tail"]),
        (
            "<p>a<script>x()</script>b<style>c{}</style></p><figure><img><figcaption>cap</figcaption></figure>d",
            ["ab", "d"],
        ),
        ("<p>a<!-- note -->b</p>", ["ab"]),
        ("plain &amp; simple\nsecond", ["plain & simple", "second"]),
        ("&lt;p&gt;twice &amp;amp; escaped&lt;/p&gt;", ["twice & escaped"]),
        ("<p>caf&eacute;&nbsp;au\u200b lait</p>", ["café au lait"]),
        ("", []),
        ("<p> </p>", []),
    ],
)
def test_the_words_are_kept_and_the_markup_is_not(markup: str, expected: list[str]) -> None:
    assert paragraphs(markup) == expected


@pytest.mark.parametrize("piece", ["<b>", "<div>", "<p><i>", "<script>", "<b>x</b>"])
def test_markup_made_to_hurt_takes_time_in_proportion_to_its_size(piece: str) -> None:
    started = time.process_time()
    paragraphs(piece * (400_000 // len(piece)))
    assert time.process_time() - started < 2.0
