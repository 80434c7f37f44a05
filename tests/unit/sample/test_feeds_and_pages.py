"""Feeds, pages and lists are well formed, complete and marked as a sample."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from deploy.sample import feeds, render
from deploy.sample.articles import Article, Outlet
from deploy.sample.routes import Newsroom, respond
from deploy.sample.schedule import Timetable, compose, current_stories

START = datetime(2031, 11, 19, 9, 0, tzinfo=UTC)
PORT = 8090
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
BANNER = "SAMPLE – fictional newsroom for trying out Dateline"
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """Checks that elements nest, and collects the text inside and outside the article element."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.inside: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.inside if "article" in self.open else self.outside).append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(scope="session")
def newsroom(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> Newsroom:
    timetable = Timetable(START)
    return Newsroom(outlets, compose(articles, outlets, timetable, PORT), timetable, PORT)


def get(newsroom: Newsroom, host: str, path: str) -> str:
    response = respond(newsroom, len(newsroom.stories), host, path, {})
    assert response.status == 200
    return response.body.decode()


def pages(newsroom: Newsroom, outlet: Outlet) -> list[str]:
    return [get(newsroom, outlet.host, f"/news/{s.slug}") for s in current_stories(newsroom.stories, outlet)]


def test_rss_feeds_hold_all_pages_newest_first(newsroom: Newsroom) -> None:
    for outlet in (outlet for outlet in newsroom.outlets if outlet.feed_kind == "rss"):
        channel = ET.fromstring(get(newsroom, outlet.host, "/feed.xml")).find("channel")
        assert channel is not None
        items = channel.findall("item")
        dates = [parsedate_to_datetime(item.findtext("pubDate", "")) for item in items]
        assert len(items) == len(current_stories(newsroom.stories, outlet))
        assert dates == sorted(dates, reverse=True)
        for item in items:
            guid = item.find("guid")
            assert guid is not None
            assert guid.get("isPermaLink") == "true"
            assert guid.text == item.findtext("link")
            assert (item.find(CONTENT) is not None) == (outlet.text_kind == "full")


def test_atom_feeds_hold_all_pages_newest_first(newsroom: Newsroom) -> None:
    for outlet in (outlet for outlet in newsroom.outlets if outlet.feed_kind == "atom"):
        feed = ET.fromstring(get(newsroom, outlet.host, "/feed.xml"))
        entries = feed.findall(f"{ATOM}entry")
        updated = [entry.findtext(f"{ATOM}updated", "") for entry in entries]
        assert len(entries) == len(current_stories(newsroom.stories, outlet))
        assert updated == sorted(updated, reverse=True)
        assert feed.findtext(f"{ATOM}updated") == updated[0]
        for entry in entries:
            link = entry.find(f"{ATOM}link")
            assert link is not None
            assert entry.findtext(f"{ATOM}id") == link.get("href")
            assert (entry.find(f"{ATOM}content") is not None) == (outlet.text_kind == "full")


def test_a_revision_shows_in_the_feed_under_the_first_date(newsroom: Newsroom) -> None:
    feed = ET.fromstring(get(newsroom, "continental-post.localhost", "/feed.xml"))
    entry = next(e for e in feed.iter(f"{ATOM}entry") if "chile-power" in e.findtext(f"{ATOM}id", ""))
    assert entry.findtext(f"{ATOM}published") == "2031-11-19T09:00:12Z"
    assert entry.findtext(f"{ATOM}updated") == "2031-11-19T09:02:58Z"


def test_full_text_feeds_carry_every_paragraph(newsroom: Newsroom) -> None:
    for outlet in (outlet for outlet in newsroom.outlets if outlet.text_kind == "full"):
        root = ET.fromstring(get(newsroom, outlet.host, "/feed.xml"))
        texts = [e.text or "" for e in root.iter() if e.tag in (CONTENT, f"{ATOM}content")]
        stories = current_stories(newsroom.stories, outlet)
        assert [tuple(unescape(p) for p in re.findall(r"<p>(.*?)</p>", text)) for text in texts] == [
            story.paragraphs for story in stories
        ]


def test_every_feed_says_that_it_is_a_sample(newsroom: Newsroom) -> None:
    for outlet in newsroom.outlets:
        root = ET.fromstring(get(newsroom, outlet.host, "/feed.xml"))
        title = root.findtext("channel/title") or root.findtext(f"{ATOM}title") or ""
        description = root.findtext("channel/description") or root.findtext(f"{ATOM}subtitle") or ""
        assert title.endswith(" (sample)")
        assert BANNER in description


def test_every_page_is_marked_outside_the_article(newsroom: Newsroom) -> None:
    for outlet in newsroom.outlets:
        for page in (get(newsroom, outlet.host, "/"), *pages(newsroom, outlet)):
            parsed = outline(page)
            assert BANNER in "".join(parsed.outside)
            assert "SAMPLE" not in "".join(parsed.inside)
    assert BANNER in get(newsroom, "127.0.0.1", "/")


def test_an_article_page_holds_its_text_amid_furniture(newsroom: Newsroom) -> None:
    for outlet in newsroom.outlets:
        for story, page in zip(current_stories(newsroom.stories, outlet), pages(newsroom, outlet), strict=True):
            inside = "".join(outline(page).inside)
            assert all(paragraph in inside for paragraph in (story.title, story.author, *story.paragraphs))
            assert f'<link rel="canonical" href="{story.url}">' in page
            assert '<meta property="og:title"' in page
            assert "<time datetime=" in page
            assert all(f"<{tag}" in page for tag in ("nav", "footer", "aside"))


def test_only_json_ld_outlets_carry_json_ld(newsroom: Newsroom) -> None:
    pattern = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
    for outlet in newsroom.outlets:
        for story, page in zip(current_stories(newsroom.stories, outlet), pages(newsroom, outlet), strict=True):
            found = pattern.findall(page)
            assert len(found) == (outlet.text_kind == "json-ld")
            if found:
                fields = json.loads(found[0])
                assert fields["@type"] == "NewsArticle"
                assert fields["articleBody"].split("\n\n") == list(story.paragraphs)


def test_hostile_text_is_escaped_everywhere(outlets: tuple[Outlet, ...]) -> None:
    nasty = "</script><script>alert(\"x & y\")</script> 'quoted' ]]>"
    for outlet in outlets:
        article = Article("nasty", outlet.id, "none", "nasty", nasty, nasty, 0, (nasty,) * 4)
        story = compose([article], [outlet], Timetable(START), PORT)[0]
        page = render.article_page(story, [story], PORT)
        assert "<script>" not in page
        assert nasty in "".join(outline(page).inside)
        root = ET.fromstring(feeds.feed(outlet, [story], START, PORT))
        titles = [element.text for element in root.iter() if element.tag in ("title", f"{ATOM}title")]
        assert nasty in titles


def test_opml_lists_the_six_marked_feeds(newsroom: Newsroom) -> None:
    root = ET.fromstring(get(newsroom, "localhost", "/opml"))
    outlines = root.findall("body/outline")
    assert root.findtext("head/title") == "Dateline sample newsroom (fictional)"
    assert [o.get("xmlUrl") for o in outlines] == [f"http://{o.id}.localhost:8090/feed.xml" for o in newsroom.outlets]
    for outline_ in outlines:
        assert outline_.get("dateline-sample") == "true"
        assert outline_.get("category")
        assert (outline_.get("title") or "").endswith(" (sample)")


@pytest.mark.parametrize(
    "host", ["meridian-wire.localhost", "MERIDIAN-WIRE.localhost:8090", "meridian-wire.localhost.:80"]
)
def test_an_outlet_is_found_by_host_name_alone(newsroom: Newsroom, host: str) -> None:
    assert "Meridian Wire (sample)" in get(newsroom, host, "/")


def test_an_unknown_host_gets_404(newsroom: Newsroom) -> None:
    assert respond(newsroom, 1, "example.org", "/", {}).status == 404


def test_pages_do_not_change_while_other_stories_are_released(newsroom: Newsroom) -> None:
    first = newsroom.stories[0]
    path = f"/news/{first.slug}"
    answers = {respond(newsroom, n, first.outlet.host, path, {}).body for n in range(1, len(newsroom.stories) + 1)}
    assert len(answers) == 1
