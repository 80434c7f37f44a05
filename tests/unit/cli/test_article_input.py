"""Where the article of `dateline extract` comes from: text, saved pages, and what is said of input that is neither."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from services.cli.article_input import MOST_BYTES, Day, Given, read_article
from services.contracts.instants import from_timestamp

NOW = datetime(2026, 3, 12, 8, tzinfo=UTC)
PAGE = """<!DOCTYPE html><html lang="en-GB"><head><title>Accord signed - The Courier</title>
<meta property="og:site_name" content="The Courier">
<meta property="article:published_time" content="2026-03-11T09:00:00Z">
<link rel="canonical" href="https://courier.example/accord"></head><body>
<nav><a href="/">Home</a></nav><article><h1>Kenya and Uganda sign fishing accord</h1>
<p>Kenya and Uganda signed an accord on fishing rights in Lake Victoria on Tuesday, officials of both countries said
after a ceremony in Kisumu that drew fishermen from either shore.</p>
<p>The accord lets crews from both countries fish in all of the lake and sets up a commission that settles disputes,
the ministers told reporters. It enters into force in May.</p></article></body></html>"""


def write(folder: Path, content: str | bytes, name: str = "article.txt") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_the_first_line_of_a_text_is_its_title(tmp_path: Path) -> None:
    source = write(tmp_path, "Accord  signed\n\nKenya signed.\n  Uganda too.\n")
    article = read_article(source, Given(), NOW)
    assert article.title == "Accord signed"
    assert article.text == "Kenya signed.\nUganda too."
    assert article.url == Path(source).as_uri()
    assert not article.HasField("published_at")
    assert from_timestamp(article.first_seen_at) == NOW


def test_a_title_that_is_given_leaves_the_first_line_in_the_text(tmp_path: Path) -> None:
    article = read_article(write(tmp_path, "Kenya signed.\nUganda too."), Given(title="Accord"), NOW)
    assert (article.title, article.text) == ("Accord", "Kenya signed.\nUganda too.")


def test_a_single_line_is_text_and_no_title(tmp_path: Path) -> None:
    article = read_article(write(tmp_path, "Kenya and Uganda signed an accord.\n"), Given(), NOW)
    assert (article.title, article.text) == ("", "Kenya and Uganda signed an accord.")


def test_what_the_person_says_of_a_text_is_kept(tmp_path: Path) -> None:
    day = datetime(2026, 3, 11, 12, tzinfo=UTC)
    given = Given(date=day, url="https://www.courier.example/1", language="en-GB")
    article = read_article(write(tmp_path, "Accord\nKenya signed."), given, NOW)
    assert from_timestamp(article.published_at.at) == day
    assert (article.url, article.source.domain, article.language) == (given.url, "courier.example", "en")


@pytest.mark.parametrize("content", ["Café\nÉté".encode("utf-16"), "\ufeffCafé\nÉté".encode(), "Café\nÉté".encode()])
def test_texts_in_other_encodings_are_read(tmp_path: Path, content: bytes) -> None:
    article = read_article(write(tmp_path, content), Given(), NOW)
    assert (article.title, article.text) == ("Café", "Été")


def test_the_same_text_is_the_same_article(tmp_path: Path) -> None:
    one, two = (read_article(write(tmp_path, "A\nB."), Given(url="https://a.example/1"), NOW) for _ in range(2))
    assert one.id == two.id
    assert one.id != read_article(write(tmp_path, "A\nB."), Given(url="https://a.example/2"), NOW).id


@pytest.mark.parametrize("name", ["accord.html", "accord.txt"])
def test_a_saved_page_is_read_as_the_fetcher_reads_pages(tmp_path: Path, name: str) -> None:
    article = read_article(write(tmp_path, PAGE, name), Given(), NOW)
    assert article.title == "Kenya and Uganda sign fishing accord"
    assert len(article.paragraphs) == 2
    assert "Home" not in article.text
    assert (article.url, article.source.domain, article.source.name, article.language) == (
        "https://courier.example/accord",
        "courier.example",
        "The Courier",
        "en",
    )
    assert from_timestamp(article.published_at.at) == datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (" \n\n", "is empty: give the text of an article"),
        (b"%PDF-1.7 ...", "is no text: save the article as text or as a web page"),
        (b"\x7fELF\x00\x00\x01", "is no text"),
        ('{"url": "https://example.org/1", "title": "a"}\n', "looks like JSON lines: `dateline replay` reads those"),
    ],
)
def test_what_is_no_article_is_named_with_what_to_do(tmp_path: Path, content: str | bytes, complaint: str) -> None:
    source = write(tmp_path, content)
    with pytest.raises(click.ClickException) as raised:
        read_article(source, Given(), NOW)
    assert raised.value.message.startswith(source)
    assert complaint in raised.value.message


def test_input_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="longer than 16,000,000 bytes"):
        read_article(write(tmp_path, b"a" * (MOST_BYTES + 1)), Given(), NOW)


@pytest.mark.parametrize("source", ["nowhere.txt", "ftp://example.org/1"])
def test_a_file_that_is_not_there_is_told(source: str) -> None:
    with pytest.raises(click.ClickException, match=r"cannot be read: No such file or directory\. Name a file, an addr"):
        read_article(source, Given(), NOW)


def test_a_page_without_an_article_is_told(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="page"):
        read_article(write(tmp_path, "<html><body></body></html>"), Given(), NOW)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-11", datetime(2026, 3, 11, 12, tzinfo=UTC)),
        ("2026-03-11T23:30:00-05:00", datetime(2026, 3, 12, 4, 30, tzinfo=UTC)),
    ],
)
def test_a_day_or_an_instant_is_a_date(text: str, instant: datetime) -> None:
    assert Day().convert(text, None, None) == instant


@pytest.mark.parametrize("text", ["11.03.2026", "Tuesday", "2026-03-11T09:00:00", ""])
def test_other_dates_are_told_how_to_write_them(text: str) -> None:
    with pytest.raises(click.UsageError, match="write it as 2025-02-12 or 2025-02-12T23:00:00Z"):
        Day().convert(text, None, None)
